"""The spectrum that an estimate looked at, and the one that its kernel explains, to be shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.fit import Fit, fit_content
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.problem import Noise
from srbase.imaging.periodogram import frequencies

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedSpectrum:
    """Cell by cell: frequencies (2, cells), order (y, x), cycles per LR pixel; the natural logarithm of the
    power measured there and of the power that the model explains, (cells,)."""

    frequencies: Array
    measured: Array
    explained: Array


def fitted_spectrum(
    model: FoldedModel,
    log_power: Array,
    noise: Noise,
    fit: Fit,
    kernel: Array | None,
    config: SpectralConfig,
) -> FittedSpectrum:
    """The measured spectrum ``log_power`` (cells,) beside the fit's; beside that under ``kernel`` (13, 13)
    where a shape was recognised, with the content fitted again."""
    if kernel is not None:
        power = model.kernel_power(kernel, config.fit.eta_shape)
        steps = config.shapes.final_steps
        fit = fit_content(model, log_power, noise, power, initial=fit.content, steps=steps, config=config.fit)
    where = np.stack([along[model.cells] for along in frequencies(config.welch.window)])
    return FittedSpectrum(where, log_power, fit.log_power)
