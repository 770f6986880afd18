"""Photographs in and out of files.

The depth comes from the file's data type, never from its values. 16-bit RGB PNG is decoded by
torchvision (Pillow would drop it to 8 bits), everything else by imageio, which also hands over the
EXIF orientation and the colour profile. Orientation is applied on reading.
"""

import hashlib
import warnings
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage

from blindsr.imaging import png16
from blindsr.imaging.atomic import written
from blindsr.imaging.errors import InputError

READABLE = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"})
WRITABLE = READABLE
DEEP = frozenset({".png", ".tif", ".tiff"})
"""Formats that keep 16 bits."""
OPAQUE = frozenset({".jpg", ".jpeg", ".bmp"})
"""Formats without an alpha channel."""

JPEG_QUALITY = 95
PNG_DEPTH_BYTE = 24  # offset of the bit depth in a PNG file (PNG specification, section 11.2.2)
MAX_16 = 65535.0


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
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError, KeyError) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        kinds = ", ".join(sorted(kind[1:] for kind in READABLE))
        reason = "not an image" if isinstance(error, UnidentifiedImageError) else detail
        raise InputError(f"{path} cannot be decoded ({reason}); wanted a whole image ({kinds})") from error
    return replace(_photo(pixels, path), icc=icc, sha256=hashlib.sha256(data).hexdigest())


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
    pixels = _quantise(image, bits)
    with written(path) as temporary:
        if bits == 16 and suffix == ".png":
            png16.write(temporary, pixels, photo.icc)
        elif bits == 16:
            extra = [(34675, "B", len(photo.icc), photo.icc, True)] if photo.icc else []
            iio.imwrite(temporary, pixels, extension=suffix, plugin="tifffile", extratags=extra)
        else:
            picture = Image.fromarray(pixels)
            options = {"quality": JPEG_QUALITY} if suffix in {".jpg", ".jpeg", ".webp"} else {}
            kept = {"icc_profile": photo.icc} if photo.icc and suffix != ".bmp" else {}
            picture.save(temporary, format=Image.registered_extensions()[suffix], **options, **kept)


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
    if data[:4] in {b"II*\0", b"MM\0*"}:
        return _decode_tiff(data)
    with Image.open(BytesIO(data)) as picture:
        picture.load()
        icc = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        return np.asarray(upright.convert(_plain_mode(upright))), icc


def _decode_tiff(data: bytes) -> tuple[npt.NDArray[np.generic], bytes | None]:
    with iio.imopen(data, "r", plugin="tifffile") as file:
        pixels = np.asarray(file.read(index=0))
        icc = file.metadata(index=0).get("InterColorProfile")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"TIFF of {pixels.dtype} pixels, wanted 8 or 16 bits")
    return pixels, icc


def _plain_mode(picture: Image.Image) -> str:
    """The mode without palette, exotic colour space or bits that holds everything of the picture."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return picture.mode
    transparent = picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info
    gray = picture.mode in {"1", "L", "LA", "La"}
    return ("L" if gray else "RGB") + ("A" if transparent else "")


def _photo(pixels: npt.NDArray[np.generic], path: Path) -> Photo:
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4):
        raise InputError(f"{path} has shape {pixels.shape}; wanted gray or RGB, with or without alpha")
    bits = 8 if pixels.dtype == np.uint8 else 16
    scaled = pixels.astype(np.float32) / np.float32(255.0 if bits == 8 else MAX_16)
    tensor = torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)))
    if tensor.shape[0] in (1, 3):
        return Photo(tensor, bits=bits)
    image, alpha = tensor[:-1], tensor[-1:]
    if bool((alpha == 1).all()):
        return Photo(image, bits=bits)
    return Photo(_bleed(image, alpha), alpha, bits)


def _bleed(image: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Give fully transparent pixels the nearest visible colour: what lies there is arbitrary and
    would ring into the visible edge.
    """
    hidden = (alpha[0] == 0).numpy()
    if not hidden.any() or hidden.all():
        return image
    nearest = ndimage.distance_transform_edt(hidden, return_distances=False, return_indices=True)
    return image[:, torch.from_numpy(nearest[0]), torch.from_numpy(nearest[1])]


def _quantise(image: torch.Tensor, bits: int) -> npt.NDArray[np.generic]:
    """(C, H, W) in 0..1 to (H, W[, C]) whole numbers, halves rounded up."""
    peak = 255.0 if bits == 8 else MAX_16
    values = image.clamp(0, 1).to(torch.float64) * peak + 0.5
    pixels = values.floor().permute(1, 2, 0).numpy().astype(np.uint8 if bits == 8 else np.uint16)
    return pixels[..., 0] if pixels.shape[2] == 1 else pixels
