"""Every number of ZSSR, with its unit and source ("KernelGAN's ZSSR": the configuration bundled there)."""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from srbase.errors import InputError
from srbase.imaging.range_limits import SaturationConfig

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class ZSSRConfig:
    """Settings of one super-resolution; the defaults are the paper's."""

    layers: int = 8  # 3x3 convolutions (section 4)
    shuffle: int = 1
    """HR pixels a side that the network takes as channels of one: at 2 it works on a grid of half the
    resolution and spreads its answer by a pixel shuffle at its end, for a quarter of the arithmetic."""
    channels: int = 64  # inside the network (section 4)
    zero_residual: bool = False
    """The network begins with no residual at all: for a base upscaler that is good already. The paper's
    begins at random."""
    crop: int = 128  # pixels a side of a father's crop (section 4)
    pool: int = 0  # pairs of whole windows made before training, from which crops are cut; 0: a pair a step
    window: int = 320  # pixels a side of such a window
    max_steps: int = 3000  # KernelGAN's ZSSR
    min_steps: int = 256  # before the rate is first judged; the window of the fit (section 4)
    learning_rate: float = 1e-3  # Adam, at the start (section 4)
    learning_rate_factor: float = 0.1  # on each reduction (section 4)
    learning_rate_stop: float = 9e-6  # training ends under this (section 4)
    test_every: int = 50  # steps between measurements of the reconstruction error
    policy_every: int = 60  # steps between judgements of the learning rate (section 4)
    policy_window: int = 256  # steps that the fitted line spans
    policy_ratio: float = 1.5  # reduce when ratio * downward slope < deviation of the slope (section 4)
    test_size: int = 256  # pixels a side: the reconstruction error is measured on the central part
    gradient_weighted: bool = True  # the L1 loss follows the local gradient (KernelGAN's ZSSR)
    gradient_clip: float = 97.0  # percentile at which that weight is clipped; our choice
    augment: bool = True  # fathers are flipped and turned; sound for any kernel
    noise_std: float = 0.0  # deviation of the Gaussian noise on sons, 0..1; 0.0125 for real photographs
    back_projections: int = 2  # of the result against LR; 0 for real photographs
    self_ensemble: bool = True  # over those flips and turns that leave the kernel as it is
    same_kernel: float = 0.01
    """Largest sum of absolute differences between a kernel and its turned self that counts as the same.
    Kernels sum to 1, so this moves an LR pixel by at most 1 % of the local contrast; a bicubic kernel gives
    0, an ellipse of axes 1 and 2 turned by 90 degrees 0.5, the half turn of a kernel that leans 0.03 or
    more."""
    saturation: SaturationConfig | None = field(default_factory=SaturationConfig)
    """How brightness is kept beside white and black; None: values are clipped. Our choice:
    docs/formats.md.
    """
    precision: Precision = "auto"  # of the convolutions; auto: bfloat16 where the hardware has it
    tile: int = 1024  # HR pixels a side at inference; the result does not depend on it

    def __post_init__(self) -> None:
        for name in (
            "layers",
            "shuffle",
            "channels",
            "crop",
            "test_every",
            "policy_every",
            "tile",
            "test_size",
        ):
            if getattr(self, name) < 1:
                raise InputError(f"ZSSR {name} is {getattr(self, name)}; wanted at least 1")
        if self.max_steps < 0:
            raise InputError(f"ZSSR max_steps is {self.max_steps}; wanted 0 (no network) or more")
        if self.noise_std < 0:
            raise InputError(f"ZSSR noise_std is {self.noise_std}; wanted 0 or more")

    def smallest_image(self, scale: int) -> int:
        """Pixels a side that the LR image must at least have: a son needs eight."""
        return 8 * scale


REAL_NOISE: Final = 0.0125
"""Deviation of the noise on sons for real photographs (KernelGAN's ZSSR)."""


def for_real_photographs(config: ZSSRConfig) -> ZSSRConfig:
    """The settings for photographs that carry noise: noise on the sons, no back-projection."""
    return replace(config, noise_std=REAL_NOISE, back_projections=0)


def kernel_aware() -> ZSSRConfig:
    """Our own settings, for a network that starts from the kernel's inverse: few steps remain to be trained.

    Chosen on Kodak 13-24 and CLIC 09-20; see docs/kernel-aware.md.
    """
    return ZSSRConfig(
        zero_residual=True,
        shuffle=2,
        layers=6,
        channels=32,
        crop=64,
        pool=8,
        max_steps=300,
        min_steps=80,
        test_every=20,
        policy_every=20,
        policy_window=100,
        test_size=128,
        gradient_weighted=False,
        back_projections=0,
    )
