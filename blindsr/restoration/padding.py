"""An image made periodic, so that its transform may be taken.

The image is mirrored at its borders, the edge pixel repeated, for as many pixels as the filter reaches and
a few more; these few are blended with those of the opposite side. Without a jump there nothing rings in.
"""

from dataclasses import dataclass
from typing import Final

import torch
from scipy.fft import next_fast_len

from srbase.imaging.resample import mirror_pad

BLEND: Final = 8
"""Pixels at each end over which the image is made periodic."""


@dataclass(frozen=True)
class Padding:
    """How an image of ``image`` (h, w) is padded to ``size``; make it by :meth:`of`."""

    image: tuple[int, int]
    size: tuple[int, int]
    before: int

    @classmethod
    def of(cls, image: tuple[int, int], reach: int) -> "Padding":
        """For a filter that sees ``reach`` pixels to each side; the size is one that transforms fast."""
        before = reach + BLEND
        height, width = (next_fast_len(n + 2 * before, real=True) for n in image)
        return cls(image, (height, width), before)

    def pad(self, image: torch.Tensor) -> torch.Tensor:
        """(..., h, w) to (..., *size), periodic; a copy."""
        for dim, length, padded in zip((-2, -1), self.image, self.size, strict=True):
            after = padded - length - self.before
            image = _periodic(mirror_pad(image, dim, self.before, after), dim)
        return image

    def cut(self, padded: torch.Tensor, scale: int = 1) -> torch.Tensor:
        """Of a result (..., s*size) what belongs to the image, (..., s*h, s*w): a view."""
        top, (height, width) = scale * self.before, self.image
        return padded[..., top : top + scale * height, top : top + scale * width]


def _periodic(padded: torch.Tensor, dim: int) -> torch.Tensor:
    """The outermost pixels along an axis blended with their mirror images at the other end."""
    n = padded.shape[dim]
    share = 0.5 + (torch.arange(BLEND, dtype=padded.dtype, device=padded.device) + 0.5) / (2 * BLEND)
    own = torch.ones(n, dtype=padded.dtype, device=padded.device)
    own[:BLEND], own[n - BLEND :] = share, share.flip(0)
    own = own if dim == -1 else own[:, None]
    return own * padded + (1 - own) * padded.flip(dim)
