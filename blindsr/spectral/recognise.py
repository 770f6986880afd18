"""Whether a kernel that is no Gaussian explains the spectrum better.

Every candidate (:mod:`blindsr.spectral.shapes`) is a fixed 13x13 kernel; content is refitted under it by
the same model and the same priors as under the Gaussian, so that the costs can be compared.
``evidence[family]`` is half the drop of the cost against the Gaussian, less the family's handicap: an
approximate log odds.

Discs, boxes and motion show by the zeros of their spectra; bicubic by passing more than any Gaussian does
up to the LR Nyquist frequency and then nothing. A small disc or box differs from a Gaussian by nothing that
can be seen, and does not need to be told from one. docs/kernel-aware.md has how often each is mistaken.
"""

from itertools import product

import numpy as np
import numpy.typing as npt

from blindsr.spectral.config import FitConfig, ShapesConfig
from blindsr.spectral.fit import Fit, fit_content
from blindsr.spectral.model import FoldedModel
from blindsr.spectral.problem import Noise
from blindsr.spectral.shapes import Numbers, Shape

Array = npt.NDArray[np.float64]


def recognise(
    model: FoldedModel,
    log_power: Array,
    noise_variance: Noise,
    gaussian: Fit,
    config: ShapesConfig,
    fit: FitConfig,
    *,
    confidence: float = 1.0,
) -> tuple[dict[str, float], dict[str, Array]]:
    """Evidence of each family against the Gaussian, and each family's best kernel.

    log_power (cells,), noise_variance and fit as the fit of the Gaussian took them; confidence (0..1) scales
    the drop of the cost, for spectra averaged over few windows.
    Positive evidence: the family explains the image better than any Gaussian.
    """

    def cost(kernel: Array, steps: int) -> float:
        power = model.kernel_power(kernel, fit.eta_shape)
        return fit_content(
            model, log_power, noise_variance, power, initial=gaussian.content, steps=steps, config=fit
        ).cost

    evidence, best = {}, {}
    for shape in config.shapes:
        screened = {n: cost(shape.kernel(n), config.screen_steps) for n in shape.grid()}
        near = _neighbours(shape, min(screened, key=lambda n: screened[n]))
        refined = {n: cost(shape.kernel(n), config.final_steps) for n in near}
        winner = min(refined, key=lambda n: refined[n])
        evidence[shape.name] = confidence * (gaussian.cost - refined[winner]) / 2 - shape.handicap
        best[shape.name] = shape.kernel(winner)
    return evidence, best


def _neighbours(shape: Shape, centre: Numbers) -> list[Numbers]:
    """The numbers themselves, and those half a step away."""
    return list(product(*((x - d / 2, x, x + d / 2) for x, d in zip(centre, shape.steps, strict=True))))
