"""One row for each kind of file that goes in: how it is written by other hands, and what must come out."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import tifffile
from PIL import Image

from tests.io import profiles

HEIGHT, WIDTH = 64, 72
ROWS = []


@dataclass(frozen=True)
class Row:
    kind: str
    holds: str
    ending: str
    make: object  # path -> (H, W, C) in 0..1, as it must be read; None where it must be refused
    bits: int = 8
    tolerance: float = 0.51 / 255
    note: str = ""
    needs: str = ""


def row(kind, holds, ending, **more):
    def keep(make):
        ROWS.append(Row(kind, holds, ending, make, **more))
        return make

    return keep


def colours(dtype=np.uint8):
    """(H, W, 3): smooth, of every brightness, no two channels alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([x / (WIDTH - 1), y / (HEIGHT - 1), (np.sin(x / 9) * np.cos(y / 11) + 1) / 2], axis=2)
    return np.round(planes * np.iinfo(dtype).max).astype(dtype)


def gray(dtype=np.uint8):
    return colours(dtype)[..., 2]


def alpha(dtype=np.uint8):
    """(H, W): nothing on the left, full on the right, a ramp between."""
    ramp = np.clip(np.linspace(-0.3, 1.3, WIDTH), 0, 1)
    return np.broadcast_to(np.round(ramp * np.iinfo(dtype).max), (HEIGHT, WIDTH)).astype(dtype)


def unit(pixels):
    return np.atleast_3d(pixels).astype(np.float64) / np.iinfo(pixels.dtype).max


