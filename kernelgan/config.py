"""Every number of the game, with its unit and source.

"Fig. D" is that of the authors' rebuttal, "paper" the NeurIPS 2019 text, "released" the
implementation of 2020 as facts about it are known; where they disagree, both values are here.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from srbase.errors import InputError

Reduction = Literal["sum", "mean"]


@dataclass(frozen=True, kw_only=True)
class ConstraintConfig:
    """The regulariser of KernelGAN (paper, section 4.1); a weight of 0 switches its term off."""

    sum_to_1: float = 0.5  # weight of |1 - sum k| (Fig. D)
    boundaries: float = 0.5  # weight of |k * m| over the cells (Fig. D)
    sparse: float = 5.0  # weight of |k|^p over the cells (Fig. D)
    centre: float = 1.0  # weight of the distance of the centre of mass (Fig. D)
    boundaries_over: Reduction = "sum"  # the cells: sum (paper), mean (released)
    sparse_over: Reduction = "mean"  # the cells: the paper's sum empties the kernel (docs/deviations.md)
    sparse_power: float = 0.5  # p (paper); 0.2 (released)
    sparse_floor: float = 1e-4  # cells smaller than this no longer pull harder to 0; our choice
    squared_centre: bool = False  # squared error for the centre (released)
    mask_growth: float = 0.5  # per cell: m = 1 - exp(-growth * cells beyond mask_free); our choice
    mask_free: float = 4.0  # cells from the centre that the mask leaves free; our choice

    def __post_init__(self) -> None:
        for name in ("sum_to_1", "boundaries", "sparse", "centre"):
            if getattr(self, name) < 0:
                raise InputError(f"constraint weight {name} is {getattr(self, name)}; wanted 0 or more")


@dataclass(frozen=True, kw_only=True)
class BicubicPhase:
    """The released implementation's first phase: G is pulled toward bicubic downscaling."""

    weight: float = 5.0  # of the mean squared error at the start
    close: float = 0.035  # error over the target's mean square that counts as close; see docs
    patience: int = 3  # times in a row
    every: int = 200  # steps between reductions once close
    factor: float = 100.0  # by which the weight is divided
    floor: float = 5e-6  # the weight never falls under this
    switch: float = 5e-3  # weight under which centre and sparse set in


@dataclass(frozen=True, kw_only=True)
class WatchConfig:
    """When a found kernel is doubted and its game played again; our own numbers (docs/kernelgan.md)."""

    lobe: float = 0.1  # rise of a second maximum above the saddle, in shares of the first
    far: float = 4.5  # cells from the centre of mass
    far_share: float = 0.2  # of the sum of absolute values beyond them; true kernels have up to 0.11
    agreement: float = 0.95  # cosine of two kernels that agree
    again: int = 1  # times that a doubted image's games are played again

    def __post_init__(self) -> None:
        if self.again < 0:
            raise InputError(f"KernelGAN watch again is {self.again}; wanted 0 or more")


@dataclass(frozen=True, kw_only=True)
class GANConfig:
    """Settings of the game, and of the kernel that is made of what G has learned."""

    steps: int = 3000  # Fig. D; fixed, so that the run time does not depend on the image's size
    generator_filters: tuple[int, ...] = (7, 5, 3, 1, 1, 1)  # cells a side, first to last (paper)
    initial_gain: float = 0.1  # factor on G's Xavier-normal weights at the start (released)
    initial_variance: float = 0.0  # HR px^2 of the Gaussian that G starts from; 0: every cell is random
    channels: int = 64  # inside G and D (paper)
    discriminator_patch: int = 7  # pixels a side that D sees (paper)
    discriminator_hidden: int = 5  # 1x1 layers between D's first and last (paper, fig. 3)
    generator_crop: int = 64  # pixels a side of G's input (Fig. D)
    discriminator_crop: int = 32  # pixels a side of D's real input: 32 (Fig. D), 26 (released)
    learning_rate: float = 2e-4  # of G (Fig. D)
    discriminator_pace: float = 4.0  # D's learning rate over G's; 1 (Fig. D), see docs/deviations.md
    beta_1: float = 0.5  # Adam (Fig. D)
    beta_2: float = 0.999  # Adam (Fig. D)
    decay_every: int = 750  # steps (Fig. D)
    decay: float = 0.1  # factor on the learning rate (Fig. D)
    noise_std: float = 1 / 255  # deviation of the Gaussian noise on D's inputs, in 0..1 (released)
    gradient_clip: float = 100.0  # percentile at which crop gradients are clipped; 97 (released)
    smooth_generator_map: bool = False  # G's crops follow the bicubic-downscaled image (released)
    constraints: ConstraintConfig = field(default_factory=ConstraintConfig)
    onset: int = 750  # steps after which centre and sparse set in; 0: at once (paper), see docs/deviations.md
    bicubic_phase: BicubicPhase | None = None  # whose end centre and sparse also wait for
    filter_rank: int = (
        41  # post-processing: a share of the 41st largest cell is subtracted (released); 0: off
    )
    filter_share: float = 0.75  # of that cell (released)
    restarts: int = 1  # independent runs trained side by side
    watch: WatchConfig | None = None  # None: what comes out is handed on, unless it diverged

    def __post_init__(self) -> None:
        for number in ("initial_gain", "discriminator_pace"):
            if getattr(self, number) <= 0:
                raise InputError(f"KernelGAN {number} is {getattr(self, number)}; wanted more than 0")
        for number in ("initial_variance", "onset"):
            if getattr(self, number) < 0:
                raise InputError(f"KernelGAN {number} is {getattr(self, number)}; wanted 0 or more")
        for name in ("steps", "channels", "generator_crop", "discriminator_crop", "decay_every", "restarts"):
            if getattr(self, name) < 1:
                raise InputError(f"KernelGAN {name} is {getattr(self, name)}; wanted at least 1")
        if self.generator_crop < self.kernel_size + 2 * self.discriminator_patch:
            raise InputError(f"KernelGAN generator_crop is {self.generator_crop}; too small for D's patches")
        if self.discriminator_crop < self.discriminator_patch:
            raise InputError(
                f"KernelGAN discriminator_crop is {self.discriminator_crop}; wanted at least D's patch"
            )
        if not 0 < self.gradient_clip <= 100:
            raise InputError(f"KernelGAN gradient_clip is {self.gradient_clip}; wanted a percentile over 0")

    @property
    def kernel_size(self) -> int:
        """Cells a side of the composed kernel: 13 for the paper's filters."""
        return sum(self.generator_filters) - len(self.generator_filters) + 1

    @property
    def smallest_image(self) -> int:
        """Pixels a side that the image must at least have."""
        return max(self.generator_crop, self.discriminator_crop)


PAPER: Final = GANConfig()
"""The numbers of Fig. D, read in the way that works best; D learns faster than Fig. D says, which the kernels
need in order to follow the image (docs/deviations.md)."""

RELEASED: Final = GANConfig(
    discriminator_pace=1.0,
    discriminator_crop=26,
    gradient_clip=97.0,
    smooth_generator_map=True,
    constraints=ConstraintConfig(
        boundaries_over="mean", sparse_power=0.2, sparse_floor=1e-6, squared_centre=True
    ),
    onset=0,
    bicubic_phase=BicubicPhase(),
)
"""The released implementation's schedule, with its channel-mixing bicubic target and its piling noise
repaired (docs/deviations.md)."""
