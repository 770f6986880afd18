"""Every number of the inverse, with its unit and source; those without a source were chosen on Kodak 13-24
and CLIC 09-20. Images are in 0..1."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from blindsr.restoration.network.detail_net import DetailLayout
from blindsr.restoration.network.weights import NetworkFile, read_network
from srbase.errors import InputError
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.range_limits import SaturationConfig
from srbase.kernels.kernel import SCALES
from zssr.config import ZSSRConfig

AUTO: Final = "auto"
"""In place of a file: the networks that the package carries."""
ASSETS: Final = tuple(Path(__file__).parent / "assets" / f"detail_x{scale}.pth" for scale in SCALES)


@dataclass(frozen=True, kw_only=True)
class LinearConfig:
    """Numbers of the linear inverse (:mod:`blindsr.restoration.linear`)."""

    weight: float = 1e-4
    """Noise variance over the prior's amplitude, the weight of the penalty, of a clean 8-bit photograph: the
    best single value."""
    spectral_exponent: float = 2.5  # alpha; 2 is the squared gradient, and 0.05 dB worse
    radii: tuple[int, ...] = (16, 32, 64)
    """LR pixels on each side that the filter may see; the first is taken that leaves no more than ``tail`` of
    the sum of the filter's absolute values outside. 16 leaves 1 % or so of a Gaussian kernel's. Kernels whose
    spectrum has zeros (motion, a wide disc) ring far: cut at 16, a motion's filter lost a fifth or more."""
    tail: float = 0.01  # share of that sum that may lie beyond the radius
    period: int = 4  # the impulse is solved on a period of so many radii

    def __post_init__(self) -> None:
        if not 0 < self.weight < float("inf"):
            raise InputError(f"inverse weight is {self.weight}; wanted a number over 0")
        if not self.radii or min(self.radii) < 1:
            raise InputError(f"inverse radii are {self.radii}; wanted at least one, each at least 1")
        if not 0 < self.tail < 1:
            raise InputError(f"inverse tail is {self.tail}; wanted a share of 1")


@dataclass(frozen=True, kw_only=True)
class NoiseConfig:
    """Numbers of the estimates that set the weight (:mod:`blindsr.restoration.noise`)."""

    window: int = 128  # LR pixels a side of the periodogram's windows, half overlapping
    smallest: int = 16  # LR pixels a side: a smaller image says nothing of its noise
    most: int = 128  # windows; those of a larger image are cut further apart
    block: int = 8  # LR pixels a side of the blocks among which flat ones are looked for
    quiet: float = 0.05
    """Share of the blocks, and of the periodogram's cells, that is thought free of content."""
    cells: int = 8  # frequencies a side of a cell of the averaged periodogram
    band: tuple[float, float] = (0.05, 0.35)  # cycles per LR pixel in which the amplitude is fitted
    lowest: float = 0.03  # cycles per LR pixel: below, the window's own width shows
    likely_most: float = 30.0
    """Times the weight by noise and amplitude: the most that the spectrum may ask for."""
    likely_steps: int = 4  # weights a factor of ten that are tried
    rounding: float = QUANTISATION
    """Least variance: that of rounding to the image's levels. :mod:`blindsr.adaptation` sets it."""
    weight_min: float = 1e-5  # bounds of the weight: none better was met outside, noise to 8/255 included
    weight_max: float = 0.3


@dataclass(frozen=True, kw_only=True)
class RoundsConfig:
    """How hard the edge-adaptive inverse works on a kind of planes."""

    rounds: int  # of steering and solving
    steps: int  # of conjugate gradients a round
    strength: float  # of the penalty, as a share of the planes' noise variance

    def __post_init__(self) -> None:
        for name in ("rounds", "steps"):
            if getattr(self, name) < 1:
                raise InputError(f"adaptive {name} is {getattr(self, name)}; wanted at least 1")
        if not 0 < self.strength < float("inf"):
            raise InputError(f"adaptive strength is {self.strength}; wanted a number over 0")


