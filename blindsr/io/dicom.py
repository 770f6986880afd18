"""DICOM, by pydicom (the extra ``science``): gray pictures and series of frames.

The values are those of the file, RescaleSlope and RescaleIntercept applied (DICOM PS3.3, C.11.1). Windows and
lookup tables, which are for looking at it, are not.
"""

import struct
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
PIXELS: Final = frozenset(
    struct.pack(f"{order}HH", 0x7FE0, element) for order in "<>" for element in (0x0008, 0x0009, 0x0010)
)
"""Tags of Float, Double Float and other Pixel Data as they stand in the file, of either byte order."""
TRANSFORMATION: Final = "PixelValueTransformationSequence"
MILLIMETRES: Final = 25.4
"""In an inch."""
MOST_FRAMES: Final = 1 << 20


def decode(data: bytes, page: int | None = None) -> Raster:
    """The picture of the file, or a frame of it (from 1).

    Raises InputError where pydicom is not installed, for several frames without a page, and for what is no
    gray picture; what pydicom raises where the file is damaged.
    """
    pydicom = _pydicom()
    file = open_dicom(pydicom, data)
    index = chosen_page(page, _frames(file))
    height, width = int(file.Rows), int(file.Columns)
    check_claim(width, height, len(data))
    try:  # of the bytes, so that one frame of them is copied
        stored = np.asarray(pydicom.pixels.pixel_array(BytesIO(data), index=index))
    except (RuntimeError, NotImplementedError, AttributeError) as error:
        if getattr(file.file_meta.TransferSyntaxUID, "is_compressed", False):
            name = file.file_meta.TransferSyntaxUID.name
            raise InputError(
                f"is a DICOM compressed by {name}, which cannot be read here; wanted it unpacked"
                " (gdcmconv --raw), or pip install pylibjpeg[all]"
            ) from error
        raise
    if stored.shape != (height, width):
        raise ValueError(f"holds {stored.shape}, where its header says {(height, width)}")
    slope = _number(file, index, TRANSFORMATION, "RescaleSlope", 1.0)
    intercept = _number(file, index, TRANSFORMATION, "RescaleIntercept", 0.0)
    notes = ["its tags are left out, those of the patient too"]
    if "ModalityLUTSequence" in file:
        notes.append("its table of values (Modality LUT) is left out: the numbers are those of the file")
    inverted = file.PhotometricInterpretation == "MONOCHROME1"
    if inverted:
        stored, slope, intercept = invert_gray(stored, file, slope, intercept)
        notes.append("its black and white change places (MONOCHROME1)")
    metadata = Metadata(density=_density(_field(file, index, "PixelMeasuresSequence", "PixelSpacing")))
    return raster_of_values(stored, slope, intercept, metadata, tuple(notes), inverted=inverted and slope < 0)


def count_pages(data: bytes) -> int:
    """How many frames the file has. Raises as :func:`decode`."""
    return _frames(open_dicom(_pydicom(), data))


def _pydicom() -> Any:
    try:
        import pydicom
        import pydicom.pixels
    except ImportError as error:
        raise InputError("DICOM needs another package: pip install pydicom") from error
    return pydicom


def open_dicom(pydicom: Any, data: bytes) -> Any:
    """The data set without its pixels. Raises InputError for what is no gray picture."""
    if DEFLATED in data[:META_BYTES]:
        raise InputError("is a deflated DICOM, which is not read; wanted it unpacked: dcmconv +te in out")
    try:
        opened = BytesIO(data)
        file = pydicom.dcmread(opened, stop_before_pixels=True)
    except (pydicom.errors.InvalidDicomError, pydicom.errors.BytesLengthException) as error:
        raise ValueError(str(error)) from error
    kind = file.get("PhotometricInterpretation")
    if kind is None or opened.read(4) not in PIXELS:
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


def _field(file: Any, index: int, sequence: str, key: str) -> Any:
    """A field of a frame: in its own functional groups, in those of all frames, or of the file (DICOM PS3.3,
    C.7.6.16); None where it is not there."""
    places = []
    for groups, number in (
        ("PerFrameFunctionalGroupsSequence", index),
        ("SharedFunctionalGroupsSequence", 0),
    ):
        group = _item(file, groups, number)
        if group is not None and (item := _item(group, sequence, 0)) is not None:
            places.append(item)
    for place in (*places, file):
        if (value := place.get(key)) is not None:
            return value
    return None


def _item(parent: Any, sequence: str, index: int) -> Any:
    """An item of a sequence; None where it is not there."""
    items = parent.get(sequence)
    return items[index] if items and index < len(items) else None


def _number(file: Any, index: int, sequence: str, key: str, default: float) -> float:
    value = _field(file, index, sequence, key)
    return default if value is None else float(value)


def invert_gray(
    stored: np.ndarray[Any, Any], file: Any, slope: float, intercept: float
) -> tuple[np.ndarray[Any, Any], float, float]:
    """Numbers that grow with the brightness of MONOCHROME1, with their slope and intercept.

    Without a slope and an intercept of their own the numbers are no values: the inverted ones have none.
    Large values are dark, so that numbers with a negative slope grow with the brightness as they are.
    """
    if stored.dtype.kind not in "iu":
        raise InputError("is MONOCHROME1 of floats; wanted whole numbers")
    bits = int(file.BitsStored)
    if not 1 <= bits <= 32:
        raise InputError(f"is MONOCHROME1 of {bits} bits; wanted 1 to 32")
    if slope < 0:
        return stored, slope, intercept
    ends = -1 if stored.dtype.kind == "i" else (1 << bits) - 1  # the smallest and the largest, added
    inverted = ends - stored.astype(np.int64)
    inverted = inverted.astype(stored.dtype) if inverted.min() >= np.iinfo(stored.dtype).min else inverted
    if (slope, intercept) == (1, 0):
        return inverted, slope, intercept
    return inverted, -slope, intercept + slope * ends


def _density(spacing: Any) -> Density | None:
    """Pixels an inch across and down: PixelSpacing tells millimetres between rows, then between columns."""
    if spacing is None or isinstance(spacing, str) or len(spacing) != 2:
        return None
    down, across = (float(value) for value in spacing)
    return (MILLIMETRES / across, MILLIMETRES / down) if min(down, across) > 0 else None
