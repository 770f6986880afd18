"""The edge-adaptive inverse of a known kernel: the linear inverse, solved again with a steered penalty.

    argmin over x of |downscale(x, k) - y|^2 + sum over cells of strength * g' (J + floor)^(-1) g

g is the gradient of x and J its local covariance in the solution before (:mod:`blindsr.inverse.steering`);
the first one comes from the linear inverse. Each round is a symmetric positive system, on which a few
steps of conjugate gradients are taken. The preconditioner is the linear inverse of the same kernel in
the Fourier domain (there the system is one of s*s bands with a rank-one coupling, solved by the
Sherman-Morrison formula), with circular borders: near enough for a preconditioner.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import downscale, downscale_adjoint
from blindsr.inverse.config import AdaptiveConfig, InverseConfig
from blindsr.inverse.linear import folded, prior_spectrum, transfer
from blindsr.inverse.noise import noise_variance_of
from blindsr.inverse.steering import Steering, steer

Operator = Callable[[torch.Tensor], torch.Tensor]

STEPS_END: Final = 1e-12
"""Residual, as a share of the first, under which conjugate gradients has nothing left to do (float32)."""


def sharpen(
    linear: torch.Tensor, image: torch.Tensor, kernel: SRKernel, weight: float, config: InverseConfig
) -> torch.Tensor:
    """From the linear inverse to the edge-adaptive one, (C, s*h, s*w); not clipped.

    linear: (C, s*h, s*w), the linear inverse of the LR image (C, h, w) with the given weight, which also says
    how noisy the image is. float32 in 0..1; both are only read. Not differentiable; deterministic.
    """
    adaptive = config.adaptive
    assert adaptive is not None, "settings of the linear inverse alone"
    strength = strength_for(linear, image, kernel, noise_variance_of(weight, config), adaptive)
    size = (linear.shape[-2], linear.shape[-1])
    precondition = preconditioner(kernel, (image.shape[-2], image.shape[-1]), weight / 2, like=linear)
    target = downscale_adjoint(image, kernel, size)
    result = linear
    with torch.no_grad():
        for _ in range(adaptive.rounds):
            steering = steer(result, strength, adaptive.floor, adaptive.blur)
            system = _normal(kernel, steering)
            result = conjugate_gradients(system, target, result, adaptive.steps, precondition)
    return result


def strength_for(
    linear: torch.Tensor, image: torch.Tensor, kernel: SRKernel, noise_variance: float, config: AdaptiveConfig
) -> float:
    """The penalty's strength: a share of the noise variance, more where the kernel is in doubt.

    The right kernel lets the linear inverse explain the image to within 0.01 to 0.45 of the noise variance
    (once 1.0, of 12 photographs); one 0.5 px^2 too wide left 1.3 to 5 times the noise on fine patterns, and
    fitting that by sharp edges cost 3.4 dB against the linear inverse. The factor
    1 + (doubt * misfit / noise)^2 costs nothing in the first case; with it the worst was -0.13 dB
    (12 photographs, on which the rule was also tuned; three wrong kernels each).
    """
    misfit = float((downscale(linear, kernel) - image).square().mean())
    return config.strength * noise_variance * (1 + (config.doubt * misfit / noise_variance) ** 2)


def _normal(kernel: SRKernel, steering: Steering) -> Operator:
    """The operator that takes x to (A'A + penalty) x."""

    def system(x: torch.Tensor) -> torch.Tensor:
        size = (x.shape[-2], x.shape[-1])
        return downscale_adjoint(downscale(x, kernel), kernel, size) + steering.apply(x)

    return system


def conjugate_gradients(
    system: Operator, target: torch.Tensor, initial: torch.Tensor, steps: int, precondition: Operator
) -> torch.Tensor:
    """A few steps toward ``system(x) = target`` from ``initial``; both operators symmetric and positive.

    Channels are one vector: they share the step lengths. Ends early where nothing is left to do.
    """
    x, residual = initial, target - system(initial)
    preconditioned = precondition(residual)
    direction, energy = preconditioned, (residual * preconditioned).sum()
    least = energy * STEPS_END
    for _ in range(steps):
        if energy <= least:
            break
        moved = system(direction)
        length = energy / (direction * moved).sum()
        x = x + length * direction
        residual = residual - length * moved
        preconditioned = precondition(residual)
        before, energy = energy, (residual * preconditioned).sum()
        direction = preconditioned + energy / before * direction
    return x


def preconditioner(kernel: SRKernel, size: tuple[int, int], weight: float, *, like: torch.Tensor) -> Operator:
    """(A'A + weight * (gradient' gradient + FLOOR))^(-1) with circular borders, for ``size`` LR pixels.

    The bands of one LR frequency are coupled by A'A = h h' / s^2 alone, h the vector of conj(H(f_b)).
    """
    scale = kernel.scale
    with np.errstate(divide="ignore"):
        laplacian = 1 / prior_spectrum(size, scale, 2.0)
    laplacian[0, 0] = 0.0
    penalty = weight * (laplacian + FLOOR)
    response = transfer(kernel, size)
    coupling = 1 / (scale**2 + folded(np.abs(response) ** 2 / penalty, scale))
    forward = torch.from_numpy(response / penalty).to(torch.complex64).to(like.device)
    back = torch.from_numpy(response.conj() / penalty * np.tile(coupling, (scale, scale)))
    back = back.to(torch.complex64).to(like.device)
    diagonal = torch.from_numpy(1 / penalty).float().to(like.device)

    def solve(x: torch.Tensor) -> torch.Tensor:
        bands = torch.fft.fft2(x)
        shape = (*bands.shape[:-2], scale, size[0], scale, size[1])
        common = (bands * forward).reshape(shape).sum(dim=(-4, -2))
        solved: torch.Tensor = torch.fft.ifft2(bands * diagonal - back * common.repeat(1, scale, scale)).real
        return solved

    return solve


FLOOR: Final = 1e-4
"""Keeps the preconditioner finite at frequency 0; of no effect on the solution."""
