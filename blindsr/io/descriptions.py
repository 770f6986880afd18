"""What microscopes' programs write into a TIFF's description, made true for other pixels.

ImageJ writes lines of ``key=value``, OME an XML document (OME-TIFF 6.0), tifffile a JSON object with the
shape. They tell sizes, the size of a pixel, and how many pages there are. Others' descriptions are words, and
stay.
"""

import json
import re
from math import prod
from typing import Final, Literal

Kind = Literal["ImageJ", "OME", "tifffile"]

OF_STACKS: Final = re.compile(rb"^(?:images|channels|slices|frames|hyperstack|mode)=[^\n]*\n?", re.MULTILINE)
"""ImageJ's lines about pages. One page has none of them."""
IMAGEJ_COUNT: Final = re.compile(rb"^images=(\d{1,9})\s*$", re.MULTILINE)
OME_SIZE: Final = re.compile(rb"\b(Size[XYZCT])=([\"'])(\d{1,9})\2")
OME_PHYSICAL: Final = re.compile(rb"\b(PhysicalSize[XY])=([\"'])([0-9.eE+-]{1,40})\2")


def kind_of(text: bytes) -> Kind | None:
    """Whose description it is; None for words."""
    head = text[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"ImageJ="):
        return "ImageJ"
    if b"<OME" in head and text.rstrip(b"\0 \r\n\t").endswith(b"OME>"):
        return "OME"
    if head.startswith(b"{") and b'"shape"' in head:
        return "tifffile"
    return None


def pages(text: bytes, height: int, width: int, samples: int) -> int:
    r"""How many pages of this size the description says that the file holds; 1 where it does not say.

    >>> pages(b"ImageJ=1.54f\nimages=3\nslices=3\n", 31, 37, 1), pages(b"A boat", 31, 37, 1)
    (3, 1)
    >>> pages(b'{"shape": [5, 31, 37]}', 31, 37, 1), pages(b'{"shape": [3, 31, 37]}', 31, 37, 3)
    (5, 1)
    """
    kind = kind_of(text)
    if kind == "ImageJ":
        found = IMAGEJ_COUNT.search(text)
        return int(found[1]) if found else 1
    if kind == "OME":
        sizes = {name: int(number) for name, _, number in OME_SIZE.findall(text)}
        planes = max(1, sizes.get(b"SizeC", 1) // samples)
        return sizes.get(b"SizeZ", 1) * sizes.get(b"SizeT", 1) * planes
    if kind == "tifffile":
        return max(1, prod(_shape(text)) // (height * width * samples))
    return 1


def for_upscaled(text: bytes, factor: tuple[float, float]) -> bytes:
    """The description with OME's PhysicalSizeX and PhysicalSizeY divided by the factor (x, y).

    Others stay as they are: ImageJ's calibration is in the resolution tags of the TIFF.
    """
    if kind_of(text) != "OME":
        return text

    def divided(found: "re.Match[bytes]") -> bytes:
        try:
            size = float(found[3]) / factor[found[1].endswith(b"Y")]
        except ValueError:
            return found[0]
        return found[1] + b"=" + found[2] + f"{size:.12g}".encode() + found[2]

    return OME_PHYSICAL.sub(divided, text)


def with_image_size(text: bytes, width: int, height: int, channels: int) -> bytes | None:
    """The description of one page of this size; None where it cannot be made true.

    Args:
        text: the description, without the zero at its end.
        width: pixels.
        height: pixels.
        channels: 1 to 4, alpha among them.
    """
    kind = kind_of(text)
    if kind == "ImageJ":
        return OF_STACKS.sub(b"", text)
    if kind == "OME":
        return _ome(text, width, height, channels)
    if kind == "tifffile":
        return _shaped(text, (height, width) if channels == 1 else (height, width, channels))
    return text


def describing_pages(text: bytes, width: int, height: int, channels: int, count: int) -> bytes | None:
    """The description of so many pages of this size; None where it cannot be made true.

    Args:
        text: the description, without the zero at its end.
        width: pixels.
        height: pixels.
        channels: 1 to 4, alpha among them.
        count: of the pages.
    """
    kind = kind_of(text)
    if kind == "ImageJ":
        found = IMAGEJ_COUNT.search(text)
        return text if found and int(found[1]) == count else None
    if kind == "OME":
        sizes = {name: int(number) for name, _, number in OME_SIZE.findall(text)}
        planes = sizes.get(b"SizeZ", 0) * sizes.get(b"SizeT", 0) * sizes.get(b"SizeC", 0)
        return _ome_sized(text, width, height) if planes == count * channels else None
    if kind == "tifffile":
        page = (height, width) if channels == 1 else (height, width, channels)
        above = _shape(text)[: -len(page)]
        return _shaped(text, (*above, *page)) if prod(above) == count else None
    return text


def _ome(text: bytes, width: int, height: int, channels: int) -> bytes | None:
    """One picture, one plane, and nothing of other files."""
    sizes = {name: int(number) for name, _, number in OME_SIZE.findall(text)}
    if (sizes.get(b"SizeZ"), sizes.get(b"SizeT"), sizes.get(b"SizeC")) != (1, 1, channels):
        return None
    return _ome_sized(text, width, height)


def _ome_sized(text: bytes, width: int, height: int) -> bytes | None:
    """The text of one picture that is in this file, with its size; None of another."""
    names = [name for name, _, _ in OME_SIZE.findall(text)]
    if len(names) != 5 or len(set(names)) != 5 or b"<UUID" in text or b"<MetadataOnly" in text:
        return None
    true = {b"SizeX": width, b"SizeY": height}
    return OME_SIZE.sub(
        lambda found: found[1] + b"=" + found[2] + b"%d" % true.get(found[1], int(found[3])) + found[2], text
    )


def _shape(text: bytes) -> list[int]:
    try:
        shape = json.loads(text)["shape"]
        return [int(side) for side in shape]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []


def _shaped(text: bytes, shape: tuple[int, ...]) -> bytes | None:
    if not _shape(text):
        return None
    return json.dumps(json.loads(text) | {"shape": list(shape)}).encode()