def png_bytes(pixels, colour, depth, before=(), *, interlaced=False):
    """A PNG by the letter: rows not filtered; passes of Adam7 where asked for."""
    height, width = pixels.shape[:2]

    def scanlines(part):
        rows = []
        for line in part:
            if depth == 16:
                packed = line.astype(">u2").tobytes()
            elif depth == 8:
                packed = line.astype(np.uint8).tobytes()
            else:
                bits = np.unpackbits(line.astype(np.uint8)[:, None], axis=1)[:, -depth:]
                packed = np.packbits(bits.ravel()).tobytes()
            rows.append(b"\0" + packed)
        return b"".join(rows)

    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [
            (0, 0, 8, 8),
            (0, 4, 8, 8),
            (4, 0, 8, 4),
            (0, 2, 4, 4),
            (2, 0, 4, 2),
            (0, 1, 2, 2),
            (1, 0, 2, 1),
        ]
    body = b"".join(scanlines(pixels[y::down, x::across]) for y, x, down, across in passes)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    parts = [(b"IHDR", header), *before, (b"IDAT", zlib.compress(body)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


for _depth in (1, 2, 4, 8, 16):
    _peak = (1 << _depth) - 1

    def _levels(peak=_peak):
        return np.round(gray() / 255 * peak).astype(np.uint16)

    @row("PNG", f"gray, {_depth} bit", ".png", bits=16 if _depth == 16 else 8)
    def _(path, depth=_depth, peak=_peak, levels=_levels):
        path.write_bytes(png_bytes(levels(), 0, depth))
        return levels()[..., None] / peak

    @row("PNG", f"gray, {_depth} bit, a transparent colour", ".png", bits=16 if _depth == 16 else 8)
    def _(path, depth=_depth, peak=_peak, levels=_levels):
        values = levels()
        key = int(values[5, 5])
        path.write_bytes(png_bytes(values, 0, depth, [(b"tRNS", struct.pack(">H", key))]))
        return np.stack([values / peak, values != key], axis=2)


for _dtype, _depth in ((np.uint8, 8), (np.uint16, 16)):

    @row("PNG", f"RGB, {_depth} bit", ".png", bits=_depth)
    def _(path, dtype=_dtype, depth=_depth):
        path.write_bytes(png_bytes(colours(dtype), 2, depth))
        return unit(colours(dtype))

    @row("PNG", f"RGB, {_depth} bit, interlaced", ".png", bits=_depth)
    def _(path, dtype=_dtype, depth=_depth):
        path.write_bytes(png_bytes(colours(dtype), 2, depth, interlaced=True))
        return unit(colours(dtype))

    @row("PNG", f"RGB, {_depth} bit, a transparent colour", ".png", bits=_depth)
    def _(path, dtype=_dtype, depth=_depth):
        pixels = colours(dtype)
        pixels[10:30, 10:40] = pixels[0, 0]
        path.write_bytes(png_bytes(pixels, 2, depth, [(b"tRNS", struct.pack(">3H", *pixels[0, 0]))]))
        shown = ~(pixels == pixels[0, 0]).all(axis=2)
        return np.dstack([unit(pixels), shown])

    @row("PNG", f"RGB and alpha, {_depth} bit", ".png", bits=_depth)
    def _(path, dtype=_dtype, depth=_depth):
        pixels = np.dstack([colours(dtype), alpha(dtype)])
        path.write_bytes(png_bytes(pixels, 6, depth))
        return unit(pixels)

    @row("PNG", f"gray and alpha, {_depth} bit", ".png", bits=_depth)
    def _(path, dtype=_dtype, depth=_depth):
        pixels = np.dstack([gray(dtype), alpha(dtype)])
        path.write_bytes(png_bytes(pixels, 4, depth))
        return unit(pixels)


@row("PNG", "palette", ".png")
def _(path):
    picture = Image.fromarray(colours()).quantize(64)
    picture.save(path)
    return unit(np.asarray(picture.convert("RGB")))


@row("PNG", "palette with transparency", ".png")
def _(path):
    picture = Image.fromarray(colours()).quantize(64)
    picture.save(path, transparency=bytes(range(0, 256, 4)))
    with Image.open(path) as again:
        return unit(np.asarray(again.convert("RGBA")))


@row("PNG", "animation", ".png", note="animation of 2 frames")
def _(path):
    first = Image.fromarray(colours())
    first.save(path, save_all=True, append_images=[first.rotate(90).resize(first.size)])
    return unit(colours())


LOSSY = 9 / 255
DEEP = 0.51 / 65535


@row("JPEG", "gray", ".jpg", tolerance=LOSSY)
def _(path):
    Image.fromarray(gray()).save(path, quality=95)
    return unit(gray())


@row("JPEG", "RGB, progressive", ".jpeg", tolerance=LOSSY)
def _(path):
    Image.fromarray(colours()).save(path, quality=95, subsampling=0, progressive=True)
    return unit(colours())


def _inks():
    return Image.fromarray(np.dstack([colours(), gray()[::-1] // 3]), "CMYK")


@row(
    "JPEG",
    "CMYK with a profile",
    ".jpe",
    tolerance=LOSSY,
    note="CMYK is converted to sRGB through its profile",
)
def _(path):
    _inks().save(path, quality=97, subsampling=0, icc_profile=profiles.cmyk())
    return unit(profiles.as_srgb(_inks(), profiles.cmyk()))


@row("JPEG", "CMYK without a profile", ".jfif", tolerance=LOSSY, note="its colours are approximate")
def _(path):
    _inks().save(path, quality=97, subsampling=0)
    return unit(np.asarray(_inks().convert("RGB")))


@row("MPO", "two pictures of a camera", ".mpo", tolerance=LOSSY, note="holds 2 pictures")
def _(path):
    first = Image.fromarray(colours())
    first.save(path, format="MPO", save_all=True, append_images=[first], quality=95, subsampling=0)
    return unit(colours())


@row("WebP", "RGB", ".webp", tolerance=14 / 255)
def _(path):
    Image.fromarray(colours()).save(path, quality=98)
    return unit(colours())


@row("WebP", "RGB and alpha, lossless", ".webp")
def _(path):
    pixels = np.dstack([colours(), alpha()])
    Image.fromarray(pixels).save(path, lossless=True, exact=True)
    return unit(pixels)


@row("WebP", "animation", ".webp", note="holds 2 pictures or frames")
def _(path):
    first = Image.fromarray(colours())
    first.save(path, save_all=True, append_images=[first.rotate(180)], lossless=True)
    return unit(colours())


def tiff(path, pixels, **options):
    tifffile.imwrite(path, pixels, metadata=None, **options)


for _dtype, _depth in ((np.uint8, 8), (np.uint16, 16)):
    _common = {"bits": _depth}
    for _name, _options in {
        "classic": {},
        "Big": {"bigtiff": True},
        "big-endian": {"byteorder": ">"},
        "tiled": {"tile": (32, 32)},
        "planar": {"planarconfig": "separate"},
        "Deflate": {"compression": "zlib", "predictor": True},
        "LZW": {"compression": "lzw", "predictor": True},
        "Zstandard": {"compression": "zstd"},
    }.items():

        @row(
            "TIFF",
            f"RGB, {_depth} bit, {_name}",
            ".tif",
            **_common,
            needs="imagecodecs" if _name in {"LZW", "Zstandard"} else "",
        )
        def _(path, dtype=_dtype, options=_options):
            stored = colours(dtype)
            if "planarconfig" in options:
                stored = np.moveaxis(stored, 2, 0)
            tiff(path, stored, photometric="rgb", **options)
            return unit(colours(dtype))

    for _name, _big in (("", False), (", Big", True)):

        @row("TIFF", f"RGB, {_depth} bit, premultiplied alpha{_name}", ".tif", bits=_depth, tolerance=0.6)
        def _(path, dtype=_dtype, big=_big):
            peak = np.iinfo(dtype).max
            straight = np.dstack([colours(dtype), alpha(dtype)]).astype(np.float64)
            stored = straight.copy()
            stored[..., :3] *= straight[..., 3:] / peak
            tiff(
                path,
                np.round(stored).astype(dtype),
                photometric="rgb",
                extrasamples=["assocalpha"],
                bigtiff=big,
            )
            return straight / peak

    @row("TIFF", f"RGB, {_depth} bit, straight alpha", ".tiff", **_common)
    def _(path, dtype=_dtype):
        pixels = np.dstack([colours(dtype), alpha(dtype)])
        tiff(path, pixels, photometric="rgb", extrasamples=["unassalpha"])
        return unit(pixels)

    @row("TIFF", f"gray, {_depth} bit, straight alpha", ".tiff", **_common)
    def _(path, dtype=_dtype):
        pixels = np.dstack([gray(dtype), alpha(dtype)])
        tiff(path, pixels, photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"])
        return unit(pixels)

    @row("TIFF", f"RGB, {_depth} bit, a channel of no declared kind", ".tif", **_common, note="1 channel(s)")
    def _(path, dtype=_dtype):
        pixels = np.dstack([colours(dtype), alpha(dtype)])
        tiff(path, pixels, photometric="rgb", extrasamples=["unspecified"])
        return unit(colours(dtype))

    @row("TIFF", f"RGB, {_depth} bit, such a channel and alpha", ".tif", **_common, note="1 channel(s)")
    def _(path, dtype=_dtype):
        pixels = np.dstack([colours(dtype), gray(dtype), alpha(dtype)])
        tiff(path, pixels, photometric="rgb", extrasamples=["unspecified", "unassalpha"])
        return unit(np.dstack([colours(dtype), alpha(dtype)]))

    @row("TIFF", f"gray, {_depth} bit, white is 0", ".tif", **_common)
    def _(path, dtype=_dtype):
        tiff(path, np.iinfo(dtype).max - gray(dtype), photometric="miniswhite")
        return unit(gray(dtype))

    @row(
        "TIFF",
        f"CMYK, {_depth} bit, with a profile",
        ".tif",
        bits=_depth,
        tolerance=2.5 / 255,
        note="CMYK is converted",
    )
    def _(path, dtype=_dtype):
        inks = np.asarray(_inks())
        stored = inks if dtype == np.uint8 else inks.astype(dtype) * 257
        tiff(path, stored, photometric="separated", iccprofile=profiles.cmyk())
        return unit(profiles.as_srgb(_inks(), profiles.cmyk()))

    @row(
        "TIFF",
        f"CIE Lab, {_depth} bit",
        ".tif",
        bits=_depth,
        tolerance=4 / 255,
        note="Lab is converted to sRGB",
    )
    def _(path, dtype=_dtype):
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        lab = np.asarray(ImageCms.applyTransform(Image.fromarray(colours() // 2 + 60), to_lab))
        # 8-bit Lab is coarse: the way back is within four levels
        light, chroma = lab[..., :1].astype(np.int32), lab[..., 1:].view(np.int8).astype(np.int32)
        if dtype == np.uint16:
            light, chroma = light * 257, chroma * 256
        stored = np.concatenate([light, chroma], axis=2).astype(np.int64) & np.iinfo(dtype).max
        tiff(path, stored.astype(dtype), photometric="cielab")
        return unit(colours() // 2 + 60)


@row("TIFF", "1 bit, fax compression", ".tif")
def _(path):
    picture = Image.fromarray(gray()).convert("1")
    picture.save(path, compression="group4")
    return np.asarray(picture)[..., None].astype(float)


@row("TIFF", "palette, LZW", ".tif")
def _(path):
    picture = Image.fromarray(colours()).quantize(64)
    picture.save(path, compression="tiff_lzw")
    return unit(np.asarray(picture.convert("RGB")))


@row("TIFF", "RGB, JPEG inside", ".tif", tolerance=LOSSY)
def _(path):
    Image.fromarray(colours()).save(path, compression="jpeg", quality=98)
    return unit(colours())


@row("TIFF", "gray, 12 bit", ".tif", bits=16, needs="imagecodecs")
def _(path):
    values = np.round(gray(np.uint16) / 65535 * 4095).astype(np.uint16)
    tiff(path, values, photometric="minisblack", bitspersample=12)
    return values[..., None] / 4095


@row("TIFF", "two pages", ".tif", note="holds 2 pages")
def _(path):
    with tifffile.TiffWriter(path) as file:
        file.write(colours(), photometric="rgb")
        file.write(colours()[::-1], photometric="rgb")
    return unit(colours())


@row("TIFF", "floats", ".tif", note="float32")
def _(path):
    tiff(path, gray().astype(np.float32), photometric="minisblack")


@row("TIFF", "floats, Big", ".tif", note="float32")
def _(path):
    tiff(path, colours().astype(np.float32), photometric="rgb", bigtiff=True)


@row("TIFF", "signed whole numbers, 8 bit", ".tif", note="int8")
def _(path):
    tiff(path, (gray() // 2).astype(np.int8), photometric="minisblack")


@row("TIFF", "signed whole numbers, 16 bit", ".tif", note="int16")
def _(path):
    tiff(path, (gray() // 2).astype(np.int16), photometric="minisblack")


@row("TIFF", "32-bit whole numbers", ".tif", note="uint32")
def _(path):
    tiff(path, gray().astype(np.uint32), photometric="minisblack")


@row("BMP", "1 bit", ".bmp")
def _(path):
    picture = Image.fromarray(gray()).convert("1")
    picture.save(path)
    return np.asarray(picture)[..., None].astype(float)


@row("BMP", "palette", ".dib")
def _(path):
    picture = Image.fromarray(colours()).quantize(64)
    picture.save(path, format="BMP")
    return unit(np.asarray(picture.convert("RGB")))


@row("BMP", "RGB", ".bmp")
def _(path):
    Image.fromarray(colours()).save(path)
    return unit(colours())


@row("BMP", "RGB and alpha", ".bmp")
def _(path):
    pixels = np.dstack([colours(), alpha()])
    head = struct.pack("<IiiHHIIiiII", 108, WIDTH, -HEIGHT, 1, 32, 3, pixels.size, 2835, 2835, 0, 0)
    masks = struct.pack("<4I4s", 0xFF, 0xFF00, 0xFF0000, 0xFF000000, b"BGRs") + b"\0" * 48
    path.write_bytes(
        struct.pack("<2sIHHI", b"BM", 122 + pixels.size, 0, 0, 122) + head + masks + pixels.tobytes()
    )
    return unit(pixels)


@row("GIF", "still, a transparent colour", ".gif")
def _(path):
    picture = Image.fromarray(colours()).quantize(64)
    picture.save(path, transparency=picture.getpixel((3, 3)))
    with Image.open(path) as again:
        return unit(np.asarray(again.convert("RGBA")))


@row("GIF", "animation", ".gif", note="holds 3 pictures or frames")
def _(path):
    frames = [Image.fromarray(np.roll(colours(), 9 * i, axis=1)).quantize(64) for i in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with Image.open(path) as again:
        return unit(np.asarray(again.convert("RGB")))


@row("AVIF", "RGB", ".avif", tolerance=LOSSY)
def _(path):
    Image.fromarray(colours()).save(path, quality=100, subsampling="4:4:4")
    return unit(colours())


@row("AVIF", "RGB and alpha", ".avif", tolerance=LOSSY)
def _(path):
    pixels = np.dstack([colours(), alpha()])
    Image.fromarray(pixels).save(path, quality=100, subsampling="4:4:4")
    return unit(pixels)


@row("JPEG 2000", "RGB", ".jp2")
def _(path):
    Image.fromarray(colours()).save(path, irreversible=False)
    return unit(colours())


@row("JPEG 2000", "gray, 16 bit", ".j2k", bits=16)
def _(path):
    Image.fromarray(gray(np.uint16)).save(path, irreversible=False)
    return unit(gray(np.uint16))


for _digit, _dtype, _largest in (
    *(("6", np.uint8, 255), ("5", np.uint8, 255), ("3", np.uint8, 255), ("2", np.uint8, 255)),
    *(("6", np.uint16, 65535), ("5", np.uint16, 4095), ("3", np.uint16, 1023), ("2", np.uint16, 65535)),
):

    @row(
        "PNM",
        f"P{_digit}, {'RGB' if _digit in '36' else 'gray'}, up to {_largest}",
        ".ppm" if _digit in "36" else ".pgm",
        bits=8 if _largest == 255 else 16,
    )
    def _(path, digit=_digit, dtype=_dtype, largest=_largest):
        whole = colours(dtype) if digit in "36" else gray(dtype)
        values = np.round(whole / np.iinfo(dtype).max * largest).astype(dtype)
        head = f"P{digit}\n# by hand\n{WIDTH} {HEIGHT}\n{largest}\n".encode()
        plain = "\n".join(" ".join(map(str, line.ravel())) for line in values).encode()
        path.write_bytes(
            head + (plain if digit in "23" else values.astype(values.dtype.newbyteorder(">")).tobytes())
        )
        return np.atleast_3d(values) / largest


@row("PNM", "P4, 1 bit", ".pbm")
def _(path):
    picture = Image.fromarray(gray()).convert("1")
    picture.save(path, format="PPM")
    return np.asarray(picture)[..., None].astype(float)


@row("TGA", "RGB and alpha, run lengths", ".tga")
def _(path):
    pixels = np.dstack([colours(), alpha()])
    Image.fromarray(pixels).save(path, compression="tga_rle")
    return unit(pixels)


@row("PCX", "RGB", ".pcx")
def _(path):
    Image.fromarray(colours()).save(path)
    return unit(colours())


@row("PSD", "RGB, layers flattened", ".psd")
def _(path):
    head = struct.pack(">4sH6sHIIHH", b"8BPS", 1, b"\0" * 6, 3, HEIGHT, WIDTH, 8, 3)
    path.write_bytes(head + b"\0" * 12 + struct.pack(">H", 0) + np.moveaxis(colours(), 2, 0).tobytes())
    return unit(colours())


@row("HEIC", "RGB", ".heic", tolerance=LOSSY, needs="pillow_heif")
def _(path):
    import pillow_heif

    pillow_heif.from_pillow(Image.fromarray(colours())).save(
        path, quality=-1, chroma=444, matrix_coefficients=0
    )
    return unit(colours())


@row("HEIC", "RGB, 10 bit", ".heif", bits=16, tolerance=LOSSY, needs="pillow_heif")
def _(path):
    import pillow_heif

    ten = (colours(np.uint16) >> 6 << 6).tobytes()
    pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), ten).save(path, quality=95, chroma=444)
    return unit(colours(np.uint16))


def fits_of(path, pixels, **header):
    """A FITS by astropy, whose first row is the lowest."""
    from astropy.io import fits

    unit = fits.PrimaryHDU(pixels[..., ::-1, :])
    unit.header.update(header)
    unit.writeto(path, overwrite=True)


def dicom_of(path, pixels, *, bits=None, kind="MONOCHROME2", **tags):
    """A DICOM by pydicom, whose numbers are not compressed; (N, H, W) are frames."""
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        SecondaryCaptureImageStorage,
        generate_uid(),
    )
    file = pydicom.Dataset()
    file.file_meta, file.PatientName = meta, "Somebody"
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    file.Rows, file.Columns = pixels.shape[-2:]
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, kind
    file.BitsAllocated = 8 * pixels.dtype.itemsize
    file.BitsStored = bits or file.BitsAllocated
    file.HighBit, file.PixelRepresentation = file.BitsStored - 1, int(pixels.dtype.kind == "i")
    if pixels.ndim == 3:
        file.NumberOfFrames = len(pixels)
    for name, value in tags.items():
        setattr(file, name, value)
    file.PixelData = pixels.tobytes()
    file.save_as(path, enforce_file_format=True)


@row("FITS", "whole numbers, 8 bit", ".fits", needs="astropy")
def _(path):
    fits_of(path, gray())
    return unit(gray())


@row("FITS", "whole numbers, unsigned 16 bit (BZERO)", ".fits", bits=16, tolerance=DEEP, needs="astropy")
def _(path):
    fits_of(path, gray(np.uint16))
    return unit(gray(np.uint16))


@row("FITS", "whole numbers, signed 16 bit", ".fit", bits=16, tolerance=DEEP, needs="astropy")
def _(path):
    whole = (gray(np.uint16) // 2).astype(np.int16) - 5000
    fits_of(path, whole)
    return np.atleast_3d(whole - float(whole.min())) / 65535


@row("DICOM", "MONOCHROME2, 8 bit", ".dcm", needs="pydicom", note="its tags are left out")
def _(path):
    dicom_of(path, gray())
    return unit(gray())


@row(
    "DICOM",
    "MONOCHROME2, 12 bit",
    ".dcm",
    bits=16,
    tolerance=DEEP,
    needs="pydicom",
    note="its tags are left out",
)
def _(path):
    dicom_of(path, gray(np.uint16) // 16, bits=12)
    return np.atleast_3d(gray(np.uint16) // 16) / 65535


@row("DICOM", "MONOCHROME1, 8 bit", ".dcm", needs="pydicom", note="black and white change places")
def _(path):
    dicom_of(path, 255 - gray(), kind="MONOCHROME1")
    return unit(gray())


@row(
    *("DICOM", "MONOCHROME2, signed 16 bit", ".dcm"),
    bits=16,
    tolerance=DEEP,
    needs="pydicom",
    note="its tags are left out",
)
def _(path):
    whole = (gray(np.uint16) // 16).astype(np.int16) - 1024
    dicom_of(path, whole)
    return np.atleast_3d(whole - float(whole.min())) / 65535


@row(
    "camera RAW", "DNG", ".dng", bits=16, tolerance=1.5 / 255, needs="rawpy", note="developed from camera RAW"
)
def _(path):
    path.write_bytes(dng_of_gray(0.2))
    return np.full((HEIGHT, WIDTH, 3), 1.055 * 0.2 ** (1 / 2.4) - 0.055)


def dng_of_gray(level):
    """A DNG of a sensor that saw the same gray everywhere, its colours sRGB's own."""
    matrix = [3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570]
    rationals = [part for value in matrix for part in (round(value * 10000), 10000)]
    tags = [
        (0xC612, 1, 4, b"\1\4\0\0", True),
        (0xC614, 2, 0, "blindsr test", True),
        (0x828D, 3, 2, (2, 2), True),
        (0x828E, 1, 4, b"\0\1\1\2", True),
        (0xC621, 10, 9, tuple(rationals), True),
        (0xC628, 5, 3, (1, 1, 1, 1, 1, 1), True),
        (0xC65A, 3, 1, 21, True),
        (0xC61D, 4, 1, 65535, True),
        (0x010F, 2, 0, "maker", True),
    ]
    buffer = BytesIO()
    sensor = np.full((HEIGHT, WIDTH), round(level * 65535), np.uint16)
    tifffile.imwrite(buffer, sensor, photometric="cfa", extratags=tags, metadata=None, subfiletype=0)
    return buffer.getvalue()
