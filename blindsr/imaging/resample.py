"""Shrinking by a kernel, and bicubic resizing in both directions."""

from typing import Final

import torch
from torch.nn import functional as F

from blindsr.errors import InputError
from blindsr.imaging import geometry
from blindsr.imaging.kernel import SRKernel

CUBIC_REACH: Final = 2
"""Pixels on each side that bicubic interpolation sees when enlarging."""


def downscale(image: torch.Tensor, kernel: SRKernel) -> torch.Tensor:
    """Correlate with the kernel and keep every s-th pixel; channels never mix.

    image: (..., H, W), any float dtype, H and W at least as large as the kernel's half. H and W are
    cropped to multiples of the scale first (bottom and right), so the result is
    (..., H // s, W // s). Borders are mirrored with the edge pixel repeated, as imresize does.
    LR pixel i lies at HR coordinate ``s*i + (s-1)/2`` for a centred kernel.
    Differentiable; linear; its adjoint is :func:`downscale_adjoint`.
    """
    image = crop_to_multiple(image, kernel.scale)
    rows = _padded(image.shape[-2], kernel.shape[0], kernel.scale, image.device)
    columns = _padded(image.shape[-1], kernel.shape[1], kernel.scale, image.device)
    padded = image.index_select(-2, rows).index_select(-1, columns)
    planes = padded.reshape(-1, 1, *padded.shape[-2:])
    small = F.conv2d(planes, kernel.tensor(image)[None, None], stride=kernel.scale)
    return small.reshape(*image.shape[:-2], *small.shape[-2:])


def downscale_adjoint(image: torch.Tensor, kernel: SRKernel, size: tuple[int, int]) -> torch.Tensor:
    """The adjoint of :func:`downscale`: <downscale(x), y> = <x, adjoint(y)> in exact arithmetic.

    image: (..., h, w); size: (H, W) of the result, multiples of the scale with H // s = h.
    """
    if (size[0] // kernel.scale, size[1] // kernel.scale) != tuple(image.shape[-2:]) or (
        size[0] % kernel.scale or size[1] % kernel.scale
    ):
        raise InputError(f"adjoint of {tuple(image.shape[-2:])} at x{kernel.scale} cannot have size {size}")
    rows = _padded(size[0], kernel.shape[0], kernel.scale, image.device)
    columns = _padded(size[1], kernel.shape[1], kernel.scale, image.device)
    planes = image.reshape(-1, 1, *image.shape[-2:])
    spread = F.conv_transpose2d(planes, kernel.tensor(image)[None, None], stride=kernel.scale)
    unseen = (0, len(columns) - spread.shape[-1], 0, len(rows) - spread.shape[-2])  # by a small kernel
    padded = F.pad(spread, unseen)
    folded = padded.new_zeros(planes.shape[0], 1, size[0], padded.shape[-1]).index_add(-2, rows, padded)
    large = folded.new_zeros(planes.shape[0], 1, *size).index_add(-1, columns, folded)
    return large.reshape(*image.shape[:-2], *size)


def resize(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Bicubic resize to size (H, W) with a = -0.5, antialiased when shrinking, as MATLAB's imresize.

    image: (..., h, w). Differs from MATLAB in the outermost pixels only (edge weights are
    renormalised instead of mirrored), as PIL does. Values may overshoot 0..1.
    """
    planes = image.reshape(1, -1, *image.shape[-2:])
    if planes.shape[1] == 0:
        raise InputError(f"image has shape {tuple(image.shape)}; wanted at least one channel")
    resized = F.interpolate(planes, size=size, mode="bicubic", antialias=True, align_corners=False)
    return resized.reshape(*image.shape[:-2], *size)


def bicubic_upscale(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Bicubic interpolation to (..., s*H, s*W): the baseline of every table."""
    return resize(image, (image.shape[-2] * scale, image.shape[-1] * scale))


def crop_to_multiple(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Drop the last rows and columns so that H and W are multiples of the scale (MATLAB's modcrop)."""
    height, width = image.shape[-2:]
    if height < scale or width < scale:
        raise InputError(f"image is {width}x{height}; x{scale} needs at least {scale}x{scale}")
    return image[..., : height - height % scale, : width - width % scale]


def reflected(first: int, count: int, length: int, device: torch.device) -> torch.Tensor:
    """``count`` places from ``first`` on along an axis of ``length`` pixels that is mirrored at its ends,
    edge pixel repeated: ... 1 0 | 0 1 2 ..., as far as wanted.

    >>> reflected(-2, 8, 3, torch.device("cpu")).tolist()
    [1, 0, 0, 1, 2, 2, 1, 0]
    """
    index = torch.arange(first, first + count, device=device) % (2 * length)
    return torch.where(index < length, index, 2 * length - 1 - index)


def _padded(length: int, cells: int, scale: int, device: torch.device) -> torch.Tensor:
    """The indices that pad an axis for the kernel."""
    before, after = geometry.padding(cells, scale)
    return reflected(-before, before + length + after, length, device)
