"""Files that no honest program wrote: by number, so that each can be made again."""

import dataclasses
import functools
import struct
import tempfile
import zlib
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image
from scipy import io as scipy_io

from blindsr.io.kernel_files import read_kernel, write_kernel
from blindsr.io.kernel_layouts import variables
from blindsr.io.photo import read_photo, read_size, write_photo
from blindsr.io.stack import StackWriter, read_stack
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel
from tests.io import profiles, rows
from tests.io.test_writing import XMP, exif_with_everything

SECONDS = 10.0
BYTES = 1 << 30
"""What a file of a few kilobytes may cost at most."""

MOST_WRITTEN = 1 << 18
"""Pixels: it is the reading that is tried."""

PANORAMA = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:Description GPano:FullPanoWidthPixels="4000" '
    b'tiff:XResolution="300/1" stDim:w="4.5"/></x:xmpmeta>'
)

EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


@functools.cache
def photographs():
    """(ending, bytes) of every row of the table that can be made here, and some that carry everything."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for row in rows.ROWS:
            path = Path(folder) / f"p{row.ending}"
            try:
                row.make(path)
            except ImportError:
                continue
            made.append((row.ending, path.read_bytes()))
    picture = Image.fromarray(rows.colours()[:24, :32].copy())
    for kind, ending in (
        ("JPEG", ".jpg"),
        ("WEBP", ".webp"),
        ("PNG", ".png"),
        ("TIFF", ".tif"),
        ("AVIF", ".avif"),
    ):
        buffer = BytesIO()
        extra = {"exif": b"Exif\0\0" + exif_with_everything(), "icc_profile": profiles.rgb(), "xmp": XMP}
        picture.save(buffer, kind, **extra)
        made += [(ending, buffer.getvalue())] * 4
    return made + [one for one in scientific() for _ in range(4)]


def scientific():
    """(ending, bytes) of files that tell places, lengths and pages."""
    small, made = rows.gray()[:24, :32].copy(), []
    stack = np.stack([small, small // 2])
    doubles = ((33550, 3), (33922, 6), (34264, 16))
    tags = [(tag, "d", count, tuple(np.linspace(0, 1, count)), True) for tag, count in doubles]
    tags.append((34735, "H", 8, (1, 1, 0, 1, 1025, 0, 1, 2), True))
    for pixels, asked in (
        (small, {"extratags": tags, "metadata": None}),
        (small, {"imagej": True, "resolution": (5, 4), "metadata": {"unit": "um"}}),
        (small, {"ome": True, "metadata": {"axes": "YX", "PhysicalSizeX": 0.2}}),
        (stack, {"imagej": True}),
        (stack, {"ome": True, "metadata": {"axes": "ZYX"}}),
        (stack.astype(np.uint16), {"photometric": "minisblack"}),
    ):
        buffer = BytesIO()
        tifffile.imwrite(buffer, pixels, **asked)
        made.append((".tif", buffer.getvalue()))
    buffer = BytesIO()
    Image.fromarray(small).save(buffer, "JPEG", xmp=PANORAMA)
    made.append((".jpg", buffer.getvalue()))
    heads = (b"v/1\x01", b"\xff\x0a", b"SIMPLE  =", bytes(128) + b"DICM")
    return made + values_of_science() + [(".dat", head + bytes(300)) for head in heads]


def values_of_science():
    """(ending, bytes) of FITS and DICOM, pictures and stacks, where what writes them is installed."""
    small, made = rows.gray()[:24, :32].copy(), []
    deep = small.astype(np.int16) * 100 - 5000
    asked = [
        (rows.fits_of, deep, {"BSCALE": 0.5, "BZERO": 3, "CDELT1": 0.1, "CUNIT1": "mm"}),
        (rows.fits_of, deep.astype(np.float32), {"CTYPE1": "RA---TAN"}),
        (rows.fits_of, np.stack([small, small]), {}),
        (rows.dicom_of, deep, {"RescaleSlope": 2, "RescaleIntercept": -7, "PixelSpacing": [0.5, 0.5]}),
        (rows.dicom_of, small, {"kind": "MONOCHROME1"}),
        (rows.dicom_of, np.stack([small, small]), {}),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number, (write, pixels, more) in enumerate(asked):
            path = Path(folder) / f"p{number}{'.fits' if write is rows.fits_of else '.dcm'}"
            try:
                write(path, pixels, **more)
            except ImportError:
                continue
            made.append((path.suffix, path.read_bytes()))
    return made


@functools.cache
def kernels():
    """(ending, bytes) of every kind of kernel file."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        kernel = SRKernel.bicubic(2)
        for ending in (".mat", ".npy"):
            path = Path(folder) / f"k{ending}"
            write_kernel(path, kernel)
            made.append((ending, path.read_bytes()))
        buffer = BytesIO()
        np.savez_compressed(buffer, Kernel=kernel.array, other=np.zeros((300, 300)))
        made.append((".npz", buffer.getvalue()))
        text = "\n".join(",".join(map(repr, line)) for line in kernel.array.tolist())
        made += [(".csv", text.encode()), (".txt", text.replace(",", " ").encode())]
        made.append((".txt", text.replace(",", " ").encode("utf-16")))
        buffer = BytesIO()
        scipy_io.savemat(buffer, {"kernels": variables(kernel, "kair")["kernels"]})
        made.append((".mat", buffer.getvalue()))
        if find_spec("h5py") is not None:
            import h5py

            with h5py.File(path := Path(folder) / "k73.mat", "w", userblock_size=512) as file:
                file["Kernel"] = kernel.array
            made.append((".mat", path.read_bytes()))
    return made


