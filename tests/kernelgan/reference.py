"""What the tests of KernelGAN compare with: G and D layer by layer, and trainings in float64.

In float64 the rounding that a few steps of Adam amplify stays far below any difference that counts. In
float32 the same training differs by up to 0.008 in a cell of the kernel after four steps, because a gradient
is a small difference of large sums.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch.nn import functional as F

from kernelgan.config import KernelGANConfig
from kernelgan.discriminator import EPSILON
from kernelgan.training import BatchedTraining, InitialDraws

SAME_KERNEL = 1e-8
"""After a few steps in float64, relative to the largest cell: rounding, amplified a millionfold."""


def random_image(height: int = 71, width: int = 83, channels: int = 3, seed: int = 0) -> torch.Tensor:
    """(C, H, W) float32 noise in 0..1."""
    return torch.rand((channels, height, width), generator=torch.Generator().manual_seed(seed))


def difference(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The largest difference, relative to the largest value; the shapes must be equal."""
    assert ours.shape == theirs.shape
    return float(((ours - theirs).abs().max() / theirs.abs().max()).detach())


def g_by_layers(crop: torch.Tensor, filters: Sequence[torch.Tensor]) -> torch.Tensor:
    """One G of filters (out, in, k, k) on a crop (C, n, n), layer by layer: (C, side, side)."""
    planes = crop[:, None]
    for layer in filters[:-1]:
        planes = F.conv2d(planes, layer)
    return F.conv2d(planes, filters[-1], stride=2)[:, 0]


def d_map_by_layers(
    images: torch.Tensor, parameters: list[torch.Tensor], left: list[torch.Tensor], patch: int
) -> torch.Tensor:
    """The D-maps (N, n, n) by convolutions, image by image, with the same singular vectors."""
    first, hidden, last, gains, shifts, bias = parameters
    maps = []
    for place, planes in enumerate(images):
        layers = [first[place], *hidden[place], last[place]]
        vectors = [left[0][place], *left[1][place], left[2][place]]
        x = planes[None]
        for index, (weight, vector) in enumerate(zip(layers, vectors, strict=True)):
            right = F.normalize(weight.T @ vector, dim=0).detach()
            new = F.normalize(weight @ right, dim=0).detach()
            normalised = weight / (new.T @ weight @ right)
            cells = patch if index == 0 else 1
            x = F.conv2d(x, normalised.reshape(normalised.shape[0], -1, cells, cells))
            if index + 1 < len(layers):
                gain, shift = gains[place, index], shifts[place, index]
                x = F.relu(F.batch_norm(x, None, None, gain, shift, True, eps=EPSILON))
        maps.append(torch.sigmoid(x[0, 0] + bias[place]))
    return torch.stack(maps)


def training_in_float64(
    images: Sequence[torch.Tensor], config: KernelGANConfig, seeds: Sequence[int]
) -> BatchedTraining:
    """Trainings on images (C, H, W) float64, each with the random numbers of its seed."""
    draws = []
    for image, seed in zip(images, seeds, strict=True):
        own = InitialDraws.of(image, config, torch.Generator().manual_seed(seed))
        parts = {n: [t.double() for t in getattr(own, n)] for n in ("filters", "parameters", "left")}
        draws.append(replace(own, **parts))
    training = BatchedTraining(images, draws, config)
    if training.noise is not None:
        training.noise = (training.noise[0].double(), training.noise[1].double())
    return training


def kernels_after(training: BatchedTraining) -> torch.Tensor:
    """The kernels (N, k, k) after all steps, made one by one, on the CPU."""
    for _ in range(training.config.steps):
        training.make_step()
    return training.kernels().cpu()
