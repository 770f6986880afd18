"""Every number of the spectral estimate, with its unit and source; those without a source were chosen on
development photographs (Kodak 13-24, CLIC 09-20)."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from blindsr.analysis.jpeg_grid import JPEGGridConfig
from blindsr.restoration.config import QuantisationConfig
from blindsr.spectral.cells import CROPPED, SHIFTED, WHOLE, Taper
from blindsr.spectral.prior import ContentPrior
from blindsr.spectral.shapes import Bicubic, Box, Disc, Motion, Shape
from srbase.errors import InputError

Assumption = Literal["auto", "camera", "computer"]


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
class ColourConfig:
    """How colours are looked at (:mod:`blindsr.analysis.chroma`). Powers are in grey levels squared."""

    window: int = 32  # LR pixels a side
    hop: int = 16  # LR pixels: half overlapping
    most: int = 4096  # windows looked at, about; those of a larger image lie farther apart
    coarse: tuple[float, float] = (0.04, 0.09)  # cycles per LR pixel: every camera's colours are sound here
    fine: tuple[float, float] = (0.16, 0.25)  # cycles per LR pixel: beyond what demosaicing leaves of colours
    fine_halved: tuple[float, float] = (0.09, 0.14)
    """The same where colour differences were stored at half the size, which keeps them up to 0.25."""
    halved_loss: float = 0.23
    """Decades of power that halving (a box of two) and doubling (a triangle, as libjpeg does) take there."""
    rounding: float = 0.068  # power of 8-bit rounding in both colour differences
    gray: float = 1e-3  # power of colours over brightness, coarse: under it an image is as good as gray
    coherence_floor: float = 1e-3  # share that green need not explain: keeps the logarithm finite


@dataclass(frozen=True, kw_only=True)
class OriginConfig:
    """How a computer's image is told from a camera's (:mod:`blindsr.analysis.origin`).

    The log odds that a computer made the image small are ``prior`` and a sum of ``weight * (seen - middle)``,
    each value seen held within its limits. Fitted to the squared error over bicubic interpolation, errors
    above it counted two and a half times, on 84 real pairs (four sets, five makes of camera), regular
    scenes and development photographs under four families of kernels; whole and in pieces of 128 pixels, with
    colour and without; those of JPEGs on the pairs and the photographs at qualities 95 to 70.
    """

    prior: float = 1.7
    bandwidth: float = 3.1  # a decade
    bandwidth_middle: float = -0.35
    bandwidth_middle_halved: float = -0.15  # of colours that were stored at half the size
    bandwidth_limits: tuple[float, float] = (-1.2, 0.1)
    apart: float = 2.3  # a decade
    apart_middle: float = -1.8
    apart_limits: tuple[float, float] = (-2.4, -1.2)
    gray: float = -0.98  # where colours say nothing: a wrong kernel costs more than a right one gains
    gray_jpeg: float = -0.23  # the same of a JPEG
    jpeg: float = -2.2  # of being one: most are as a camera took them
    taken: float = -6.0
    """Where the file names its camera and this very size. Not fitted, nor is ``shrunk``: programs that make
    pictures smaller drop what cameras wrote, or keep the larger size in it; few write the new one."""
    shrunk: float = 4.0  # where it names a larger picture of the same shape
    shrunk_most: float = 0.9  # of the camera's pixels along each side: with more, a picture was trimmed
    shrunk_shape: float = 0.02  # most difference of the sides' shares: with more, it is a part of the larger
    slope: float = -6.1
    """A decade of the slope of a JPEG's brightness, from ``ColourConfig.coarse`` to ``fine``: cameras
    sharpen. Other images' colours say as much."""
    slope_middle: float = -1.5
    slope_limits: tuple[float, float] = (-2.2, -0.6)
    round_: float = 0.58  # a unit of log(1 + squared distance)
    round_middle: float = 1.5
    round_most: float = 50.0  # squared distance of the found variances from equal ones, in their errors
    round_slack: float = 0.02  # HR px^4: variance that is added to those errors
    misfit: float = -6.9  # a unit
    misfit_limits: tuple[float, float] = (0.6, 1.6)
    spread: float = -1.74  # a decade of the deviation of half the trace, HR px^2
    spread_middle: float = 0.19  # HR px^2
    spread_limits: tuple[float, float] = (0.08, 1.9)  # HR px^2
    trust_most: float = 0.95
    smooth: float = -2.5
    """Slope (decades from ``ColourConfig.coarse`` to ``fine``) under which an image holds nothing fine: no
    kernel that goes with its pixels falls so fast, and what is missing was missing in the original."""
    smooth_decades: float = 0.1  # of slope, over which the odds of trust fall by the factor e
    assume: Assumption = "auto"  # or "camera" or "computer", whatever the evidence says
    trust: float | None = None  # in place of what the evidence says
    sure: float = 0.9
    """Probability from which the less likely origin is left out, and its work with it."""
    worth: float = 0.4
    """Share of the result from which a computer's kernel is refined by a game and undone by a network; under
    it the spectral kernel and its inverse do, at a hundredth of the time."""

    def __post_init__(self) -> None:
        if self.trust is not None and not 0 <= self.trust <= 1:
            raise InputError(f"trust is {self.trust}; wanted 0 (bicubic interpolation) to 1")
        if not 0.5 <= self.sure <= 1:
            raise InputError(f"origin's sure is {self.sure}; wanted a probability of a half or more")


@dataclass(frozen=True, kw_only=True)
class SpectralConfig:
    """Numbers of the estimate as a whole, and the settings of its steps."""

    welch: WelchConfig = field(default_factory=WelchConfig)
    fit: FitConfig = field(default_factory=FitConfig)
    prior: ContentPrior = field(default_factory=ContentPrior)
    shapes: ShapesConfig = field(default_factory=ShapesConfig)
    jpeg_grid: JPEGGridConfig = field(default_factory=JPEGGridConfig)
    quantisation: QuantisationConfig = field(default_factory=QuantisationConfig)
    colour: ColourConfig = field(default_factory=ColourConfig)
    origin: OriginConfig = field(default_factory=OriginConfig)
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
