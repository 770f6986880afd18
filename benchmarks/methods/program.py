"""The program as a person runs it: a preset on the photograph alone, whatever it believes of it."""

from dataclasses import replace
from typing import Final

from benchmarks.label import Label
from benchmarks.methods.base import Given, Made, Method
from benchmarks.settings import BenchSettings
from blindsr import pipeline
from blindsr.names import Real
from blindsr.presets import Settings, settings_for
from blindsr.provenance import fingerprint
from kernelgan.config import Estimator

PROGRAMS: Final[dict[str, tuple[str, Real]]] = {
    "blindsr": ("default", "auto"),
    "blindsr-instant": ("instant", "auto"),
    "blindsr-real": ("default", "on"),
}
"""Preset and ``--real`` by method."""


class Program(Method):
    """One preset, kernel and all; nothing is shared with other methods."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.preset, self.real = PROGRAMS[name]
        self.origin = "guided" if self.preset == "default" else "spectral"

    def settings(self, settings: BenchSettings) -> Settings:
        """The preset, cut short at quick settings."""
        whole = settings_for(self.preset, real=self.real)
        way = settings.adapt(whole.estimator)
        assert isinstance(way, Estimator), "a preset's estimator stays one of the program's"
        return replace(whole, estimator=way, zssr=settings.adapt_zssr(whole.zssr))

    def label(self, settings: BenchSettings) -> Label:
        """The whole of the settings stands where other methods have their network's."""
        whole = self.settings(settings)
        return Label(
            settings.name,
            settings.protocol,
            fingerprint(whole),
            True,
            self.origin,
            fingerprint(whole.estimator),
        )

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
