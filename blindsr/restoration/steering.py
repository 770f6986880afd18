"""A penalty on the gradient that spares edges: small across an edge, large along it.

Around each pixel the gradient g is thought a Gaussian vector whose 2x2 covariance J (the *structure tensor*,
averaged over the neighbourhood and the channels) is read off a first solution. Its negative
log-likelihood is ``g' J^(-1) g / 2``: cheap across an edge, where J is large, and dear along it and in
flat parts, where ringing and noise would be. With J the same everywhere it is the plain squared
gradient of :mod:`blindsr.restoration.linear`.

Gradients live on the cells between four pixels. Each cell has two differences down (u, l) and two across
(a, b); the form is averaged over their four pairings, so that it has no blind spot (a checkerboard is
penalised) and flips and turns of the image turn the form along. With the sums v = u + l, h = a + b and the
cell's twist t = u - l = b - a (up to its sign, which does not matter) that average is

    (down v^2 + 2 mixed v h + across h^2 + (down + across) t^2) / 4

so that three images of differences do for the form and for its gradient.
Source of the tensor: Foerstner and Guelch 1987; of re-weighted penalties for sparse gradients: Levin et
al., ACM TOG 26, 2007 (there for each difference by itself).
"""

from dataclasses import dataclass
from typing import Final

import torch

from srbase.imaging.blur import blurred

CUT: Final = 2.5
"""Deviations at which the neighbourhood's Gaussian ends."""


@dataclass(frozen=True, eq=False)
class Steering:
    """A quarter, for the four pairings' mean, of the form's matrix [[down, mixed], [mixed, across]] at each
    cell, positive, and ``twist``, down + across: (H-1, W-1) each."""

    down: torch.Tensor
    mixed: torch.Tensor
    across: torch.Tensor
    twist: torch.Tensor

    def apply(self, image: torch.Tensor) -> torch.Tensor:
        """Half the gradient of the penalty at the image (C, H, W): linear, symmetric, of sum zero.

        With D the differences, the penalty is (D x)' M (D x) and half its gradient D' M D x.
        """
        v, h, t = _differences(image)
        from_v = (self.down * v).addcmul_(self.mixed, h)
        from_h = h.mul_(self.across).addcmul_(self.mixed, v)
        return _differences_adjoint(from_v, from_h, t.mul_(self.twist))


def steer(image: torch.Tensor, strength: float, floor: float, blur: float) -> Steering:
    """The form ``strength * (J + floor)^(-1)``.

    Args:
        image: (C, H, W), H and W at least 2; J is read off it.
        strength: a share of the noise variance, in squared grey values (0..1).
        floor: gradient variance of a flat part, likewise.
        blur: standard deviation of the Gaussian neighbourhood, pixels.

    Returns:
        The form at each cell.
    """
    v, h, t = _differences(image)
    twist = t.square()
    down = (v.square() + twist).mean(dim=0) / 4  # (u^2 + l^2) / 2, as v = u + l and t = u - l
    across = (h.square() + twist).mean(dim=0) / 4
    mixed = (v * h).mean(dim=0) / 4
    down, across, mixed = blurred(torch.stack([down, across, mixed]), blur, CUT)
    down, across = down + floor, across + floor
    scale = strength / (down * across - mixed.square()) / 4  # the inverse of a 2x2 matrix, over 4
    return Steering(scale * across, -scale * mixed, scale * down, scale * (down + across))


def _differences(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """By cell: the sum of the two differences down, that of the two across, and the twist."""
    pairs, steps = image[..., 1:] + image[..., :-1], image[..., 1:] - image[..., :-1]
    v = pairs[..., 1:, :] - pairs[..., :-1, :]
    h = steps[..., 1:, :] + steps[..., :-1, :]
    t = steps[..., 1:, :] - steps[..., :-1, :]
    return v, h, t


def _differences_adjoint(v: torch.Tensor, h: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The adjoint of :func:`_differences`: (C, H-1, W-1) each to (C, H, W).

    Each value goes back to the two rows that it came from: v is the lower pair less the upper one, h the sum
    of both steps, t the lower step less the upper one. Then it goes back to the two columns: a pair is the
    sum of two pixels, a step the right one less the left one.
    """
    pairs, steps = _overlaid(-v, v, -2), _overlaid(h - t, h + t, -2)
    return _overlaid(pairs - steps, pairs + steps, -1)


def _overlaid(here: torch.Tensor, behind: torch.Tensor, dim: int) -> torch.Tensor:
    """Two images of one size added, the second moved by one along an axis, which grows by one."""
    length = here.shape[dim]
    shape = list(here.shape)
    shape[dim] += 1
    total = here.new_empty(shape)
    total.narrow(dim, 0, 1).copy_(here.narrow(dim, 0, 1))
    torch.add(
        here.narrow(dim, 1, length - 1),
        behind.narrow(dim, 0, length - 1),
        out=total.narrow(dim, 1, length - 1),
    )
    total.narrow(dim, length, 1).copy_(behind.narrow(dim, length - 1, 1))
    return total
