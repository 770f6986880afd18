"""From the trained generator's kernel to the one that is handed on."""

import numpy as np
import numpy.typing as npt

from kernelgan.config import GANConfig
from kernelgan.generator import STRIDE
from srbase.kernels.kernel import SRKernel


def finish(kernel: npt.NDArray[np.float64], config: GANConfig) -> SRKernel:
    """Normalise, cut away what is negligible where the variant says so, centre, crop to 13x13.

    Raises ArithmeticError where training left no usable kernel (not finite, or without a sum).
    """
    if not np.isfinite(kernel).all() or abs(kernel.sum()) < 1e-3:
        raise ArithmeticError("KernelGAN diverged: its kernel is not finite or sums to 0")
    kernel = kernel / kernel.sum()
    if config.filter_rank:
        kernel = cut_negligible(kernel, config.filter_rank, config.filter_share)
    return SRKernel(kernel, STRIDE).centred().cropped()


def cut_negligible(kernel: npt.NDArray[np.float64], rank: int, share: float) -> npt.NDArray[np.float64]:
    """Subtract ``share`` of the rank-th largest cell, clip at 0, scale back to sum 1 (released).

    A kernel that this would leave empty is returned as it is.
    """
    threshold = share * np.sort(kernel, axis=None)[-min(rank, kernel.size)]
    cut = np.clip(kernel - max(threshold, 0.0), 0.0, None)
    total = cut.sum()
    return np.asarray(cut / total if total > 0 else kernel, dtype=np.float64)
