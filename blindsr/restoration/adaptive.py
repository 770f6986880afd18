"""The edge-adaptive inverse of a known kernel: the linear inverse, solved again with a steered penalty.

    argmin over x of |downscale(x, k) - y|^2 + sum over cells of strength * g' (J + floor)^(-1) g

g is the gradient of x and J its local covariance in the solution before
(:mod:`blindsr.restoration.steering`); the first one comes from the linear inverse. Each round is a symmetric
positive system, on which a few steps of conjugate gradients are taken.

Images are made periodic (:mod:`blindsr.restoration.padding`), so that A'A is a product and a folding in the
Fourier domain. Residual and direction are kept there. The preconditioner is the linear inverse of the same
kernel (one system of s*s bands with a rank-one coupling for each LR frequency, solved by the Sherman-Morrison
formula): the inverse of A'A + P with P its even penalty. As the direction is made of what it returns,
(A'A + P) times the direction is known, and A'A is that less P. A step takes one transform in each
direction, for the steered penalty alone.
"""

from dataclasses import dataclass
from typing import Final

import torch

from blindsr.restoration.config import AdaptiveConfig, RoundsConfig
from blindsr.restoration.linear import LinearInverse, prior_spectrum
from blindsr.restoration.steering import Steering, steer
from srbase.kernels.operator import PeriodicDownscaling, Size, fold, repeated_columns, spread

TINY: Final = 1e-30
"""Energy under anything that an image in 0..1 leaves; keeps quotients finite."""
FLOOR: Final = 1e-4
"""Keeps the preconditioner finite at frequency 0; of no effect on the solution."""


