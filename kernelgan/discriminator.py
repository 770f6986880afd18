"""The discriminator: one probability of being real for each 7x7 patch, in one pass.

D is a 7x7 convolution followed by 1x1 convolutions, that is one small perceptron applied to every
patch: one unfold and seven matrix products. Each weight is divided by its largest singular value
(spectral norm, Miyato et al. 2018, by power iteration); batch norm and ReLU follow all but the last.
Batch statistics are those of the crop at hand, as in training; D is never used after it.

Everything is a function of tensors with a leading axis of games; the hidden layers, all of one shape, lie
in one tensor. Batch norm over the one crop of a game is group norm with each channel of each game a group of
its own, which on a CPU takes a quarter of batch norm's time. The way back is written out: half of a
step's time was autograd's bookkeeping of these small operations. It is tested against autograd
(tests/kernelgan/test_discriminator.py).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch.nn import functional as F

from kernelgan.config import GANConfig

EPSILON: Final = 1e-5
"""Added to the variance in batch norm (PyTorch's value)."""


def parameter_shapes(config: GANConfig, channels: int) -> list[tuple[int, ...]]:
    """First weight, hidden weights, last weight, batch norm's gains and shifts, last bias."""
    wide, hidden = config.channels, config.discriminator_hidden
    patch = channels * config.discriminator_patch**2
    return [(wide, patch), (hidden, wide, wide), (1, wide), (hidden + 1, wide), (hidden + 1, wide), (1, 1)]


def initial_parameters(
    config: GANConfig, channels: int, rng: torch.Generator
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Parameters of ``parameter_shapes``, and the left singular vectors that the power iteration starts
    from, for the first, hidden and last weights; with a leading axis of restarts, on the CPU.

    Weights are Xavier-normal, gains 1, shifts and bias 0.
    """
    weights, left = [], []
    shapes = parameter_shapes(config, channels)
    widths = [shapes[0], *[shapes[1][1:]] * config.discriminator_hidden, shapes[2]]
    for wide_out, wide_in in widths:
        deviation = (2.0 / (wide_in + wide_out)) ** 0.5
        weights.append(deviation * torch.randn((config.restarts, wide_out, wide_in), generator=rng))
        left.append(F.normalize(torch.randn((config.restarts, wide_out, 1), generator=rng), dim=1))
    rest = [
        torch.full((config.restarts, *shape), value)
        for shape, value in zip(shapes[3:], (1.0, 0.0, 0.0), strict=True)
    ]
    return _grouped(weights) + rest, _grouped(left)


@dataclass(frozen=True, eq=False)
class Weights:
    """D for one step: its weights over their largest singular values, and the rest of it.

    layers: the weight (games, 64, n), gain and shift (games * 64) of each layer but the last; last (games,
    1, 64); bias (games, 1, 1). sigma and the singular vectors, left and right: of the first, hidden and last
    weights.
    """

    layers: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]
    last: torch.Tensor
    bias: torch.Tensor
    over: list[torch.Tensor]  # the weights of the first, hidden and last layers over sigma
    sigma: list[torch.Tensor]
    left: list[torch.Tensor]
    right: list[torch.Tensor]


def normalised(parameters: list[torch.Tensor], left: list[torch.Tensor]) -> Weights:
    """D's weights, normalised. One power iteration is made first, in place on ``left``."""
    over, sigma, rights = [], [], []
    for weight, vector in zip(parameters[:3], left, strict=True):
        right = weight.mT @ vector
        right /= torch.linalg.vector_norm(right, dim=-2, keepdim=True)
        seen = weight @ right
        value = torch.linalg.vector_norm(seen, dim=-2, keepdim=True)
        vector.copy_(seen / value)
        over.append(weight / value)
        sigma.append(value)
        rights.append(right)
    gains, shifts = (p.transpose(0, 1).flatten(1).unbind() for p in parameters[3:5])
    weights = (over[0], *over[1].unbind(1))
    layers = zip(weights, gains, shifts, strict=True)
    return Weights(list(layers), over[2], parameters[5], over, sigma, left, rights)


@dataclass(frozen=True, eq=False)
class Pass:
    """What the way back needs of a pass through D: its D-map (games, 1, patches), and of each layer the
    input (the output of the one before), the product, and that one's mean and inverse deviation."""

    side: int
    d_map: torch.Tensor
    inputs: list[torch.Tensor]
    products: list[torch.Tensor]
    moments: list[tuple[torch.Tensor, torch.Tensor]]


def look(images: torch.Tensor, d: Weights, patch: int) -> Pass:
    """Images (games, C, n, n) through D: the D-map has (n - 6)^2 patches."""
    games, side = images.shape[0], images.shape[-1] - patch + 1
    windows = images.unfold(2, patch, 1).unfold(3, patch, 1)  # (games, C, side, side, 7, 7)
    planes = windows.permute(0, 1, 4, 5, 2, 3).reshape(games, -1, side * side)
    inputs, products, moments = [planes], [], []
    for weight, gain, shift in d.layers:
        product = torch.bmm(weight, planes)
        rows = (1, len(gain), side * side)  # a channel of a game is a group: N, C, cells, groups
        normal, mean, deviation = torch.native_group_norm(
            product.view(rows), gain, shift, *rows, len(gain), EPSILON
        )
        planes = normal.view_as(product).relu_()
        inputs.append(planes)
        products.append(product)
        moments.append((mean, deviation))
    return Pass(side, torch.sigmoid(torch.bmm(d.last, planes) + d.bias), inputs, products, moments)


@dataclass(frozen=True, eq=False)
class Gradients:
    """By the normalised weights, gains, shifts (games * 64) and bias, layer by layer; by the images where
    asked for."""

    weights: list[torch.Tensor]
    gains: list[torch.Tensor]
    shifts: list[torch.Tensor]
    bias: torch.Tensor
    images: torch.Tensor | None


def back(seen: Pass, d: Weights, pull: float, patch: int, *, to_images: bool = False) -> Gradients:
    """Gradients of ``pull`` times the mean of the D-map of a pass, of each game."""
    cells = seen.side**2
    push = seen.d_map * (1 - seen.d_map) * (pull / cells)
    weights, gains, shifts = [torch.bmm(push, seen.inputs[-1].mT)], [], []
    bias = push.sum(dim=2, keepdim=True)
    push = torch.bmm(d.last.mT, push)
    for place in reversed(range(len(d.layers))):
        weight, gain, _ = d.layers[place]
        product, rows = seen.products[place], (1, len(gain), cells)
        torch.ops.aten.threshold_backward.grad_input(push, seen.inputs[place + 1], 0, grad_input=push)
        push, by_gain, by_shift = torch.ops.aten.native_group_norm_backward(
            push.view(rows), product.view(rows), *seen.moments[place], gain, *rows, len(gain), [True] * 3
        )
        push = push.view_as(product)
        gains.append(by_gain)
        shifts.append(by_shift)
        weights.append(torch.bmm(push, seen.inputs[place].mT))
        if place or to_images:
            push = torch.bmm(weight.mT, push)
    images = F.fold(push, seen.side + patch - 1, patch) if to_images else None
    return Gradients(weights[::-1], gains[::-1], shifts[::-1], bias, images)


def by_parameters(passes: tuple[Gradients, Gradients], d: Weights) -> list[torch.Tensor]:
    """The gradient by D's own parameters, in the order of ``parameter_shapes``, of two passes together.

    With W = sigma V and sigma = left' W right: dW = (dV - <dV, V> left right') / sigma.
    """
    one, other = passes
    by_layer = [a + b for a, b in zip(one.weights, other.weights, strict=True)]
    result = []
    for by_over, over, sigma, left, right in zip(
        _grouped(by_layer), d.over, d.sigma, d.left, d.right, strict=True
    ):
        along = (by_over * over).sum(dim=(-2, -1), keepdim=True)
        result.append((by_over - along * (left @ right.mT)) / sigma)
    games = len(one.bias)
    gains, shifts = (
        torch.stack([(a + b).view(games, -1) for a, b in zip(*lists, strict=True)], dim=1)
        for lists in ((one.gains, other.gains), (one.shifts, other.shifts))
    )
    return [*result, gains, shifts, one.bias + other.bias]


def _grouped(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    """First, hidden and last of the layers' tensors; the hidden ones stacked behind the games."""
    return [tensors[0], torch.stack(tensors[1:-1], dim=1), tensors[-1]]
