"""Every number of KernelGAN, with its unit and source.

Sources: "paper" is the NeurIPS 2019 text, "Fig. D" the figure of the authors' rebuttal, and "released" the
authors' implementation of 2020. ``docs/deviations.md`` gives the reason and the measured effect of each
departure.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from srbase.errors import InputError

Reduction = Literal["sum", "mean"]
"""How a term collects the cells of a kernel."""


@dataclass(frozen=True, kw_only=True)
class ConstraintConfig:
    """The regularisation term of KernelGAN (paper, section 4.1). A weight of 0 switches its term off.

    Raises:
        InputError: If a weight is negative.
    """

    sum_to_1: float = 0.5  # weight of |1 - sum k| (Fig. D)
    boundaries: float = 0.5  # weight of sum |k * m| (Fig. D)
    sparse: float = 5.0  # weight of |k|^p over the cells (Fig. D)
    centre: float = 1.0  # weight of the distance of the centre of mass (Fig. D)
    sparse_over: Reduction = "mean"  # of |k|^p; the paper's sum empties the kernel (docs/deviations.md)
    sparse_power: float = 0.5  # p (paper); 0.2 (released)
    sparse_floor: float = 1e-4  # the slope of |k|^p stays finite below this |k|; our choice
    mask_growth: float = 0.5  # per cell: m = 1 - exp(-growth * cells beyond mask_free); our choice
    mask_free: float = 4.0  # cells from the centre within which m is 0; our choice

    def __post_init__(self) -> None:
        for name in ("sum_to_1", "boundaries", "sparse", "centre"):
            if getattr(self, name) < 0:
                raise InputError(f"constraint weight {name} is {getattr(self, name)}; wanted 0 or more")


@dataclass(frozen=True, kw_only=True)
class KernelGANConfig:
    """Settings of KernelGAN: both networks, their training, and the post-processing of the kernel.

    Raises:
        InputError: If a number is out of range, or if the crops are too small for the networks.
    """

    steps: int = 3000  # Fig. D; fixed, so the run time does not depend on the image's size
    generator_filters: tuple[int, ...] = (7, 5, 3, 1, 1, 1)  # cells a side, first to last layer (paper)
    initial_gain: float = 0.1  # factor on G's Xavier-normal weights (released)
    channels: int = 64  # inside G and D (paper)
    discriminator_patch: int = 7  # pixels a side of the patch that D sees (paper)
    discriminator_hidden: int = 5  # 1x1 layers between D's first and last layer (paper, fig. 3)
    generator_crop: int = 64  # pixels a side of G's input (Fig. D)
    discriminator_crop: int = 32  # pixels a side of D's real input: 32 (Fig. D), 26 (released)
    learning_rate: float = 2e-4  # of G (Fig. D)
    discriminator_pace: float = 4.0  # D's learning rate over G's; 1 (Fig. D), see docs/deviations.md
    beta_1: float = 0.5  # Adam (Fig. D)
    beta_2: float = 0.999  # Adam (Fig. D)
    decay_every: int = 750  # steps (Fig. D)
    decay: float = 0.1  # factor on the learning rates after each decay_every steps (Fig. D)
    noise_std: float = 1 / 255  # deviation of the Gaussian noise on D's inputs, in 0..1 (released)
    constraints: ConstraintConfig = field(default_factory=ConstraintConfig)
    onset: int = 750  # steps before centre and sparse begin; 0 (paper), see docs/deviations.md
    filter_rank: int = 41  # a share of the 41st largest cell is subtracted at the end (released); 0: off
    filter_share: float = 0.75  # of that cell (released)

    def __post_init__(self) -> None:
        for name in ("initial_gain", "discriminator_pace"):
            if getattr(self, name) <= 0:
                raise InputError(f"KernelGAN {name} is {getattr(self, name)}; wanted more than 0")
        if self.onset < 0:
            raise InputError(f"KernelGAN onset is {self.onset}; wanted 0 or more")
        for name in ("steps", "channels", "generator_crop", "discriminator_crop", "decay_every"):
            if getattr(self, name) < 1:
                raise InputError(f"KernelGAN {name} is {getattr(self, name)}; wanted at least 1")
        if self.generator_crop < self.kernel_size + 2 * self.discriminator_patch:
            raise InputError(f"KernelGAN generator_crop is {self.generator_crop}; too small for D's patches")
        if self.discriminator_crop < self.discriminator_patch:
            raise InputError(
                f"KernelGAN discriminator_crop is {self.discriminator_crop}; wanted at least D's patch"
            )

    @property
    def kernel_size(self) -> int:
        """Cells a side of the composed kernel: 13 for the paper's filters."""
        return sum(self.generator_filters) - len(self.generator_filters) + 1

    @property
    def smallest_image(self) -> int:
        """Pixels that each side of the image must have at least."""
        return max(self.generator_crop, self.discriminator_crop)


PAPER: Final = KernelGANConfig()
"""The numbers of Fig. D, in the reading that works best. D learns faster than Fig. D says; without that the
kernels do not follow the image (docs/deviations.md)."""