def mangled(data, rng):
    """The bytes with one to eight faults."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        size = max(1, len(data))
        at = int(rng.integers(size) if rng.random() < 0.5 else rng.integers(min(size, 400)))
        kind = rng.integers(7)
        if kind == 0:
            data[at : at + 1] = bytes([int(rng.integers(256))])
        elif kind == 1:
            data[at : at + 1] = bytes([data[at] ^ (1 << int(rng.integers(8)))]) if at < len(data) else b""
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            value = EXTREMES[int(rng.integers(len(EXTREMES)))]
            width = ("<I", ">I", "<H", ">H")[int(rng.integers(4))]
            packed = struct.pack(width, value & (0xFFFFFFFF if "I" in width else 0xFFFF))
            data[at : at + len(packed)] = packed
        elif kind == 4:
            del data[at : at + int(rng.integers(1, 64))]
        elif kind == 5:
            data[at:at] = rng.bytes(int(rng.integers(1, 64)))
        else:
            start = int(rng.integers(size))
            data[at:at] = data[start : start + int(rng.integers(1, 256))]
    return bytes(data)


def with_right_sums(data):
    """A PNG whose check sums are made right, so that faults reach what lies behind them."""
    whole, at = bytearray(data), 8
    while at + 12 <= len(whole):
        length = int.from_bytes(whole[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(whole):
            break
        whole[end : end + 4] = struct.pack(">I", zlib.crc32(whole[at + 4 : end]))
        at = end + 4
    return bytes(whole)


def case(number):
    """(kind, ending, bytes) of a case: three in five photographs, one metadata alone, one kernels."""
    rng = np.random.default_rng(number)
    share = rng.random()
    if share < 0.2:
        ending, data = kernels()[int(rng.integers(len(kernels())))]
        return "kernel", ending, mangled(data, rng)
    ending, data = photographs()[int(rng.integers(len(photographs())))]
    if share < 0.4:
        block = b"Exif\0\0" + mangled(exif_with_everything(), rng)
        icc = mangled(profiles.rgb(), rng)
        picture = Image.fromarray(rows.colours()[:24, :32].copy())
        kind, ending = (("JPEG", ".jpg"), ("WEBP", ".webp"), ("PNG", ".png"))[int(rng.integers(3))]
        buffer = BytesIO()
        picture.save(buffer, kind, exif=block, icc_profile=icc, xmp=mangled(XMP, rng))
        return "photograph", ending, buffer.getvalue()
    data = mangled(data, rng)
    return "photograph", ending, with_right_sums(data) if data[:4] == b"\x89PNG" else data


def _met_as_stack(stack, folder):
    """Write all pages, as they are and twice as large by their metadata."""
    with (folder / "stack.tif").open("w+b") as file:
        writer = StackWriter(file, len(stack), stack.data_type())
        for photo in stack:
            if len(stack) * photo.image[0].numel() > MOST_WRITTEN:
                return "read"
            larger = photo.metadata.for_upscaled((2.0, 1.5))
            writer.append(dataclasses.replace(photo, metadata=larger))
        writer.close()
    return "read"


def meet(number, folder):
    """Read the case as the program would, and write what came out. Returns what was said, or "read"."""
    kind, ending, data = case(number)
    path = folder / f"case{ending}"
    path.write_bytes(data)
    try:
        if kind == "kernel":
            read_kernel(path, 2)
        else:
            read_size(path)
            paged = ending in (".tif", ".fits", ".dcm")
            if paged and number % 5 == 1 and len(stack := read_stack(path)) > 1:
                return _met_as_stack(stack, folder)
            photo = read_photo(path, page=2 if paged and number % 5 == 0 else None)
            larger = photo.metadata.for_upscaled((2.0, 1.5))
            photo = dataclasses.replace(photo, metadata=larger)
            if photo.image[0].numel() > MOST_WRITTEN:
                return "read"
            for target in (".png", ".jpg", ".tif", ".webp", ".bmp"):
                write_photo(folder / f"out{target}", photo)
    except InputError as error:
        said = str(error)
        assert said
        assert "\n" not in said
        return said
    return "read"
