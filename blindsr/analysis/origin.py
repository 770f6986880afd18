"""Whether a computer made the image small, or a camera took it as it is.

It decides what the image may be asked to give back. A computer's kernel is undone wholly. A camera's image
was never larger: its lens and pixels blur, its processing sharpens and takes noise, and what is beyond that
band is lost; undoing a Gaussian there makes grain and rims. The evidence is added up as log odds, each part
one that a person can check:

======== ===============================================================================================
colours  as fine as brightness: a computer's (:mod:`blindsr.analysis.chroma`)
apart    red and blue go their own ways at fine detail: a computer's; cameras guess them from green
gray     there are no colours to ask
jpeg     it is a JPEG, as cameras' images are; its colours say less
size     the file names its camera, and the size of this very picture: a camera's; a larger one of the same
         shape: a computer's
slope    of a JPEG: brightness has little fine detail: a computer's; cameras sharpen
round    the blur found is not round: a computer's, for lenses blur round
misfit   the spectrum is none that photographs have: a pattern, text; the kernel is not to be believed
spread   parts of the image disagree about the kernel, or there are few: likewise
======== ===============================================================================================

``computer`` is the probability; where it is low because nothing is certain, the camera's mild inverse is also
the safe one. ``trust`` is how far to leave bicubic interpolation at all: an image without fine detail, whose
power falls faster than with any kernel that goes with its pixels, was blurred before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from blindsr.analysis.chroma import ColourConfig, Colours, look_at_colours
from blindsr.io.file_evidence import Size, Told
from srbase.errors import InputError

Array = npt.NDArray[np.float64]
NOTHING: Final = Told()
Assumption = Literal["auto", "camera", "computer"]


class KernelFit(Protocol):
    """What the origin is judged by of a kernel's fit: :class:`blindsr.spectral.estimate.SpectralEstimate`."""

    @property
    def covariance(self) -> Array:
        """Of the kernel, (2, 2), HR px^2."""

    @property
    def posterior(self) -> Array:
        """Covariance of its errors, (3, 3), in the order (yy, xx, xy)."""

    @property
    def misfit(self) -> float:
        """Root mean square of what the fit leaves of the log spectrum."""


@dataclass(frozen=True, kw_only=True)
class OriginConfig:
    """How a computer's image is told from a camera's.

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
    sure: float = 0.9
    """Probability from which the less likely origin is left out, and its work with it."""
    worth: float = 0.4
    """Share of the result from which a computer's kernel is refined by a game and undone by a network; under
    it the spectral kernel and its inverse do, at a hundredth of the time."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.sure <= 1:
            raise InputError(f"origin's sure is {self.sure}; wanted a probability of a half or more")


@dataclass(frozen=True)
class Origin:
    """computer: probability, 0..1, that a computer made the image small; 0 or 1 where that is sure or
    assumed. trust: 0..1, how far to leave bicubic interpolation. evidence: the parts of the log odds, by
    name."""

    computer: float
    trust: float
    evidence: Mapping[str, float]
    worth_training: bool = True
    """Whether the computer's kernel is believed enough to spend training on it."""


def judge(
    image: Array, estimate: KernelFit, rules: OriginConfig, colour: ColourConfig, told: Told = NOTHING
) -> Origin:
    """The origin of (C, H, W) in 0..1, C 1 or 3, given what its spectrum says of the kernel, and what its
    file told: its tables where they matter."""
    jpeg = told.jpeg
    halved = jpeg is not None and jpeg.chroma_halved
    stored = jpeg.chroma_noise(*colour.fine_halved) if jpeg is not None and halved else None
    colours = look_at_colours(image, colour, stored=stored)
    heard = colours.known
    middle = rules.bandwidth_middle_halved if halved else rules.bandwidth_middle
    evidence = {
        "prior": rules.prior,
        "colours": heard * _part(colours.bandwidth, rules.bandwidth, middle, rules.bandwidth_limits),
        "apart": 0.0
        if colours.apart is None
        else heard * _part(colours.apart, rules.apart, rules.apart_middle, rules.apart_limits),
        "gray": (1 - heard) * (rules.gray if jpeg is None else rules.gray_jpeg),
        "jpeg": 0.0 if jpeg is None else rules.jpeg,
        "size": _size((image.shape[1], image.shape[2]), told.taken, rules),
        "slope": 0.0
        if jpeg is None
        else _part(colours.slope, rules.slope, rules.slope_middle, rules.slope_limits),
        "round": rules.round_ * (anisotropy(estimate, rules) - rules.round_middle),
        "misfit": _part(estimate.misfit, rules.misfit, rules.misfit_limits[0], rules.misfit_limits),
        "spread": _spread(estimate, rules),
    }
    computer = float(1 / (1 + np.exp(-sum(evidence.values()))))
    if rules.assume != "auto":
        computer = float(rules.assume == "computer")
    elif max(computer, 1 - computer) >= rules.sure:
        computer = float(round(computer))
    trust = 1.0 if rules.assume == "computer" else _trust(colours, rules)
    return Origin(computer, trust, evidence, trust * computer >= rules.worth)


def anisotropy(estimate: KernelFit, rules: OriginConfig) -> float:
    """log(1 + squared distance of the found variances from those of a round blur, in standard errors)."""
    yy, xx, xy = estimate.covariance[0, 0], estimate.covariance[1, 1], estimate.covariance[0, 1]
    to_shape = np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 1.0]])
    errors = to_shape @ estimate.posterior @ to_shape.T + rules.round_slack * np.eye(2)
    shape = np.array([(yy - xx) / 2, xy])
    return float(np.log1p(min(float(shape @ np.linalg.solve(errors, shape)), rules.round_most)))


def _size(size: Size, taken: Size | None, rules: OriginConfig) -> float:
    """Log odds by a picture's size beside the one that its camera says it took."""
    if taken is None or min(taken) < 1:
        return 0.0
    shares = [ours / theirs for ours, theirs in zip(sorted(size), sorted(taken), strict=True)]
    if shares == [1.0, 1.0]:
        return rules.taken
    same_shape = abs(shares[0] - shares[1]) < rules.shrunk_shape * max(shares)
    return rules.shrunk if same_shape and max(shares) < rules.shrunk_most else 0.0


def _part(seen: float, weight: float, middle: float, limits: tuple[float, float]) -> float:
    return weight * (min(max(seen, limits[0]), limits[1]) - middle)


def _spread(estimate: KernelFit, rules: OriginConfig) -> float:
    """Log odds by the deviation of half the trace."""
    half_trace = np.array([0.5, 0.5, 0.0])
    deviation = float(np.sqrt(half_trace @ estimate.posterior @ half_trace))
    low, high = rules.spread_limits
    return rules.spread * float(np.log10(min(max(deviation, low), high) / rules.spread_middle))


def _trust(colours: Colours, rules: OriginConfig) -> float:
    """Falls where the luma's power falls faster than ``smooth``."""
    beyond = max(0.0, rules.smooth - colours.slope) / rules.smooth_decades
    odds = rules.trust_most / (1 - rules.trust_most) * np.exp(-beyond)
    return float(odds / (1 + odds))
