"""What an image tensor is, and the parts of it that the estimators look at."""

import torch

from srbase.errors import InputError


def require_image(image: torch.Tensor) -> None:
    """Raises InputError unless the tensor is (1 or 3, H, W) and finite."""
    if image.ndim != 3 or image.shape[0] not in (1, 3):
        raise InputError(f"image has shape {tuple(image.shape)}; wanted (1 or 3, height, width)")
    if not is_finite(image):
        raise InputError("image holds NaN or infinite values; wanted numbers in 0..1")


def is_finite(image: torch.Tensor) -> bool:
    """Whether no value is NaN or infinite: NaN is the least and the largest of all. Takes no memory."""
    return all(bool(torch.isfinite(end)) for end in torch.aminmax(image))


def require_size(image: torch.Tensor, smallest: int, purpose: str) -> None:
    """Raises InputError unless both sides of (..., H, W) have the pixels that the purpose needs."""
    height, width = image.shape[-2:]
    if min(height, width) < smallest:
        raise InputError(f"image is {width}x{height}; {purpose} needs at least {smallest}x{smallest}")


def central(image: torch.Tensor, side: int, *, multiple: int = 1) -> torch.Tensor:
    """A view of the middle of (..., H, W): at most ``side`` pixels along each axis.

    Shape: each axis of n pixels gives ``min(n, side)``, rounded down to a multiple; one pixel more is left
    out at the end than at the beginning where they are not even.

    >>> central(torch.arange(35).reshape(5, 7), 4, multiple=2)[:, 0].tolist()
    [1, 8, 15, 22]
    """
    lengths = [min(n, side) for n in image.shape[-2:]]
    height, width = (n - n % multiple for n in lengths)
    top, left = (image.shape[-2] - height) // 2, (image.shape[-1] - width) // 2
    return image[..., top : top + height, left : left + width]
