"""Photographs in and out of files.

The depth comes from the file's data type, never from its values. 16-bit PNG is decoded by torchvision
and 16-bit TIFF by tifffile (Pillow would drop both to 8 bits), everything else by Pillow. The
orientation is applied on reading, the colour profile is kept.
"""

import hashlib
import struct
import warnings
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import numpy.typing as npt
import tifffile
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from blindsr.atomic import written
from blindsr.errors import InputError
from blindsr.imaging import png16
from blindsr.imaging.pixels import depth, quantise, to_tensors

READABLE = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"})
WRITABLE = READABLE
DEEP = frozenset({".png", ".tif", ".tiff"})
"""Formats that keep 16 bits."""
OPAQUE = frozenset({".jpg", ".jpeg", ".bmp"})
"""Formats without an alpha channel."""

TIFF_SIGNATURES = frozenset({b"II*\0", b"MM\0*"})
TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
"""Orientation tag to counter-clockwise quarter turns, and whether the result is then mirrored."""

DAMAGED = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    RuntimeError,
    LookupError,
    struct.error,
    tifffile.TiffFileError,
)
"""What the decoders raise on files that are damaged or no images."""

JPEG_QUALITY = 95
PNG_DEPTH_BYTE = 24  # offset of the bit depth in a PNG file (PNG specification, section 11.2.2)


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photograph: image (C, H, W) float32 in 0..1 with C 1 or 3, and what belongs to it."""

    image: torch.Tensor
    alpha: torch.Tensor | None = None  # (1, H, W), 0..1
    bits: int = 8  # 8 or 16
    icc: bytes | None = None
    sha256: str = ""  # of the file

    def with_image(self, image: torch.Tensor, alpha: torch.Tensor | None) -> "Photo":
        """The same depth and colour profile around other pixels."""
        return replace(self, image=image, alpha=alpha, sha256="")


def read_photo(path: Path) -> Photo:
    """Decode a photograph, upright. Raises InputError for anything that is not a whole image."""
    if path.is_dir():
        raise InputError(f"{path} is a directory; wanted an image file")
    if not path.exists():
        raise InputError(f"{path} does not exist; wanted an image file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    try:
        pixels, icc = _decode(data)
    except DAMAGED as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        kinds = ", ".join(sorted(kind[1:] for kind in READABLE))
        reason = "not an image" if isinstance(error, UnidentifiedImageError) else detail
        raise InputError(f"{path} cannot be decoded ({reason}); wanted a whole image ({kinds})") from error
    try:
        photo = from_pixels(pixels)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return replace(photo, icc=icc, sha256=hashlib.sha256(data).hexdigest())


def from_pixels(pixels: npt.NDArray[np.generic]) -> Photo:
    """A photograph around an array (H, W) or (H, W, C): uint8, uint16, or floats in 0..1.

    The depth follows the data type: 8 bits for uint8, 16 for all others. Raises InputError.
    """
    image, alpha = to_tensors(pixels)
    return Photo(image, alpha, bits=depth(pixels))


def write_photo(path: Path, photo: Photo) -> None:
    """Encode by the file's ending, through a temporary file that is renamed when whole.

    16-bit photographs stay 16-bit in PNG and TIFF and become 8-bit elsewhere; alpha is laid on white
    where the format has none.
    """
    check_writable_name(path)
    suffix = path.suffix.lower()
    bits = photo.bits if suffix in DEEP else 8
    image, alpha = photo.image.detach().cpu(), photo.alpha
    if not bool(torch.isfinite(image).all()):
        raise ArithmeticError(f"the result for {path} holds NaN or infinite values and was not written")
    if alpha is not None:
        alpha = alpha.detach().cpu()
        image = image * alpha + (1 - alpha) if suffix in OPAQUE else torch.cat([image, alpha])
    pixels = quantise(image, bits)
    with written(path) as temporary:
        if bits == 16 and suffix == ".png":
            png16.write(temporary, pixels, photo.icc)
        elif bits == 16:
            _write_deep_tiff(temporary, pixels, photo)
        else:
            picture = Image.fromarray(pixels)
            options = {"quality": JPEG_QUALITY} if suffix in {".jpg", ".jpeg", ".webp"} else {}
            kept = {"icc_profile": photo.icc} if photo.icc and suffix != ".bmp" else {}
            picture.save(temporary, format=Image.registered_extensions()[suffix], **options, **kept)


def _write_deep_tiff(path: Path, pixels: npt.NDArray[np.generic], photo: Photo) -> None:
    colour = "minisblack" if photo.image.shape[0] == 1 else "rgb"
    kinds = None if photo.alpha is None else ["unassalpha"]
    planar = None if photo.alpha is None else "contig"
    tifffile.imwrite(
        path, pixels, photometric=colour, planarconfig=planar, extrasamples=kinds, iccprofile=photo.icc
    )


def check_writable_name(path: Path) -> None:
    """Raises InputError where the ending names no format that can be written."""
    if path.suffix.lower() not in WRITABLE:
        kinds = ", ".join(sorted(WRITABLE))
        raise InputError(f"{path} ends in '{path.suffix}'; wanted one of {kinds}")


def _decode(data: bytes) -> tuple[npt.NDArray[np.generic], bytes | None]:
    """Pixels (H, W[, C]) as stored, and the colour profile."""
    if data.startswith(png16.SIGNATURE) and data[PNG_DEPTH_BYTE : PNG_DEPTH_BYTE + 1] == b"\x10":
        from torchvision.io import ImageReadMode, decode_image  # its only decoder of 16-bit RGB

        with iio.imopen(data, "r", plugin="pillow") as file:
            icc = file.metadata().get("icc_profile")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torchvision 0.29 announces a successor package
            buffer = torch.frombuffer(bytearray(data), dtype=torch.uint8)
            decoded = decode_image(buffer, mode=ImageReadMode.UNCHANGED, apply_exif_orientation=True)
        return decoded.permute(1, 2, 0).numpy(), icc
    if data[:4] in TIFF_SIGNATURES and (deep := _deep_tiff(data)) is not None:
        return deep
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        icc = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        return np.asarray(upright.convert(_plain_mode(upright))), icc


def _deep_tiff(data: bytes) -> tuple[npt.NDArray[np.generic], bytes | None] | None:
    """Pixels and profile of a TIFF of more than 8 bits; None where Pillow keeps everything of it.

    Raises ValueError for anything but 16-bit gray or RGB, and where the compression needs a codec
    that is not installed (the message names the package).
    """
    with tifffile.TiffFile(BytesIO(data)) as file:
        page = file.pages.first
        if page.dtype is None or page.dtype.itemsize == 1:
            return None
        kind = getattr(page.photometric, "name", "unknown").lower()
        if page.dtype != np.uint16 or kind not in {"minisblack", "miniswhite", "rgb"}:
            raise ValueError(f"TIFF of {page.dtype} pixels, {kind}; wanted gray or RGB of 8 or 16 bits")
        pixels = np.asarray(page.asarray())
        if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and pixels.ndim == 3:
            pixels = np.moveaxis(pixels, 0, 2)
        if kind == "miniswhite":
            pixels = np.iinfo(np.uint16).max - pixels
        tags = page.tags
        icc = tags.valueof("InterColorProfile")
        return _upright(pixels, int(tags.valueof("Orientation", 1))), icc


def _upright(pixels: npt.NDArray[np.generic], orientation: int) -> npt.NDArray[np.generic]:
    """Apply an orientation tag (TIFF 6.0, page 36) to (H, W[, C])."""
    if orientation not in TURNS:
        return pixels
    turns, mirrored = TURNS[orientation]
    turned = np.rot90(pixels, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def _plain_mode(picture: Image.Image) -> str:
    """The mode without palette, exotic colour space or bits that holds everything of the picture."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return picture.mode
    transparent = picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info
    gray = picture.mode in {"1", "L", "LA", "La"}
    return ("L" if gray else "RGB") + ("A" if transparent else "")