@dataclass(frozen=True, eq=False)
class AdaptiveInverse:
    """The solver for periodic LR images of one size.

    ``whiten``: W of :mod:`blindsr.restoration.inverse`, a whole spectrum (h, w); None where noise is white.
    The operator contains it; images do not.
    """

    operator: PeriodicDownscaling
    linear: LinearInverse
    precondition: "Preconditioner"
    config: AdaptiveConfig
    whiten: torch.Tensor | None = None

    def solve(self, planes: torch.Tensor, config: RoundsConfig, noise_variance: float) -> torch.Tensor:
        """Planes (N, h, w) that share their edges to (N, s*h, s*w), not clipped. Deterministic.

        noise_variance: of each plane, images in 0..1; more where the kernel is in doubt.
        """
        small = torch.fft.fft2(planes)
        white = small if self.whiten is None else small * self.whiten
        solution, target = self.linear.spectrum(small), self.operator.adjoint(white)
        strength = config.strength * noise_variance
        image = self._image(solution)
        for number in range(config.rounds):
            steering = steer(image, strength, self.config.floor, self.config.blur)
            if number:
                solution = torch.fft.rfft2(image)
            residual = target - self.operator.adjoint(self.operator.forward(solution))
            residual -= torch.fft.rfft2(steering.apply(image))
            self._approach(image, residual, steering, config.steps)
        return image

    def _approach(self, image: torch.Tensor, residual: torch.Tensor, steering: Steering, steps: int) -> None:
        """A few steps of preconditioned conjugate gradients toward (A'A + penalty) x = target.

        image: x in pixels, changed in place; residual: of it, as half a spectrum. Planes are one vector:
        they share the step lengths. ``undone`` is (A'A + P) times the direction. Nothing is read back from
        the device.
        """
        direction = undone = torch.zeros_like(residual)
        energy = image.new_zeros(())  # nothing of a direction before the first
        for _ in range(steps):
            preconditioned = self.precondition(residual)
            before, energy = energy, self._product(residual, preconditioned)
            share = _ratio(energy, before)
            direction, undone = _plus(preconditioned, direction, share), _plus(residual, undone, share)
            step = self._image(direction)
            moved = undone - weighted(direction, self.precondition.penalty)
            moved += torch.fft.rfft2(steering.apply(step))
            length = _ratio(energy, self._product(direction, moved))
            image.addcmul_(step, length)
            residual = _plus(residual, moved, -length)

    def _image(self, spectrum: torch.Tensor) -> torch.Tensor:
        image: torch.Tensor = torch.fft.irfft2(spectrum, s=self.operator.large)
        return image

    def _product(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """The inner product in pixels, times their number (Parseval): columns but the first, and of an even
        width the last, stand for their mirror images too."""
        product = 2 * torch.dot(torch.view_as_real(a).flatten(), torch.view_as_real(b).flatten())
        for column in [0] if self.operator.large[1] % 2 else [0, -1]:
            product = product - (a[..., column].conj() * b[..., column]).real.sum()
        return product


@dataclass(frozen=True, eq=False)
class Preconditioner:
    """(A'A + weight * (gradient' gradient + FLOOR))^(-1) on half spectra of large images.

    The bands of one LR frequency are coupled by A'A = h h' / s^2 alone, h the vector of conj(H(f_b)). With P
    the penalty, diagonal in the bands, Sherman and Morrison's formula gives

        (P + h h' / s^2)^(-1) = P^(-1) - P^(-1) h h' P^(-1) / (s^2 + h' P^(-1) h)

    Attributes:
        forward: H / P, from the residual to h' P^(-1) of it, once folded.
        back: P^(-1) h / (s^2 + h' P^(-1) h).
        penalty: P in pairs, for :func:`weighted`.
        inverse_penalty: 1 / P, likewise.
        scale: from LR to HR.
        size: (h, w) of LR.
    """

    forward: torch.Tensor
    back: torch.Tensor
    penalty: torch.Tensor
    inverse_penalty: torch.Tensor
    scale: int
    size: Size

    @classmethod
    def of(cls, operator: PeriodicDownscaling, weight: float) -> "Preconditioner":
        """For pieces of the operator's size."""
        scale, size, kind = operator.scale, operator.size, operator.transfer
        laplacian = 1 / prior_spectrum(size, scale, 2.0)
        penalty = torch.from_numpy(weight * (laplacian + FLOOR)).to(kind.device, kind.real.dtype)
        through = operator.transfer / penalty
        coupling = spread(fold((through.abs().square() * penalty).to(kind.dtype), scale, size), scale)
        back = through.conj() / (scale**2 + coupling)
        pairs = penalty[..., None].repeat(1, 1, 2)
        return cls(through, back, pairs, 1 / pairs, scale, size)

    def __call__(self, residual: torch.Tensor) -> torch.Tensor:
        """Half spectrum (..., s*h, s*w/2 + 1) to the same."""
        rows = (*residual.shape[:-2], self.scale, *self.size[:1], residual.shape[-1])
        common = repeated_columns(fold(residual * self.forward, self.scale, self.size), self.scale)
        result = weighted(residual, self.inverse_penalty)
        result.view(rows).addcmul_(self.back.view(rows[-3:]), common.unsqueeze(-3), value=-1)
        return result


def weighted(spectrum: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
    """A spectrum (..., H, W) times real weights (H, W, 2), each of them twice: real times complex numbers
    would be converted number by number."""
    return torch.view_as_complex(torch.view_as_real(spectrum) * pairs)


def _plus(one: torch.Tensor, other: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
    """One spectrum plus so many times (0-dimensional, real) another."""
    return torch.view_as_complex(torch.addcmul(torch.view_as_real(one), torch.view_as_real(other), times))


def _ratio(part: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    """Part over whole, 0 where nothing is left to do."""
    return torch.where(whole > 0, part / whole.clamp(min=TINY), torch.zeros_like(part))


def penalty_factor(misfit: float, noise_variance: float, config: AdaptiveConfig) -> float:
    """How many times stronger the penalty is where the kernel is in doubt.

    The right kernel leaves a misfit of 0.01 to 0.45 of the noise variance (once 1.0, of 12 photographs); one
    0.5 px^2 too wide left 1.3 to 5 times the noise on fine patterns, and fitting that by sharp edges cost
    3.4 dB. The factor 1 + (doubt * misfit / noise)^2 costs nothing in the first case.

    Args:
        misfit: mean square of what the linear inverse, downscaled, leaves of the LR image.
        noise_variance: of each channel of LR.
        config: with ``doubt``.

    Returns:
        At least 1.
    """
    return 1 + (config.doubt * misfit / noise_variance) ** 2
