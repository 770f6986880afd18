"""DICOM, by pydicom (the extra ``science``): gray pictures and series of frames.

The values are those of the file, RescaleSlope and RescaleIntercept applied (DICOM PS3.3, C.11.1). Windows and
lookup tables, which are for looking at it, are not.
"""

from io import BytesIO
from typing import Any, Final

import numpy as np

from blindsr.io.formats import check_claim
from blindsr.io.metadata import Density, Metadata
from blindsr.io.pages import chosen_page
from blindsr.io.raster import Raster
from blindsr.io.values import raster_of_values
from srbase.errors import InputError

DEFLATED: Final = b"1.2.840.10008.1.2.1.99"
"""Transfer syntax of files that are inflated whole before anything of them is known."""
META_BYTES: Final = 1 << 16
"""In which the transfer syntax stands."""
GRAY: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})
MILLIMETRES: Final = 25.4
"""In an inch."""
MOST_FRAMES: Final = 1 << 20


def decode(data: bytes, page: int | None = None) -> Raster:
    """The picture of the file, or a frame of it (from 1).

    Raises InputError where pydicom is not installed, for several frames without a page, and for what is no
    gray picture; what pydicom raises where the file is damaged.
    """
    pydicom = _pydicom()
    file = _opened(pydicom, data)
    index = chosen_page(page, _frames(file))
    height, width = int(file.Rows), int(file.Columns)
    check_claim(width, height, len(data))
    try:
        stored = np.asarray(pydicom.pixels.pixel_array(file, index=index))
    except (RuntimeError, NotImplementedError, AttributeError) as error:
        if getattr(file.file_meta.TransferSyntaxUID, "is_compressed", False):
            name = file.file_meta.TransferSyntaxUID.name
            raise InputError(
                f"is a DICOM compressed by {name}, which cannot be read here; wanted it unpacked"
                " (gdcmconv --raw), or pip install pylibjpeg[all]"
            ) from error
        raise
    if stored.shape != (height, width):
        raise ValueError(f"holds {stored.shape}, where {(height, width)} is told")
    slope, intercept = float(file.get("RescaleSlope", 1) or 1), float(file.get("RescaleIntercept", 0) or 0)
    notes = ["its tags are left out, those of the patient too"]
    if "ModalityLUTSequence" in file:
        notes.append("its table of values (Modality LUT) is left out: the numbers are those of the file")
    if file.PhotometricInterpretation == "MONOCHROME1":
        stored, slope, intercept = _turned(stored, int(file.BitsStored), slope, intercept)
        notes.append("its black and white change places (MONOCHROME1)")
    return raster_of_values(stored, slope, intercept, Metadata(density=_density(file)), tuple(notes))


def count_pages(data: bytes) -> int:
    """How many frames the file has. Raises as :func:`decode`."""
    return _frames(_opened(_pydicom(), data))


def _pydicom() -> Any:
    try:
        import pydicom
        import pydicom.pixels
    except ImportError as error:
        raise InputError("DICOM needs another package: pip install pydicom") from error
    return pydicom


def _opened(pydicom: Any, data: bytes) -> Any:
    """The data set. Raises InputError for what is no gray picture."""
    if DEFLATED in data[:META_BYTES]:
        raise InputError("is a deflated DICOM, which is not read; wanted it unpacked: dcmconv +te in out")
    try:
        file = pydicom.dcmread(BytesIO(data))
    except (pydicom.errors.InvalidDicomError, pydicom.errors.BytesLengthException) as error:
        raise ValueError(str(error)) from error
    kind = file.get("PhotometricInterpretation")
    if kind is None or not any(
        key in file for key in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
    ):
        raise InputError("is a DICOM without a picture; wanted one with pixels")
    if kind not in GRAY or int(file.get("SamplesPerPixel", 1)) != 1:
        raise InputError(
            f"is a DICOM of {' '.join(str(kind).split())[:40]} pixels; wanted gray ones, or PNG (dcm2img)"
        )
    return file


def _frames(file: Any) -> int:
    count = int(file.get("NumberOfFrames", 1) or 1)
    if not 1 <= count <= MOST_FRAMES:
        raise ValueError(f"tells {count} frames")
    return count


def _turned(
    stored: np.ndarray[Any, Any], bits: int, slope: float, intercept: float
) -> tuple[np.ndarray[Any, Any], float, float]:
    """Numbers that grow with the brightness, with their slope and intercept.

    Without a slope and an intercept of their own the numbers are no values: those that are turned have none.
    """
    if stored.dtype.kind not in "iu" or not 1 <= bits <= 32:
        raise InputError("is MONOCHROME1 of floats; wanted whole numbers")
    ends = -1 if stored.dtype.kind == "i" else (1 << bits) - 1  # the smallest and the largest, added
    turned = ends - stored.astype(np.int64)
    turned = turned.astype(stored.dtype) if turned.min() >= np.iinfo(stored.dtype).min else turned
    if (slope, intercept) == (1, 0):
        return turned, slope, intercept
    return turned, -slope, intercept + slope * ends


def _density(file: Any) -> Density | None:
    """Pixels an inch across and down: PixelSpacing tells millimetres between rows, then between columns."""
    spacing = file.get("PixelSpacing")
    if spacing is None or isinstance(spacing, str) or len(spacing) != 2:
        return None
    down, across = (float(value) for value in spacing)
    return (MILLIMETRES / across, MILLIMETRES / down) if min(down, across) > 0 else None
