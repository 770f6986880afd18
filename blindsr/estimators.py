"""The ways to the x2 kernel, one type each, and their names.

Every number that a way depends on is reachable from its type; each stands beside the step that uses it.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from blindsr.spectral.antisymmetric import OddConfig
from blindsr.spectral.config import Assumption, SpectralConfig
from kernelgan.config import PAPER, RELEASED, ConstraintConfig, GANConfig, WatchConfig
from kernelgan.guided import GuideConfig
from srbase.errors import InputError

WATCHED: Final = replace(PAPER, steps=1500, restarts=2, watch=WatchConfig())
"""The paper's game as the program plays it alone: two half as long, which find the same kernels, so that a
game that ran away is seen by the other."""

SHORT_GAME: Final = GANConfig(
    steps=200,
    initial_gain=1.0,
    initial_variance=1.5,
    learning_rate=1e-4,
    discriminator_pace=1.0,
    decay_every=100,
    noise_std=0.0,
    onset=0,
    filter_rank=0,
    restarts=3,
    constraints=ConstraintConfig(sparse=0.0),
)
"""The game of the guided estimate, which begins near its end and has the spectral kernel in place of
sparseness."""


@dataclass(frozen=True, kw_only=True)
class GuidedConfig:
    """The spectral estimate leads a short game, and edges add the odd half."""

    spectral: SpectralConfig = field(default_factory=SpectralConfig)
    game: GANConfig = SHORT_GAME
    guide: GuideConfig = field(default_factory=GuideConfig)
    odd: OddConfig = field(default_factory=OddConfig)

    @property
    def smallest_image(self) -> int:
        """Pixels a side that the image must at least have."""
        return max(self.spectral.smallest_image, self.game.smallest_image)


Estimator = GANConfig | SpectralConfig | GuidedConfig
"""``GANConfig``: the paper's game alone. ``SpectralConfig``: the power spectrum alone, which trains nothing.
``GuidedConfig``: both, and edges."""

ESTIMATORS: Final[dict[str, Estimator]] = {
    "paper": PAPER,
    "released": RELEASED,
    "watched": WATCHED,
    "guided": GuidedConfig(),
    "spectral": SpectralConfig(),
}
"""The estimators that have a name."""


def estimator(name: str) -> Estimator:
    """A named estimator. Raises InputError for an unknown name."""
    if name not in ESTIMATORS:
        raise InputError(f"estimator '{name}' is unknown; wanted one of {', '.join(ESTIMATORS)}")
    return ESTIMATORS[name]


def assuming(config: Estimator, assume: Assumption, trust: float | None = None) -> Estimator:
    """The same estimator, told what to think of the image's origin, and how far it is to be trusted (None:
    as the image allows). KernelGAN alone asks for neither."""
    if isinstance(config, GuidedConfig):
        return replace(config, spectral=_told(config.spectral, assume, trust))
    return _told(config, assume, trust) if isinstance(config, SpectralConfig) else config


def _told(spectral: SpectralConfig, assume: Assumption, trust: float | None) -> SpectralConfig:
    return replace(spectral, origin=replace(spectral.origin, assume=assume, trust=trust))


def name_of(config: Estimator) -> str:
    """The name of an estimator, whatever it is told of the image's origin, or the kind of it with "custom"
    where its numbers are nobody's."""
    names = [name for name, known in ESTIMATORS.items() if known == assuming(config, "auto")]
    return names[0] if names else f"custom {type(config).__name__.removesuffix('Config').lower()}"
