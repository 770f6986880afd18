"""Every number of the analysis, with its unit and source."""

from dataclasses import dataclass, field
from typing import Literal

from blindsr.analysis.features import FeatureConfig
from blindsr.analysis.jpeg_history import JPEGHistoryConfig
from blindsr.analysis.jpeg_noise import QuantisationConfig

Assumption = Literal["auto", "camera", "computer"]


@dataclass(frozen=True, kw_only=True)
class AnalysisConfig:
    """How it is judged what kind of picture an image is, and what was done to it."""

    assume: Assumption = "auto"
    """``camera``: the picture is as a camera took it, and no kernel is inverted; ``computer``: it was
    downscaled by a kernel, which is inverted and nothing else; ``auto``: as its features show."""
    features: FeatureConfig = field(default_factory=FeatureConfig)
    jpeg_history: JPEGHistoryConfig | None = field(default_factory=JPEGHistoryConfig)
    """How pixels without a file's tables are examined for an earlier JPEG; None: they are not."""
    jpeg_noise: QuantisationConfig = field(default_factory=QuantisationConfig)
    jpeg_negligible: float = 2.0
    """Variance of a JPEG's noise over rounding's up to which the JPEG is neglected: its tables are as fine as
    rounding, and networks train on it."""
