"""The public entry point: LR images in, x2 kernels out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from kernelgan.config import KernelGANConfig
from kernelgan.generator import STRIDE
from kernelgan.training import BatchedTraining, InitialDraws
from srbase.imaging.image import require_size
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress, silent

STAGE: Final = "kernel"
"""The name of this stage in progress reports."""

BATCH_SIZE: Final = 32
"""Images that a caller should train together on a large GPU. A step of so many costs little more there than a
step of one. On a CPU nothing is gained."""

SMALLEST_SUM: Final = 1e-3
"""A kernel with a smaller sum is not usable: scaled to sum 1 it would be what is left of G's random start."""


@dataclass(frozen=True, eq=False)
class GANRun:
    """The result of KernelGAN on one image.

    Attributes:
        kernel: The x2 kernel, 13x13, of sum 1, centred.
        history: Figures of the training by name, one value every 50 steps and one for the last step. They
            are ``g_loss``, ``d_loss``, the terms of ``g_loss`` (``adversarial`` and each constraint), and
            ``sum``, the sum of the kernel before it is normalised.
    """

    kernel: SRKernel
    history: Mapping[str, tuple[float, ...]]


def estimate_kernels(
    images: Sequence[torch.Tensor],
    config: KernelGANConfig,
    *,
    rngs: Sequence[torch.Generator],
    on_step: OnProgress = silent,
) -> list[GANRun]:
    """Estimate the x2 kernels of several LR images in one batch.

    Args:
        images: (C, H, W) float32 in 0..1, C 1 or 3, of any sizes with at least ``config.smallest_image``
            pixels a side; at least one; only read. The work runs on their one device.
        config: The settings.
        rngs: One for each image, on the CPU. An image gets the kernel that it would get alone with its
            generator, up to rounding.
        on_step: Called every 50 steps and at the end, with the means of the figures over the images.

    Returns:
        The kernel and the history of each image.

    Raises:
        InputError: If an image is too small.
        ArithmeticError: If one of the trainings diverged.
    """
    for image in images:
        require_size(image, config.smallest_image, "KernelGAN")
    draws = [InitialDraws.of(image, config, rng) for image, rng in zip(images, rngs, strict=True)]
    training = BatchedTraining(images, draws, config)
    histories: list[dict[str, list[float]]] = [defaultdict(list) for _ in images]

    def report(step: int, figures: dict[str, torch.Tensor]) -> None:
        table = torch.stack(list(figures.values())).tolist()  # one transfer from the device
        for name, row in zip(figures, table, strict=True):
            for history, value in zip(histories, row, strict=True):
                history[name].append(value)
        if step < config.steps:  # the last report follows when the kernels are known to be usable
            on_step(Progress(STAGE, step, config.steps, _means(histories)))

    training.run(report)
    arrays = training.kernels().double().cpu().numpy()
    runs = [
        GANRun(postprocess(array, config), {name: tuple(values) for name, values in history.items()})
        for array, history in zip(arrays, histories, strict=True)
    ]
    on_step(Progress(STAGE, config.steps, config.steps, _means(histories), done=True))
    return runs


def postprocess(kernel: npt.NDArray[np.float64], config: KernelGANConfig) -> SRKernel:
    """Make the usable kernel of the one that G has learned.

    Args:
        kernel: (k, k), not normalised.
        config: ``filter_rank`` and ``filter_share``.

    Returns:
        13x13, of sum 1, without negligible cells, centred.

    Raises:
        ArithmeticError: If the kernel is not finite or its sum is near 0.
    """
    if not np.isfinite(kernel).all() or abs(kernel.sum()) < SMALLEST_SUM:
        raise ArithmeticError(f"KernelGAN diverged, or {config.steps} steps are too few for a kernel")
    kernel = kernel / kernel.sum()
    if config.filter_rank:
        kernel = cut_negligible(kernel, config.filter_rank, config.filter_share)
    return SRKernel(kernel, STRIDE).centred().cropped()


def cut_negligible(kernel: npt.NDArray[np.float64], rank: int, share: float) -> npt.NDArray[np.float64]:
    """Subtract ``share`` times the ``rank``-th largest cell, set negative cells to 0, scale to sum 1
    (released).

    Args:
        kernel: (k, k) of sum 1.
        rank: Counted from 1; more than the number of cells means the smallest.
        share: 0 to 1.

    Returns:
        (k, k) of sum 1. A kernel of which nothing would be left is returned unchanged.
    """
    threshold = share * np.sort(kernel, axis=None)[-min(rank, kernel.size)]
    cut = np.clip(kernel - max(threshold, 0.0), 0.0, None)
    total = cut.sum()
    return np.asarray(cut / total if total > 0 else kernel, dtype=np.float64)


def _means(histories: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, float]:
    """Return the mean over the images of the last value of each figure."""
    return {name: sum(h[name][-1] for h in histories) / len(histories) for name in histories[0]}