@dataclass(frozen=True, kw_only=True)
class AdaptiveConfig:
    """Numbers of the edge-adaptive inverse (:mod:`blindsr.restoration.adaptive`)."""

    luma: RoundsConfig = RoundsConfig(rounds=3, steps=10, strength=0.06)
    """Luma, or the one plane of a gray image. The strength is under 1, as gradients are not Gaussian."""
    chroma: RoundsConfig = RoundsConfig(rounds=1, steps=4, strength=0.12)
    """Both colour differences together. They have little detail of their own."""
    floor: float = 3e-5  # gradient variance of a flat part (1.4 grey levels of 255, squared)
    blur: float = 1.0  # HR pixels: deviation of the neighbourhood of J
    doubt: float = 3.0  # how fast the strength grows with the linear inverse's misfit; see penalty_factor

    def __post_init__(self) -> None:
        if not self.doubt >= 0:
            raise InputError(f"adaptive doubt is {self.doubt}; wanted 0 or more")
        for name in ("floor", "blur"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InputError(f"adaptive {name} is {getattr(self, name)}; wanted a number over 0")


@dataclass(frozen=True, kw_only=True)
class InverseConfig:
    """The inverse of a known kernel as a whole. ``adaptive`` None: the linear inverse alone."""

    linear: LinearConfig = field(default_factory=LinearConfig)
    noise: NoiseConfig = field(default_factory=NoiseConfig)
    adaptive: AdaptiveConfig | None = field(default_factory=AdaptiveConfig)
    window: int = 512  # LR pixels: the central part on which the linear inverse's misfit is measured
    validation_window: int = 320
    """LR pixels a side: the central part on which the weight between both inverses is chosen."""


@dataclass(frozen=True, kw_only=True)
class ColouredNoiseConfig:
    """Numbers of the inverse under coloured noise (:mod:`blindsr.restoration.inverse`)."""

    spectral_exponent: float = 2.5  # of the photographs' prior, as in LinearConfig
    band: tuple[float, float] = (0.05, 0.35)  # cycles per LR pixel in which the prior's amplitude is fitted
    frequencies: int = 4096  # of the band that are looked at, at most
    amplitude_steps: int = 8  # amplitudes a factor of ten that are tried
    adaptive: AdaptiveConfig | None = AdaptiveConfig(luma=RoundsConfig(rounds=3, steps=8, strength=0.2))
    """Of luma; None: the linear inverse alone. Stronger than for a computer's kernel: what is unknown of
    cameras and compression is less like noise, and edges are sure."""
    window: int = 512  # LR pixels: the central part on which the amplitude is fitted
    reach: int = 24  # LR pixels on each side on which an HR pixel depends

    def __post_init__(self) -> None:
        if self.reach < 0:
            raise InputError(f"coloured noise's reach is {self.reach}; wanted 0 or more")


@dataclass(frozen=True, kw_only=True)
class CameraConfig:
    """What a camera does, in LR pixels (:mod:`blindsr.restoration.camera`). The means over 84 real pairs of
    five makes: any set left out, the others' numbers lose at most 0.1 dB on it, but for the one whose camera
    was shrunk by a computer afterwards."""

    variance: float = 0.4  # LR px^2: lens and pixel, a Gaussian
    amount: float = 0.3  # of the unsharp mask that the camera adds
    radius: float = 2.0  # LR pixels: deviation of the mask's Gaussian
    weight: float = 0.004
    """Noise over amplitude, white: what the camera's own denoising, demosaicing and the spread of cameras
    leave unknown."""

    def __post_init__(self) -> None:
        for name in ("variance", "radius", "weight"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InputError(f"camera's {name} is {getattr(self, name)}; wanted a number over 0")
        if not self.amount > -1:
            raise InputError(f"camera's amount is {self.amount}; wanted more than -1")


@dataclass(frozen=True, kw_only=True)
class ExpectedLossConfig:
    """Numbers of the rule that are not learned."""

    shrinkage: float = 1.0
    """Share of the filter's deviation that is used: under 1, doubt about everything that was not met."""
    risk: float = 4.0  # r: how much more pictures count on which the combination loses
    least_groups: float = 20.0
    """How many groups of learned pictures have a say at least (exp of the entropy of their probabilities): a
    picture far from all of them is not judged by the nearest alone."""
    steps: int = 6  # of reweighting
    width: float = 0.02  # of relative error, over which a loss begins to count
    floor: float = 0.05  # least relative error by which a picture is weighted: 13 dB of gain
    prior: float = 0.03  # of the pictures' mean A, added to every mean: it draws weights to 0
    slack: float = 0.0
    """How far outside the range of the 3x3 LR pixels a value may lie, in ranges, where nothing is undone."""
    slack_kernel: float = 2.0  # the same, for a weight of 1 of the kernel's inverse
    slack_camera: float = 0.5  # likewise of the camera's inverse
    beyond: tuple[float, float] = (0.10, 0.20)
    """Share of the features beyond three standard deviations over which the combination falls to bicubic
    interpolation: such a picture is like none of those that were learned from."""
    least: float = 0.15
    """Weight of an inverse under which it is left out, its work with it, and the rest is solved again. A
    little of an inverse that is wrong by 20 dB does harm."""
    limit: float = 3.0  # standard deviations that features are clipped to


@dataclass(frozen=True, kw_only=True)
class DrawingConfig:
    """Numbers of the enlargement of drawings, chosen on those of docs/everyday.md. Images are in 0..1."""

    flat: float = 2.5 / 255  # largest range of a flat 3x3 neighbourhood: a ripple of the filter's own
    flat_stored: float = 6.5 / 255  # the same of a JPEG
    same: float = 3 / 255  # difference up to which two colours are the same
    reach: int = 2  # LR pixels from a pixel within which a flat area is beside it
    slack: float = 0.5
    """How far values may go beyond the 3x3 LR pixels where no flat area has that colour, over their range."""
    overshoot: float = 0.08
    """By how much, over the image's range, its darkest or lightest value may exceed that of its flat areas
    and still be theirs: a filter with negative lobes overshoots beside edges."""
    projections: int = 20
    inverse: InverseConfig = field(default_factory=InverseConfig)
    """Of the bicubic kernel, where the projections start."""
    saturation: SaturationConfig = field(default_factory=SaturationConfig)  # how means are kept at the end

    def __post_init__(self) -> None:
        if not 0 <= self.flat <= self.flat_stored < 1 or not 0 <= self.same < 1:
            raise InputError(
                f"drawing's flat is {self.flat}, flat_stored {self.flat_stored}, same {self.same}; "
                "wanted shares of 1, flat not over flat_stored"
            )
        if self.reach < 1 or self.projections < 0 or not self.slack >= 0:
            raise InputError(
                f"drawing's reach is {self.reach}, projections {self.projections}, slack {self.slack}; "
                "wanted at least 1, 0 and 0"
            )


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """A trained network by its file, and how it is run; make it by :meth:`of`."""

    file: str = field(metadata={"place": True})
    """Where the weights lie. Recorded, but no part of the fingerprint: ``sha256`` says which they are."""
    sha256: str
    architecture: str  # in words, for the record
    noise_level: float = 0.6
    """Grey levels of 255: deviation of white noise that the network is told of a clean 8-bit picture whose
    kernel is right. More than rounding leaves (0.29), since an estimated kernel is not exact."""
    noise_level_most: float = 3.0  # grey levels: the most that doubt in the kernel makes of it
    share: float = 0.8
    """Of the network in the picture, 0..1; the rest is the untrained result, whose errors are others."""
    inverse: InverseConfig = field(default_factory=InverseConfig)  # by which the kernel is put to the test
    saturation: SaturationConfig = field(default_factory=SaturationConfig)  # likewise: into 0..1
    window: int = 256  # LR pixels a side: the central part on which that is done
    block: int = 8  # LR pixels a side of the blocks whose misfits are compared
    worst: float = 0.03  # share of the blocks that count: a wrong kernel shows at the strongest edges
    doubtful: float = 0.35
    """Grey levels: misfit of the worst blocks at which a kernel is in doubt. On development pictures at most
    0.38 where the network was the better one, 0.5 to 1.7 where it lost."""
    tile: int = 512  # HR pixels a side that are solved at once
    rim: int = 16
    """LR pixels around them that are solved along. With 8 a pixel differs from that of the whole image by at
    most 0.1 grey levels of 255."""

    def __post_init__(self) -> None:
        for name in ("noise_level", "noise_level_most", "doubtful"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InputError(f"network {name} is {getattr(self, name)}; wanted grey levels over 0")
        for name in ("share", "worst"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"network {name} is {getattr(self, name)}; wanted 0 to 1")
        if self.block < 1 or self.window < 4 * self.block:
            raise InputError(f"network window is {self.window}; wanted at least four blocks of {self.block}")
        if self.tile < 4 or self.rim < 0:
            raise InputError(f"network tile is {self.tile}, rim {self.rim}; wanted at least 4, and 0 or more")

    @classmethod
    def of(cls, file: str | os.PathLike[str]) -> NetworkConfig:
        """For a file of weights, which is read and checked.

        Args:
            file: a state dict of USRNet.

        Returns:
            The settings.

        Raises:
            InputError: where the file cannot be used.
        """
        found = network_config(file)
        if not isinstance(found, NetworkConfig):
            raise InputError(f"{file} is a {found[0].architecture}; wanted a USRNet")
        return found


@dataclass(frozen=True, kw_only=True)
class DetailConfig:
    """A trained network that adds detail to results of unknown history; made by :func:`network_config`."""

    file: str = field(metadata={"place": True})
    """Where the weights lie. Recorded, but no part of the fingerprint: ``sha256`` says which they are."""
    sha256: str
    architecture: str  # in words, for the record
    scale: int  # that it was trained for
    share: float = 0.65
    """Of its residual that is added, 0..1. On 316 pictures of photographs that the package's network for x2
    did not learn from, shares of 1, 0.8, 0.65 and 0.5 gain +0.52, +0.50, +0.45 and +0.38 dB, and 8, 4, 2 and
    1 % of the pictures lose over 0.1 dB: smooth ones, most at 45 dB and more."""

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InputError(f"detail share is {self.share}; wanted 0 to 1")


def network_config(file: str | os.PathLike[str]) -> NetworkConfig | tuple[DetailConfig, ...]:
    """The settings of trained networks.

    Args:
        file: weights of a USRNet or of a detail network, which are read and checked; ``auto``: those of the
            detail networks that the package carries, one for each scale.

    Returns:
        The settings, with the defaults for how it is run.

    Raises:
        InputError: where the file cannot be used.
    """
    if os.fspath(file) == AUTO:
        return tuple(_detail_config(path, read_network(path)) for path in ASSETS)
    path = Path(file).resolve()  # a worker may run elsewhere
    found = read_network(path)
    if isinstance(found.layout, DetailLayout):
        return (_detail_config(path, found),)
    return NetworkConfig(file=str(path), sha256=found.sha256, architecture=str(found.layout))


def _detail_config(path: Path, found: NetworkFile) -> DetailConfig:
    assert isinstance(found.layout, DetailLayout)
    words = str(found.layout)
    return DetailConfig(file=str(path), sha256=found.sha256, architecture=words, scale=found.layout.scale)


@dataclass(frozen=True, kw_only=True)
class RestorationConfig:
    """How an image is restored when its kernel and origin are known (:mod:`blindsr.restoration.blend`)."""

    camera: CameraConfig = field(default_factory=CameraConfig)
    coloured: ColouredNoiseConfig = field(default_factory=ColouredNoiseConfig)
    noise: NoiseConfig = field(default_factory=NoiseConfig)
    ordinary: float = 1e-4
    """Noise over amplitude that rounding to 8 bits has in a photograph of ordinary detail, as
    ``LinearConfig.weight``."""
    inverse: InverseConfig | None = field(default_factory=InverseConfig)
    """Of a kernel: what ZSSR's network adds its residual to; None: bicubic interpolation, as in its paper."""
    zssr: ZSSRConfig = field(default_factory=ZSSRConfig)
    expected_loss: ExpectedLossConfig = field(default_factory=ExpectedLossConfig)
    drawing: DrawingConfig = field(default_factory=DrawingConfig)
    sure: tuple[float, float] = (0.5, 0.85)
    """Weights of the kernel's inverse in the combination between which the kernel's inverse alone, with its
    network, takes the combination's place."""
    quiet: float = 1.5 / 255
    """Standard deviation of noise, images in 0..1, over which no network is trained, as it would learn it."""
    network: NetworkConfig | None = field(default=None, metadata={"optional": True})
    """A network that others trained, beside ZSSR; None: there is none."""
    detail: tuple[DetailConfig, ...] | None = field(default=None, metadata={"optional": True})
    """Networks that add detail where the kernel is not sure, one for a scale; None: there is none."""
    trust: float | None = None
    """Blend: 0 gives bicubic interpolation, 1 (and None) the full restoration."""
    tile: int = 1024  # HR pixels a side of the tiles of every blend (drawings and bicubic interpolation too)
    rim: int = 24
    """LR pixels that are read around a tile, at least; more where an inverse depends on more."""

    def __post_init__(self) -> None:
        if self.tile < 4 or self.rim < 0:
            raise InputError(f"tile is {self.tile}, rim {self.rim}; wanted at least 4, and 0 or more")
        if self.trust is not None and not 0 <= self.trust <= 1:
            raise InputError(f"trust is {self.trust}; wanted 0 (bicubic interpolation) to 1")
        if not 0 <= self.sure[0] < self.sure[1] <= 1:
            raise InputError(f"sure is {self.sure}; wanted two rising weights in 0..1")

    def detail_for(self, scale: int) -> DetailConfig | None:
        """The network that adds detail at a scale.

        Args:
            scale: that is computed.

        Returns:
            Its settings; None where no network is asked for.

        Raises:
            InputError: where those that are asked for are for other scales.
        """
        if not self.detail:
            return None
        for one in self.detail:
            if one.scale == scale:
                return one
        other = self.detail[0]
        raise InputError(f"{other.file} is a network for x{other.scale}; wanted one for x{scale}")

    def kernel_share(self, kernel: float) -> float:
        """The share of the result that the kernel's inverse alone makes.

        Args:
            kernel: weight of the kernel's inverse in the combination, 0..1.

        Returns:
            0 (the combination) to 1 (the kernel's inverse alone).
        """
        low, high = self.sure
        return min(max((kernel - low) / (high - low), 0.0), 1.0)
