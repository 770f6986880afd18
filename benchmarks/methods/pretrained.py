"""Networks that others trained: ``dat-light`` and ``weights:NAME=FILE``, with the self-ensemble for a "+"."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.methods.base import Given, Made, Method
from benchmarks.rivals.pretrained import (
    DAT_LIGHT,
    PLUS,
    PretrainedConfig,
    dat_light,
    super_resolve_pretrained,
)
from benchmarks.settings import BenchSettings
from srbase.errors import InputError
from srbase.runtime.device import synchronise

WEIGHTS: Final = "weights:"
SCALE: Final = "{scale}"
"""Stands for 2 or 4 in the name of a file."""


class Pretrained(Method):
    """A file of weights, one for each scale where its name holds ``{scale}``; None: DAT-light's own."""

    def __init__(self, name: str, pattern: str | None = None) -> None:
        self.name = name
        self.pattern = str(Path(pattern).resolve()) if pattern else None  # a worker may run elsewhere
        files = [Path(pattern.replace(SCALE, str(scale))) for scale in (2, 4)] if pattern else []
        if files and not any(file.is_file() for file in files):
            raise InputError(f"{pattern} does not exist; wanted a file of weights")

    def own_network(self, settings: BenchSettings) -> PretrainedConfig:
        """How the network is run, and by which file."""
        named = Path(self.pattern).name if self.pattern else DAT_LIGHT
        return replace(settings.pretrained, weights=named, ensemble=self.name.endswith(PLUS))

    def run(self, given: Given) -> Made:
        """Super-resolve. Loading the weights does not count."""
        scale, config = given.scale, self.own_network(given.settings)
        file = Path(self.pattern.replace(SCALE, str(scale))) if self.pattern else dat_light(scale)
        small = given.lr[:, : min(32, given.lr.shape[1]), : min(32, given.lr.shape[2])]
        super_resolve_pretrained(small, scale, file, replace(config, ensemble=False))
        started = time.perf_counter()
        sr = super_resolve_pretrained(given.lr, scale, file, config)
        synchronise(given.lr.device)
        return Made(sr, sr_seconds=time.perf_counter() - started)
