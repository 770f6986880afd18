"""Every number of the analysis, with its unit and source."""

from dataclasses import dataclass, field
from typing import Literal

from blindsr.analysis.features import FeatureConfig
from blindsr.analysis.jpeg_history import JPEGHistoryConfig
from blindsr.analysis.jpeg_noise import JPEGNoiseConfig
from blindsr.analysis.kind import KindConfig
from blindsr.names import KindChoice

Assumption = Literal["auto", "camera", "computer"]


@dataclass(frozen=True, kw_only=True)
class AnalysisConfig:
    """How it is judged what kind of picture an image is, and what was done to it."""

    assume: Assumption = "auto"
    """``camera``: the picture is as a camera took it, and no kernel is inverted; ``computer``: it was
    downscaled by a kernel, which is inverted and nothing else; ``auto``: as its features show."""
    features: FeatureConfig = field(default_factory=FeatureConfig)
    picture: KindChoice = "auto"
    """That the image is a photograph, a drawing or pixel art, whatever it shows; "auto": it is classified."""
    kinds: KindConfig = field(default_factory=KindConfig)
    """How it is classified, and how the blocks of pixel art are found."""
    jpeg_history: JPEGHistoryConfig | None = field(default_factory=JPEGHistoryConfig)
    """How pixels without a file's tables are examined for an earlier JPEG; None: they are not."""
    jpeg_noise: JPEGNoiseConfig = field(default_factory=JPEGNoiseConfig)
    jpeg_negligible: float = 2.0
    """Variance of a JPEG's noise over rounding's up to which the JPEG is neglected: its tables are as fine as
    rounding, and networks train on it."""
