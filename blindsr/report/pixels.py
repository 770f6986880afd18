"""Pictures as a page holds them: 8 bits a channel, as WebP, within the page itself."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from blindsr.io.photo import Photo

Pixels = npt.NDArray[np.uint8]

LOSSY: Final = 85
"""Quality of pictures that are for orientation."""
EFFORT: Final = 3
"""0..6 of the encoder: 2 % larger than the best, in a third of the time."""


def shown(photo: Photo) -> Pixels:
    """(H, W, 3): the photograph as a screen shows it, what is transparent on white."""
    import torch

    from srbase.imaging.pixels import quantise

    image = photo.image.detach().cpu()
    if photo.values is not None:
        image = image * photo.values.headroom
    if photo.alpha is not None:
        alpha = photo.alpha.detach().cpu()
        image = image * alpha + (1 - alpha)
    if image.shape[0] == 1:
        image = image.expand(3, -1, -1)
    return np.asarray(quantise(image.to(torch.float32), 8), dtype=np.uint8)


def colour_profile(photo: Photo) -> bytes | None:
    """The profile to show the photograph's pixels by; a gray one does not fit what is shown, which is RGB."""
    return photo.metadata.icc if photo.image.shape[0] > 1 else None


def exact(pixels: Pixels, icc: bytes | None = None) -> bytes:
    """WebP that gives the pixels (H, W, 3) back as they are; icc: their colour profile."""
    return _webp(pixels, icc, lossless=True, quality=60)


def shrunk(pixels: Pixels, side: int, icc: bytes | None = None) -> bytes:
    """WebP for orientation: no longer than ``side`` pixels, a little compressed."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3)
    return _webp(np.asarray(picture), icc, lossless=False, quality=LOSSY)


def nearest(photo: Photo, height: int, width: int) -> Pixels:
    """The photograph enlarged by nearest-neighbour interpolation: its own pixels, as squares.

    Args:
        photo: (C, h, w).
        height: rows of the result.
        width: its columns.

    Returns:
        (height, width, 3), as :func:`shown` gives it.
    """
    small = shown(photo)
    rows, columns = (
        ((np.arange(large) + 0.5) * length / large).astype(np.intp)
        for large, length in zip((height, width), small.shape[:2], strict=True)
    )
    return np.asarray(small[rows][:, columns])


def colour_space(icc: bytes | None) -> Literal["srgb", "display-p3"]:
    """The canvas in which stored values stay what they are: Display P3 where the profile says so.

    Args:
        icc: the profile; None is sRGB. Any other profile is converted to sRGB by the browser.

    Returns:
        A name that ``getContext`` knows.
    """
    if icc is None:
        return "srgb"
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(icc)))
    except (ImageCms.PyCMSError, OSError):
        return "srgb"
    return "display-p3" if "P3" in name else "srgb"


def data_uri(webp: bytes) -> str:
    """The picture as an address that needs no network."""
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"


def _webp(pixels: Pixels, icc: bytes | None, *, lossless: bool, quality: int) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(
        buffer, format="WEBP", lossless=lossless, quality=quality, method=EFFORT, icc_profile=icc or b""
    )
    return buffer.getvalue()
