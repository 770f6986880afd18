"""Plain bicubic interpolation: the baseline of every table."""

import time

from benchmarks.methods.base import Given, Made, Method
from srbase.imaging.resample import bicubic_upscale
from srbase.runtime.device import synchronise


class Bicubic(Method):
    """MATLAB's imresize with a = -0.5."""

    name = "bicubic"

    def run(self, given: Given) -> Made:
        """Resize."""
        started = time.perf_counter()
        sr = bicubic_upscale(given.lr, given.scale).clamp(0, 1)
        synchronise(given.lr.device)
        return Made(sr, sr_seconds=time.perf_counter() - started)
