"""A penalty on the gradient that spares edges: small across an edge, large along it.

Around each pixel the gradient g is thought a Gaussian vector whose 2x2 covariance J (the *structure tensor*,
averaged over the neighbourhood and the channels) is read off a first solution. Its negative
log-likelihood is ``g' J^(-1) g / 2``: cheap across an edge, where J is large, and dear along it and in
flat parts, where ringing and noise would be. With J the same everywhere it is the plain squared
gradient of :mod:`blindsr.inverse.linear`.

Gradients live on the cells between four pixels. Each cell has two differences down and two across;
the form is averaged over their four pairings, so that it has no blind spot (a checkerboard is penalised)
and flips and turns of the image turn the form along.
Source of the tensor: Foerstner and Guelch 1987; of re-weighted penalties for sparse gradients: Levin et
al., ACM TOG 26, 2007 (there for each difference by itself).
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class Steering:
    """The form's matrix [[down, mixed], [mixed, across]], positive, at each cell: (H-1, W-1) each."""

    down: torch.Tensor
    mixed: torch.Tensor
    across: torch.Tensor

    def apply(self, image: torch.Tensor) -> torch.Tensor:
        """Half the gradient of the penalty at the image (C, H, W): linear, symmetric, of sum zero."""
        upper, lower, left, right = _differences(image)
        from_across = self.mixed * (left + right) / 2  # of the four pairings each difference is in two
        from_down = self.mixed * (upper + lower) / 2
        result = torch.zeros_like(image)
        for difference, weight, other, first, second in (
            (upper, self.down, from_across, _TOP_LEFT, _BOTTOM_LEFT),
            (lower, self.down, from_across, _TOP_RIGHT, _BOTTOM_RIGHT),
            (left, self.across, from_down, _TOP_LEFT, _TOP_RIGHT),
            (right, self.across, from_down, _BOTTOM_LEFT, _BOTTOM_RIGHT),
        ):
            force = (weight * difference + other) / 2
            _corner(result, *first).sub_(force)
            _corner(result, *second).add_(force)
        return result


def steer(image: torch.Tensor, strength: float, floor: float, blur: float) -> Steering:
    """The form ``strength * (J + floor)^(-1)`` of the image (C, H, W), H and W at least 2.

    strength: a share of the noise variance, in squared grey values (0..1). floor: gradient variance of a flat
    part, likewise. blur: standard deviation of the Gaussian neighbourhood, pixels.
    """
    upper, lower, left, right = _differences(image)
    down = (upper.square() + lower.square()).mean(dim=0) / 2
    across = (left.square() + right.square()).mean(dim=0) / 2
    mixed = ((upper + lower) * (left + right)).mean(dim=0) / 4
    down, across, mixed = _blurred(torch.stack([down, across, mixed]), blur)
    down, across = down + floor, across + floor
    scale = strength / (down * across - mixed.square())  # the inverse of a 2x2 matrix
    return Steering(down=scale * across, mixed=-scale * mixed, across=scale * down)


_TOP_LEFT, _TOP_RIGHT, _BOTTOM_LEFT, _BOTTOM_RIGHT = (0, 0), (0, 1), (1, 0), (1, 1)


def _corner(image: torch.Tensor, y: int, x: int) -> torch.Tensor:
    """A view of the pixels at one corner of every cell: (..., H-1, W-1)."""
    height, width = image.shape[-2:]
    return image[..., y : height - 1 + y, x : width - 1 + x]


def _differences(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """By cell: the differences down its left and right side, and across its top and bottom."""
    a, b = _corner(image, *_TOP_LEFT), _corner(image, *_TOP_RIGHT)
    c, d = _corner(image, *_BOTTOM_LEFT), _corner(image, *_BOTTOM_RIGHT)
    return c - a, d - b, b - a, d - c


def _blurred(planes: torch.Tensor, deviation: float) -> torch.Tensor:
    """Gaussian blur of (N, H, W), edge pixel repeated; cut at 2.5 deviations."""
    reach = max(1, round(2.5 * deviation))
    axis = torch.arange(-reach, reach + 1, dtype=planes.dtype, device=planes.device)
    taps = torch.exp(-0.5 * (axis / deviation).square())
    taps = taps / taps.sum()
    padded = F.pad(planes[:, None], (reach, reach, reach, reach), mode="replicate")
    return F.conv2d(F.conv2d(padded, taps[None, None, :, None]), taps[None, None, None, :])[:, 0]
