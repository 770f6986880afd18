"""A photograph made small on purpose."""

import torch

from blindsr.io.convert import Kernel, kernel_of
from blindsr.io.photo import Photo
from srbase.errors import InputError
from srbase.imaging.resample import crop_to_multiple, downscale, resize
from srbase.kernels.kernel import require_scale


def degraded(photo: Photo, scale: int = 2, *, kernel: Kernel | None = None) -> Photo:
    """The low-resolution photograph that a kernel makes, or bicubic shrinking without one, with all that
    belongs to it. It is cropped to a multiple of the scale first. Raises InputError.
    """
    require_scale(scale)
    blur = kernel_of(kernel, scale)
    if blur is not None and blur.scale != scale:
        raise InputError(f"kernel is for x{blur.scale}; wanted one for x{scale}")
    small = _shrink(photo.image, scale) if blur is None else downscale(photo.image, blur)
    alpha = None if photo.alpha is None else _shrink(photo.alpha, scale).clamp(0, 1)
    return photo.with_image(small.clamp(0, 1), alpha, factor=1 / scale)


def _shrink(image: torch.Tensor, scale: int) -> torch.Tensor:
    cropped = crop_to_multiple(image, scale)
    return resize(cropped, (cropped.shape[-2] // scale, cropped.shape[-1] // scale))
