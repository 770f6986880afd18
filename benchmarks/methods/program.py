"""The program as a person runs it: a preset on the photograph alone, whatever it believes of it."""

from dataclasses import dataclass, replace
from typing import Final

from benchmarks.label import Label
from benchmarks.methods.base import Given, Made, Method
from benchmarks.settings import BenchSettings
from blindsr import pipeline
from blindsr.configuration import Estimator, Settings, fingerprint, settings_of_preset
from blindsr.names import PresetName, Real
from blindsr.spectral.config import SpectralConfig


@dataclass(frozen=True)
class Way:
    """A preset, and what the program is told of the photograph."""

    preset: PresetName
    real: Real


PROGRAMS: Final = {
    "blindsr": Way("default", "auto"),
    "blindsr-instant": Way("instant", "auto"),
    "blindsr-real": Way("default", "on"),
    "blindsr-off": Way("default", "off"),
    "blindsr-instant-off": Way("instant", "off"),
}
"""By method: the presets as they are, and with ``--real on`` and ``off``."""


class Program(Method):
    """One preset, kernel and all; nothing is shared with other methods."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.way = PROGRAMS[name]
        self.origin = "spectral" if self.way.preset == "default" else "spectral-symmetric"

    def settings(self, settings: BenchSettings) -> Settings:
        """The preset, cut short at quick settings."""
        whole = settings_of_preset(self.way.preset, real=self.way.real)
        way = settings.adapt(whole.estimator)
        assert isinstance(way, Estimator), "a preset's estimator stays one of the program's"
        return replace(whole, estimator=way, restoration=settings.adapt_restoration(whole.restoration))

    def own_network(self, settings: BenchSettings) -> Settings:
        """All else that the result depends on."""
        return replace(self.settings(settings), estimator=SpectralConfig())

    def label(self, settings: BenchSettings) -> Label:
        """With the preset's estimator, which no kernel is shared of: its answer is more than a kernel."""
        estimator = fingerprint(self.settings(settings).estimator)
        return replace(super().label(settings), kernel=estimator)

    def run(self, given: Given) -> Made:
        """Upscale."""
        result = pipeline.upscale(
            given.lr,
            given.scale,
            settings=self.settings(given.settings),
            seed=given.seed,
            device=str(given.lr.device),
        )
        return Made(
            result.image, result.kernels[given.scale], result.seconds.get("kernel"), result.seconds["sr"]
        )
