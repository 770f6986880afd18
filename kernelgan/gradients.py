"""All gradients of one training step, written out.

Autograd's bookkeeping of these small operations takes half of a step's time, so it is not used. Every
function here is tested against autograd in float64 (tests/kernelgan/test_gradients.py), and all of them
together against the networks applied layer by layer (tests/kernelgan/test_training.py).

Notation: L is the loss, and the gradient of a tensor x is dL/dx, named ``grad_x``, of the shape of x. The
shapes are those of the forward passes, with a leading axis of N images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from kernelgan.constraints import LEAST_SUM, Constraints, smooth_root
from kernelgan.discriminator import Activations, NormalisedWeights, first_hidden_last
from kernelgan.generator import STRIDE, UnfoldedCrops


def filter_gradients(
    filters: Sequence[torch.Tensor], compositions: Sequence[torch.Tensor], grad_kernel: torch.Tensor
) -> list[torch.Tensor]:
    """Compute the gradients of G's filters from that of its composed kernel.

    Args:
        filters: (N, out, in, k, k) for each layer, first to last.
        compositions: What :func:`kernelgan.generator.partial_compositions` made of them.
        grad_kernel: (N, K, K).

    Returns:
        One gradient for each layer, of the shape of its filters.
    """
    # Forward, from the last layer to the first: k_l[i, p] = sum_o sum_a f_l[o, i, a] k_{l+1}[o, p - a].
    # With g = dL/dk_l and p = q + a:
    #   dL/df_l[o, i, a]    = sum_q k_{l+1}[o, q] g[i, q + a]
    #   dL/dk_{l+1}[o, q]   = sum_i sum_a f_l[o, i, a] g[i, q + a]
    # Both read the windows g[i, q + a] of g, which ``unfold`` lays out as rows q and columns (i, a).
    grad, gradients = grad_kernel[:, None], []
    for layer, behind in zip(filters[:-1], compositions[1:], strict=True):
        size = layer.shape[-1]
        windows = (F.unfold(grad, size) if size > 1 else grad.flatten(2)).mT  # (N, cells q, in * k * k)
        gradients.append(torch.bmm(behind.flatten(2), windows).view_as(layer))
        grad = torch.bmm(windows, layer.flatten(2).mT).mT.reshape(behind.shape)
    return [*gradients, grad[:, None]]  # the last layer is its own composition


def downscaling_gradient(crops: UnfoldedCrops, grad_output: torch.Tensor) -> torch.Tensor:
    """Compute the gradient of the kernel from that of G's output: the adjoint of ``crops.downscale``.

    Args:
        crops: That were downscaled.
        grad_output: (N, C, side, side).

    Returns:
        (N, size, size).
    """
    # Forward: Y = B X, with B[i, (p, q)] = k[p - 2i, q]. So dL/dB = dL/dY X', and every cell of k collects
    # the gradients of its places in B: dL/dk[r, q] = sum_i dL/dB[i, (2i + r, q)].
    rows = grad_output.transpose(1, 2).flatten(2)  # dL/dY, (N, side, C * side)
    grad_band = torch.bmm(rows, crops.columns.mT).flatten(1)
    # Read row by row, the kernel's places in B repeat after ``period`` entries; they begin each such part.
    repeated = F.pad(grad_band, (0, crops.side * STRIDE * crops.size)).view(-1, crops.side, crops.period)
    return repeated[:, :, : crops.size**2].sum(dim=1).view(-1, crops.size, crops.size)


@dataclass(frozen=True, eq=False)
class DiscriminatorGradients:
    """What one backward pass through D gives.

    Attributes:
        weights: Of the normalised weights, layer by layer, (N, out, in) each.
        gains: Of batch norm's gains, layer by layer, (N * 64) each.
        shifts: Of batch norm's shifts, the same.
        bias: (N, 1, 1).
        images: (N, C, n, n), or None where it was not wanted.
    """

    weights: list[torch.Tensor]
    gains: list[torch.Tensor]
    shifts: list[torch.Tensor]
    bias: torch.Tensor
    images: torch.Tensor | None


def discriminator_gradients(
    activations: Activations,
    weights: NormalisedWeights,
    loss_weight: float,
    patch: int,
    *,
    with_images: bool = False,
) -> DiscriminatorGradients:
    """Compute the gradients of ``loss_weight`` times the mean of the D-map of each image.

    Args:
        activations: Of the forward pass.
        weights: That it was made with.
        loss_weight: w of the loss L = w / P sum_p D[p].
        patch: Pixels a side of a patch.
        with_images: Whether the gradient of the input is wanted too.

    Returns:
        The gradients of the normalised weights, of batch norm, and of the images.
    """
    patches = activations.side**2
    # D = sigmoid(z) and sigmoid'(z) = D (1 - D), so dL/dz = w / P * D (1 - D).
    grad = activations.d_map * (1 - activations.d_map) * (loss_weight / patches)
    # z = V x + b: dL/dV = dL/dz x', dL/dx = V' dL/dz, and dL/db is the sum over the patches.
    by_weights, gains, shifts = [torch.bmm(grad, activations.inputs[-1].mT)], [], []
    bias = grad.sum(dim=2, keepdim=True)
    grad = torch.bmm(weights.last.mT, grad)
    for place in reversed(range(len(weights.layers))):
        weight, gain, _ = weights.layers[place]
        product, groups = activations.products[place], (1, len(gain), patches)
        # y = relu(t): the gradient passes where the output, which is the next layer's input, is over 0.
        torch.ops.aten.threshold_backward.grad_input(grad, activations.inputs[place + 1], 0, grad_input=grad)
        # t = gain * h + shift, with h = (x - mean(x)) r and r = 1 / sqrt(var(x) + eps), over the patches:
        #   dL/dgain = sum dL/dt h,   dL/dshift = sum dL/dt,
        #   dL/dx = gain r (dL/dt - mean(dL/dt) - h mean(dL/dt h)),
        # as mean(x) and r depend on every patch. PyTorch's kernel computes the three.
        grad, grad_gain, grad_shift = torch.ops.aten.native_group_norm_backward(
            grad.view(groups),
            product.view(groups),
            *activations.moments[place],
            gain,
            *groups,
            len(gain),
            [True] * 3,
        )
        grad = grad.view_as(product)
        gains.append(grad_gain)
        shifts.append(grad_shift)
        # x_{l+1} = V_l x_l, as above without a bias.
        by_weights.append(torch.bmm(grad, activations.inputs[place].mT))
        if place or with_images:
            grad = torch.bmm(weight.mT, grad)
    # A pixel lies in many patches and collects their gradients: ``fold`` is the adjoint of unfolding.
    images = F.fold(grad, activations.side + patch - 1, patch) if with_images else None
    return DiscriminatorGradients(by_weights[::-1], gains[::-1], shifts[::-1], bias, images)


def parameter_gradients(
    passes: tuple[DiscriminatorGradients, DiscriminatorGradients], weights: NormalisedWeights
) -> list[torch.Tensor]:
    """Compute the gradients of D's own parameters of two passes, fake and real, together.

    Args:
        passes: The gradients of each; their losses are added.
        weights: That both were made with.

    Returns:
        In the order of :func:`kernelgan.discriminator.parameter_shapes`, with the axis of N images.
    """
    one, other = passes
    # V = W / sigma with sigma = u' W v; u and v are constants, as in Miyato et al. (2018). Then
    #   dV = dW / sigma - V (u' dW v) / sigma,
    # and with G = dL/dV, <G, dV> = <G, dW> / sigma - <G, V> <u v', dW> / sigma, so that
    #   dL/dW = (G - <G, V> u v') / sigma.
    normalised = [a + b for a, b in zip(one.weights, other.weights, strict=True)]
    gradients = []
    for grad, weight, sigma, left, right in zip(
        first_hidden_last(normalised, dim=1),
        weights.weights,
        weights.sigma,
        weights.left,
        weights.right,
        strict=True,
    ):
        along = (grad * weight).sum(dim=(-2, -1), keepdim=True)  # <G, V>
        gradients.append((grad - along * (left @ right.mT)) / sigma)
    count = len(one.bias)
    gains, shifts = (
        torch.stack([(a + b).view(count, -1) for a, b in zip(*both, strict=True)], dim=1)
        for both in ((one.gains, other.gains), (one.shifts, other.shifts))
    )
    return [*gradients, gains, shifts, one.bias + other.bias]


def constraint_gradient(constraints: Constraints, kernel: torch.Tensor, late: torch.Tensor) -> torch.Tensor:
    """Compute the gradient of the sum of all constraints.

    Args:
        constraints: Whose terms are those of :meth:`kernelgan.constraints.Constraints.terms`.
        kernel: (N, k, k), not normalised.
        late: (1,) or (N,), factor on centre and sparse.

    Returns:
        (N, k, k).
    """
    config = constraints.config
    sums, grad = constraints.sums(kernel), torch.zeros_like(kernel)
    grad_sums = torch.zeros_like(sums)  # of (S, S_y, S_x) = (sum k, sum y k, sum x k), all linear in k
    if config.sum_to_1:
        # L = w |1 - S|: dL/dS = w sign(S - 1).
        grad_sums[:, 0] = config.sum_to_1 * (sums[:, 0] - 1.0).sign()
    if config.boundaries:
        # L = sum_p m[p] |k[p]|: dL/dk[p] = m[p] sign(k[p]).
        grad += kernel.sign() * constraints.mask
    if config.sparse:
        # L = w sum_p (k[p]^2 + floor^2)^(a/2): dL/dk[p] = w a k[p] (k[p]^2 + floor^2)^(a/2 - 1).
        power = config.sparse_power
        slope = constraints.smooth_square(kernel).pow(power / 2 - 1)
        grad += kernel * slope * (late * (power * constraints.sparse_weight))[:, None, None]
    if config.centre:
        # L = w d, d = sqrt(o_y^2 + o_x^2 + eps), with the offset o = (S_y, S_x) / S - c. So
        #   dL/dS_y = w o_y / (d S),   dL/dS_x = w o_x / (d S),
        #   dL/dS = -w (o_y S_y + o_x S_x) / (d S^2) = w / (d S) * -<o, place>, with place = (S_y, S_x) / S.
        # A small S does not divide (LEAST_SUM does, a constant): dL/dS = 0 there.
        place, offset, factor = constraints.centre_offset(sums)
        scale = (late * config.centre)[:, None] * factor
        scale = scale / smooth_root(offset.square().sum(dim=1, keepdim=True))
        by_total = -(offset * place).sum(dim=1, keepdim=True)
        by_total = torch.where(sums[:, :1].abs() < LEAST_SUM, 0.0, by_total)
        grad_sums += scale * torch.cat([by_total, offset], dim=1)
    # (S, S_y, S_x) = k F with the features F, so that dL/dk = dL/d(S, S_y, S_x) F'.
    return grad + (grad_sums @ constraints.features.mT).view_as(kernel)
