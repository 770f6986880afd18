"""The discriminator D: for each 7x7 patch the probability that it comes from the real image.

D is a 7x7 convolution followed by 1x1 convolutions. That is one small perceptron applied to every patch: one
unfolding and seven matrix products. Each weight is divided by its largest singular value (spectral norm,
Miyato et al. 2018, by power iteration). Batch norm and ReLU follow every layer but the last. Batch
statistics are those of the crop at hand, because D is used in training only.

Shapes have a leading axis of N images. Each image has its own D. Batch norm over the one crop of an image is
group norm in which each channel of each image is a group of its own, which on a CPU takes a quarter of the
time of batch norm. The backward pass is in :mod:`kernelgan.gradients`.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch.nn import functional as F

from kernelgan.config import KernelGANConfig

EPSILON: Final = 1e-5
"""Added to the variance in batch norm (PyTorch's value)."""


def parameter_shapes(config: KernelGANConfig, channels: int) -> list[tuple[int, ...]]:
    """Return the shapes of D's parameters for images of so many channels.

    In this order: first weight, hidden weights (all in one tensor), last weight; gains and shifts of batch
    norm, one row a layer; last bias. The first weight sees a patch as one vector, (channel, row, column).
    """
    wide, hidden = config.channels, config.discriminator_hidden
    patch = channels * config.discriminator_patch**2
    return [(wide, patch), (hidden, wide, wide), (1, wide), (hidden + 1, wide), (hidden + 1, wide), (1, 1)]


def initial_parameters(
    config: KernelGANConfig, channels: int, rng: torch.Generator
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Draw the parameters of one D.

    Args:
        config: The widths of the layers.
        channels: Of the images.
        rng: On the CPU.

    Returns:
        The parameters in the order of :func:`parameter_shapes` (weights Xavier-normal, gains 1, shifts and
        bias 0), and the unit left singular vectors from which the power iteration starts, (out, 1) each, for
        the first, hidden (stacked) and last weights. Float32 on the CPU.
    """
    weights, vectors = [], []
    shapes = parameter_shapes(config, channels)
    for wide_out, wide_in in (shapes[0], *[shapes[1][1:]] * config.discriminator_hidden, shapes[2]):
        deviation = (2.0 / (wide_in + wide_out)) ** 0.5
        weights.append(deviation * torch.randn((wide_out, wide_in), generator=rng))
        vectors.append(F.normalize(torch.randn((wide_out, 1), generator=rng), dim=0))
    others = [torch.full(shape, value) for shape, value in zip(shapes[3:], (1.0, 0.0, 0.0), strict=True)]
    return first_hidden_last(weights, dim=0) + others, first_hidden_last(vectors, dim=0)


def first_hidden_last(layers: list[torch.Tensor], dim: int) -> list[torch.Tensor]:
    """Collect one tensor for each layer into three: the hidden ones, all of one shape, stacked along dim."""
    return [layers[0], torch.stack(layers[1:-1], dim=dim), layers[-1]]


@dataclass(frozen=True, eq=False)
class NormalisedWeights:
    """D for one step: its weights W divided by their largest singular values sigma.

    Attributes:
        layers: For each layer but the last the weight (N, 64, in), and gain and shift (N * 64) of batch norm.
        last: (N, 1, 64), the weight of the last layer.
        bias: (N, 1, 1), of the last layer.
        weights: W / sigma for the first, hidden (stacked) and last weights.
        sigma: The largest singular values of these, (N, [hidden,] 1, 1).
        left: u of sigma = u' W v, unit vectors, (N, [hidden,] out, 1).
        right: v, (N, [hidden,] in, 1).
    """

    layers: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]
    last: torch.Tensor
    bias: torch.Tensor
    weights: list[torch.Tensor]
    sigma: list[torch.Tensor]
    left: list[torch.Tensor]
    right: list[torch.Tensor]


def normalise(parameters: list[torch.Tensor], left: list[torch.Tensor]) -> NormalisedWeights:
    """Divide D's weights by their largest singular values.

    One step of the power iteration is made first: v = W' u / |W' u|, then u = W v / |W v|. With these,
    sigma = u' W v = |W v|.

    Args:
        parameters: (N, ...) each, in the order of :func:`parameter_shapes`.
        left: u from the step before; updated in place.

    Returns:
        The normalised weights. They share ``left`` and the parameters' memory.
    """
    weights, sigma, right = [], [], []
    for weight, u in zip(parameters[:3], left, strict=True):
        v = weight.mT @ u
        v /= torch.linalg.vector_norm(v, dim=-2, keepdim=True)
        product = weight @ v
        value = torch.linalg.vector_norm(product, dim=-2, keepdim=True)
        u.copy_(product / value)
        weights.append(weight / value)
        sigma.append(value)
        right.append(v)
    gains, shifts = (p.transpose(0, 1).flatten(1).unbind() for p in parameters[3:5])
    layers = zip((weights[0], *weights[1].unbind(1)), gains, shifts, strict=True)
    return NormalisedWeights(list(layers), weights[2], parameters[5], weights, sigma, left, right)


@dataclass(frozen=True, eq=False)
class Activations:
    """What the backward pass needs of a forward pass. P = side^2 is the number of patches.

    Attributes:
        side: Patches along each axis of the crop.
        d_map: (N, 1, P), the probabilities.
        inputs: (N, in, P), the input of each layer. Each is the output of the layer before.
        products: (N, 64, P), for each layer but the last what the weight made of the input.
        moments: For each of these products its mean and inverse deviation over the patches, N * 64 values.
    """

    side: int
    d_map: torch.Tensor
    inputs: list[torch.Tensor]
    products: list[torch.Tensor]
    moments: list[tuple[torch.Tensor, torch.Tensor]]


def forward(images: torch.Tensor, weights: NormalisedWeights, patch: int) -> Activations:
    """Compute the probability of each patch of the images.

    Args:
        images: (N, C, n, n), one crop for each D.
        weights: Of this step.
        patch: Pixels a side of a patch.

    Returns:
        The D-map of (n - patch + 1)^2 patches, and all activations.
    """
    count, side = images.shape[0], images.shape[-1] - patch + 1
    windows = images.unfold(2, patch, 1).unfold(3, patch, 1)  # (N, C, side, side, patch, patch)
    planes = windows.permute(0, 1, 4, 5, 2, 3).reshape(count, -1, side * side)
    inputs, products, moments = [planes], [], []
    for weight, gain, shift in weights.layers:
        product = torch.bmm(weight, planes)
        groups = (1, len(gain), side * side)  # one group for each channel of each image
        normal, mean, inverse_deviation = torch.native_group_norm(
            product.view(groups), gain, shift, *groups, len(gain), EPSILON
        )
        planes = normal.view_as(product).relu_()
        inputs.append(planes)
        products.append(product)
        moments.append((mean, inverse_deviation))
    d_map = torch.sigmoid(torch.bmm(weights.last, planes) + weights.bias)
    return Activations(side, d_map, inputs, products, moments)
