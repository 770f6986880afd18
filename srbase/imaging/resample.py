"""Downscaling by a kernel or by Lanczos, bicubic and nearest-neighbour resizing, cropping, mirror padding."""

from typing import Final

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from srbase.errors import InputError
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

GROUPS: Final = 48
"""Channels that a convolution of single planes is spread over on a CPU."""
LEAST_ROWS: Final = 8
"""LR rows of a strip: thinner ones overlap by more than they hold."""
CUBIC_REACH: Final = 2
"""Pixels on each side that bicubic interpolation sees when enlarging."""


def downscale(image: torch.Tensor, kernel: SRKernel) -> torch.Tensor:
    """Correlate with the kernel and keep every s-th pixel; channels never mix.

    image: (..., H, W), any float dtype, H and W at least the scale (else InputError). H and W are
    cropped to multiples of the scale first (bottom and right), so the result is
    (..., H // s, W // s). Borders are mirrored with the edge pixel repeated, as imresize does.
    LR pixel i lies at HR coordinate ``s*i + (s-1)/2`` for a centred kernel.
    Differentiable; linear.
    """
    image = crop_to_multiple(image, kernel.scale)
    padded = image
    for dim, cells in zip((-2, -1), kernel.shape, strict=True):
        padded = mirror_pad(padded, dim, *geometry.padding(cells, kernel.scale))
    planes = padded.reshape(-1, *padded.shape[-2:])
    weight, rows_out = kernel.tensor(image), image.shape[-2] // kernel.scale
    strips = min(GROUPS // len(planes), rows_out // LEAST_ROWS) if image.device.type == "cpu" else 1
    small = _correlated(planes, weight, kernel.scale, rows_out, max(1, strips))
    return small.reshape(*image.shape[:-2], *small.shape[-2:])


def _correlated(
    planes: torch.Tensor, weight: torch.Tensor, scale: int, rows: int, strips: int
) -> torch.Tensor:
    """Every s-th correlation of padded planes (P, H, W) with one kernel, (P, rows, W').

    The planes are cut in strips that lie side by side as channels: a CPU's convolution works on many channels
    at once, and one alone costs as much as sixteen. The sums are the same.
    """
    cells, each = weight.shape[0], -(-rows // strips)
    height = scale * (each - 1) + cells
    short = scale * each * (strips - 1) + height - planes.shape[1]
    planes = F.pad(planes, (0, 0, 0, max(0, short)))
    cut = planes.unfold(1, height, scale * each)[:, :strips]  # (P, strips, W, height)
    groups = len(planes) * strips
    stacked = cut.permute(0, 1, 3, 2).reshape(1, groups, height, planes.shape[2])
    filters = weight.expand(groups, 1, *weight.shape)
    small = F.conv2d(stacked, filters, stride=scale, groups=groups)
    return small.reshape(len(planes), strips * each, -1)[:, :rows]


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


def lanczos_shrink(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Shrink to size (H, W) by Pillow's antialiased Lanczos filter of three lobes, pixel centres aligned.

    It keeps more of the band's upper end than :func:`resize` does.

    Args:
        image: (C, h, w) on any device. Values may be of any range.
        size: H and W.

    Returns:
        (C, H, W) of float32 on the CPU; values may overshoot.
    """
    shrunk = np.empty((len(image), *size), np.float32)
    for result, plane in zip(shrunk, image.detach(), strict=True):  # one plane at a time: images are large
        whole = Image.fromarray(plane.cpu().float().numpy())
        result[:] = np.asarray(whole.resize(size[::-1], Image.Resampling.LANCZOS))
    return torch.from_numpy(shrunk)


def nearest(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Nearest-neighbour resize to size (H, W), pixel centres aligned. image: (C, h, w)."""
    return F.interpolate(image[None], size=size, mode="nearest-exact")[0]


def nearest_upscale(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Each pixel repeated, to (C, s*H, s*W)."""
    return nearest(image, (image.shape[-2] * scale, image.shape[-1] * scale))


def bicubic_upscale(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Bicubic interpolation to (..., s*H, s*W): the baseline of every table."""
    return resize(image, (image.shape[-2] * scale, image.shape[-1] * scale))


def crop_to_multiple(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Drop the last rows and columns so that H and W are multiples of the scale (MATLAB's modcrop)."""
    height, width = image.shape[-2:]
    if height < scale or width < scale:
        raise InputError(f"image is {width}x{height}; x{scale} needs at least {scale}x{scale}")
    return image[..., : height - height % scale, : width - width % scale]


def mirror_pad(image: torch.Tensor, dim: int, before: int, after: int) -> torch.Tensor:
    """An image padded along one axis, mirrored with the edge pixel repeated, as far as wanted."""
    length = image.shape[dim]
    if max(before, after) > length:
        places = reflected(-before, before + length + after, length, image.device)
        return image.index_select(dim, places)
    first, last = image.narrow(dim, 0, before), image.narrow(dim, length - after, after)
    return torch.cat([first.flip(dim), image, last.flip(dim)], dim=dim)


def reflected(first: int, count: int, length: int, device: torch.device) -> torch.Tensor:
    """``count`` places from ``first`` on along an axis of ``length`` pixels that is mirrored at its ends,
    edge pixel repeated: ... 1 0 | 0 1 2 ..., as far as wanted.

    >>> reflected(-2, 8, 3, torch.device("cpu")).tolist()
    [1, 0, 0, 1, 2, 2, 1, 0]
    """
    index = torch.arange(first, first + count, device=device) % (2 * length)
    return torch.where(index < length, index, 2 * length - 1 - index)
