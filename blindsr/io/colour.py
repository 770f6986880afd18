"""Colours that are neither gray nor RGB, and profiles that belong to other pixels: by LittleCMS.

A profile is kept only beside pixels of its own colour space. ICC.1:2022, section 7.2: the header of 128 bytes
holds the device class at 12, the colour space at 16 and the signature "acsp" at 36.
"""

from dataclasses import replace
from io import BytesIO
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from blindsr.io.metadata import Metadata
from blindsr.io.raster import Whole

Space = Literal["RGB", "GRAY", "CMYK", "other"]

SPACES: Final[dict[bytes, Space]] = {b"RGB ": "RGB", b"GRAY": "GRAY", b"CMYK": "CMYK"}
OF_PIXELS: Final = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
"""Device classes that say what an image's numbers mean; links and named colours do not."""

MOST_PROFILE_BYTES = 1 << 24

D50: Final = (0.9642, 1.0, 0.8249)
XYZ_TO_SRGB: Final = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)
"""From D50, Bradford-adapted (B. Lindbloom)."""


def space_of(icc: bytes) -> Space | None:
    """The colour space that a profile is for; None for one that is no profile of pixels."""
    if len(icc) < 132 or icc[36:40] != b"acsp" or icc[12:16] not in OF_PIXELS:
        return None
    return SPACES.get(icc[16:20], "other")


def converted(picture: Image.Image, icc: bytes) -> Image.Image | None:
    """8-bit pixels of the profile's own space (L, RGB, CMYK) as sRGB; None where the profile is unusable.

    The rendering intent is perceptual, for which profiles of printers are made.
    """
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(icc))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def lab_to_srgb(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """CIE L*a*b* of D50 (..., 3), L* in 0..100, to sRGB in 0..1; what lies outside is clipped."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * D50
    linear = np.clip(xyz @ XYZ_TO_SRGB.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(encoded, dtype=np.float64)


def without_profile(metadata: Metadata) -> Metadata:
    """The metadata of pixels that are sRGB now."""
    return replace(metadata, icc=None)


def from_cmyk(planes: Whole, metadata: Metadata) -> tuple[Whole, Metadata, str]:
    """(H, W, 4 or more) of CMYK as sRGB of the same depth, what then belongs to it, and a line for people.

    Channels after the fourth stay. LittleCMS is reached by Pillow, which has CMYK of 8 bits alone.
    """
    deep = planes.dtype == np.uint16
    inks = np.ascontiguousarray(planes[..., :4] >> 8 if deep else planes[..., :4]).astype(np.uint8)
    picture = Image.fromarray(inks, "CMYK")
    icc = metadata.icc
    found = converted(picture, icc) if icc is not None and space_of(icc) == "CMYK" else None
    note = "CMYK is converted to sRGB through its profile" + (", at 8 bits" if deep else "")
    if found is None:
        found = picture.convert("RGB")
        note = "CMYK without a usable profile: its colours are approximate"
    rgb = np.asarray(found)
    rgb = rgb.astype(np.uint16) * 257 if deep else rgb
    return np.concatenate([rgb, planes[..., 4:]], axis=2), without_profile(metadata), note


def fitting(metadata: Metadata, channels: int) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata without a profile that is for other pixels than gray (1 or 2 channels) or RGB, and why."""
    if metadata.icc is None:
        return metadata, ()
    own: Space = "GRAY" if channels < 3 else "RGB"
    found = space_of(metadata.icc)
    if found == own:
        return metadata, ()
    what = "is damaged" if found is None else f"is for {found} pixels, these are {own}"
    return without_profile(metadata), (f"its colour profile {what}: left out",)
