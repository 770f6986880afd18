"""Every number of the spectral estimate, with its unit and source; those without a source were chosen on
development photographs (Kodak 13-24, CLIC 09-20)."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from blindsr.analysis.jpeg_grid import JPEGGridConfig
from blindsr.analysis.jpeg_noise import JPEGNoiseConfig
from blindsr.spectral.antisymmetric import AntisymmetricConfig
from blindsr.spectral.cells import CROPPED, SHIFTED, WHOLE, Taper
from blindsr.spectral.prior import ContentPrior
from blindsr.spectral.shapes import Bicubic, Box, Disc, Motion, Shape
from srbase.errors import InputError


@dataclass(frozen=True, kw_only=True)
class WelchConfig:
    """How windows are cut, chosen and averaged (:mod:`blindsr.spectral.periodogram`)."""

    window: int = 64  # LR pixels a side
    hop: int = 32  # LR pixels: half overlapping
    most: int = 2048
    """Windows: of a larger image they are cut further apart, as many say no more about one kernel."""
    kept: float = 0.5  # share of windows, those with more energy
    mean_power: float = 0.75
    """Power q of the mean: 1 (Welch's) has the better trace, 0.5 the better direction."""
    clipped_share: float = 0.05
    """Of a window's samples; windows with more are used only if too few others are left."""
    clip_margin: float = 0.5 / 255  # as close to 0 or 1 as this counts as clipped: half an 8-bit level
    white: float = 1.0  # the value at which the image is clipped above
    parts: int = 3  # the image is cut in parts x parts for the jackknife
    floor_share: float = 0.02  # the quietest share of windows shows the noise
    corner: float = 0.5  # cycles per LR pixel: noise is read beyond this radius
    quantisation: float = 1 / (12 * 255**2)  # variance of rounding to 8 bits, image in 0..1

    def __post_init__(self) -> None:
        if self.window < 16 or not 0 < self.hop <= self.window:
            raise InputError(
                f"window {self.window}, hop {self.hop}; wanted a window of 16 or more and 0 < hop <= window"
            )
        if not 0 < self.kept <= 1 or not 0 < self.mean_power <= 1:
            raise InputError(f"kept is {self.kept}, mean_power {self.mean_power}; wanted both in 0..1, not 0")


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """Numbers of the fit (:mod:`blindsr.spectral.fit`)."""

    low: float = 0.03  # cycles per LR pixel: below, the window's own width shows
    high: float = 0.5  # cycles per LR pixel: beyond, noise rules
    tau: float = 1.5  # deviation of log power
    tau_of_rms: float = 4.0  # with deviating cells: tau against the residual's rms
    tau_least: float = 0.3  # and never under this
    freedom: float = 4.0  # of the Student distribution
    rounds: int = 2  # of weighing the cells anew
    eta: float = 0.25**2 / 3  # cell noise of DIV2KRK kernels, U(-0.25, 0.25) (KernelGAN, section 5.1)
    eta_shape: float = 0.002  # the same for exact shapes (disc, box ...), which are cleaner
    tapers: tuple[Taper, ...] = (SHIFTED, CROPPED, WHOLE)
    """Of the Gaussian that are compared by their evidence (:mod:`blindsr.spectral.mixture`)."""
    taper_probabilities: tuple[float, ...] = (0.8, 0.1, 0.1)
    """Prior of each. DIV2KRK's is the field's benchmark. With more of it kernels of other makers lose, with
    less its own get too wide."""
    deviation_most: float = 0.6  # of a pair of cells from the Gaussian
    variance_mean: float = 2.5  # HR px^2: prior of an axis variance (DIV2KRK: 0.6 to 5)
    trace_std: float = 1.4  # HR px^2: prior deviation of half the trace
    noise_std: float = 0.3  # of log N: prior deviation from the value read in quiet windows
    anisotropy_std: float = 1.0  # HR px^2: prior deviation of (V_yy - V_xx) / 2 and of V_xy
    variance_low: float = 0.12  # HR px^2: a kernel narrower than this is one cell
    variance_high: float = 9.0  # HR px^2: wider ones leave the window
    steps: int = 15  # at most
    tolerance: float = 1e-4  # relative drop of the cost at which the fit stops

    def __post_init__(self) -> None:
        probabilities = self.taper_probabilities
        if not self.tapers or len(probabilities) != len(self.tapers) or min(probabilities) <= 0:
            raise InputError(
                f"fit has {len(self.tapers)} tapers of probabilities {probabilities}; wanted at least one, "
                "each with a probability over 0"
            )

    def variance_precision(self) -> npt.NDArray[np.float64]:
        """Inverse prior covariance of V = (yy, xx, xy), (3, 3)."""
        trace, part = self.trace_std**2, self.anisotropy_std**2
        covariance = np.array(
            [[trace + part, trace - part, 0.0], [trace - part, trace + part, 0.0], [0.0, 0.0, part]]
        )
        return np.asarray(np.linalg.inv(covariance), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class ShapesConfig:
    """Which kernels that are no Gaussians are looked for (:mod:`blindsr.spectral.recognise`): none in a
    JPEG, whose zeros look like theirs."""

    shapes: tuple[Shape, ...] = (Bicubic(), Disc(), Box(), Motion())  # none: always the Gaussian
    screen_steps: int = 2  # fit steps for every candidate
    final_steps: int = 6  # for the best of each family and its neighbours


@dataclass(frozen=True, kw_only=True)
class SpectralConfig:
    """Numbers of the estimate as a whole, and the settings of its steps."""

    welch: WelchConfig = field(default_factory=WelchConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    prior: ContentPrior = field(default_factory=ContentPrior)
    shapes: ShapesConfig = field(default_factory=ShapesConfig)
    jpeg_grid: JPEGGridConfig = field(default_factory=JPEGGridConfig)
    quantisation: JPEGNoiseConfig = field(default_factory=JPEGNoiseConfig)
    antisymmetric: AntisymmetricConfig | None = None
    """How the antisymmetric part is read from edges; None: the kernel stays its own half turn."""
    few_windows: float = 3.0
    """The errors' variance grows by 1 + this / windows."""
    covariance_share: float = 0.5
    """Of the covariance that curvature and jackknife give, which is too large: ``FitConfig.tau_of_rms``
    believes each cell of the spectrum less than it errs. With this share the standardised errors have a
    deviation of 1 (``make calibration-figures``)."""
    scale_error: float = 0.04
    """Relative deviation of the kernel's covariance as a whole that is added: photographs' spectra differ in
    more ways than their prior has terms, and a narrow posterior would not know it. Chosen likewise."""

    @property
    def smallest_image(self) -> int:
        """Pixels a side that the image must at least have: a window."""
        return self.welch.window
