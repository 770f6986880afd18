"""What belongs to a photograph besides its pixels, and what of it stays true of other pixels."""

import re
from dataclasses import dataclass, replace
from typing import Final

from blindsr.io.exif import Exif

Chunk = tuple[bytes, bytes]
"""Kind and data of a PNG chunk."""

Density = tuple[float, float]
"""Pixels an inch, across and down."""

XMP_OF_PARTS: Final = re.compile(
    rb"hdrgm:|GContainer|Container:Directory|GImage:|GDepth:|HasExtendedXMP|GCamera:Mic|HDRGainMap:|apdi:Aux"
)
"""XMP that describes further parts of its file (gain maps, depth, films), which a new file does not have."""

XMP_ORIENTATION: Final = re.compile(rb"tiff:Orientation(?:=\"([1-8])\"|>([1-8])</tiff:Orientation>)")
XMP_PIXELS: Final = re.compile(
    rb"\b(GPano:(?:FullPano(?:Width|Height)Pixels|CroppedAreaImage(?:Width|Height)Pixels|CroppedArea(?:Left|Top)"
    rb"Pixels|LargestValidInteriorRect(?:Left|Top|Width|Height))|stDim:[wh]|(?:tiff:|exif:FocalPlane)[XY]Resolution)"
    rb"(=\"|='|>)(\d{1,9})((?:\.\d+)?(?:/\d+)?)(?=[\"'<])"
)
"""Numbers of pixels (a panorama's, a region's) and of pixels a length: they grow with the picture."""
XMP_ALONG_Y: Final = re.compile(rb"Height|Top|:h|YResolution")
XMP_SIZE: Final = re.compile(
    rb"(tiff:ImageWidth|tiff:ImageLength|exif:PixelXDimension|exif:PixelYDimension)(=\"\d+\"|>\d+<)"
)


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """``density`` is what the file's own header says, or else its EXIF. ``colour`` and ``text`` are PNG's
    chunks, which no other format holds: gamma, chromaticities and code points (cICP); titles and comments.
    ``lost`` are words for what belonged to the old pixels and cannot be made true of these.
    """

    icc: bytes | None = None
    exif: Exif | None = None
    xmp: bytes | None = None
    density: Density | None = None
    colour: tuple[Chunk, ...] = ()
    text: tuple[Chunk, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def orientation(self) -> int:
        """1 to 8: how the stored pixels are to be turned, by EXIF and else by XMP."""
        if self.exif is not None and self.exif.orientation != 1:
            return self.exif.orientation
        found = XMP_ORIENTATION.search(self.xmp or b"")
        return int(found[1] or found[2]) if found else 1

    def upright(self) -> "Metadata":
        """The same once the pixels are turned: density changes places where the sides do."""
        density = self.density
        if density is not None and self.orientation > 4:
            density = (density[1], density[0])
        xmp, lost = self.xmp, () if self.exif is None else self.exif.turned_loses
        if xmp is not None and self.orientation != 1 and b"GPano:" in xmp:
            xmp, lost = None, (*lost, "XMP of a panorama, as the picture is turned")
        xmp = None if xmp is None else XMP_ORIENTATION.sub(_upright, xmp)
        exif = self.exif and self.exif.upright()
        return replace(self, density=density, xmp=xmp, exif=exif, lost=self.lost + lost)

    def for_upscaled(self, factor: tuple[float, float]) -> "Metadata":
        """The same of so many times the pixels (across, down): on the same paper, map and sensor."""
        density = self.density
        if density is not None:
            density = (density[0] * factor[0], density[1] * factor[1])
        exif, lost = (None, ()) if self.exif is None else self.exif.for_upscaled(factor)
        xmp = self.xmp
        if xmp is not None:
            xmp = XMP_PIXELS.sub(lambda found: _grown(found, factor), xmp)
        return replace(self, density=density, exif=exif, xmp=xmp, lost=self.lost + lost)

    def with_image_size(self, width: int, height: int, channels: int) -> "Metadata":
        """The same with true sizes where it tells sizes; channels count alpha."""
        exif = None if self.exif is None else self.exif.with_image_size(width, height, channels, self.density)
        xmp = self.xmp
        if xmp is not None:
            xmp = None if XMP_OF_PARTS.search(xmp) else XMP_SIZE.sub(lambda m: _sized(m, width, height), xmp)
        return replace(self, exif=exif or None, xmp=xmp)


def _upright(found: "re.Match[bytes]") -> bytes:
    return found[0].replace(found[1] or found[2], b"1")


def _grown(found: "re.Match[bytes]", factor: tuple[float, float]) -> bytes:
    """A whole number of pixels, or a ratio whose upper part grows; a decimal fraction is rounded."""
    name, mark, whole, rest = found.groups()
    times = factor[bool(XMP_ALONG_Y.search(name))]
    if rest.startswith(b"."):
        whole, rest = (whole + rest, b"") if b"/" not in rest else (whole, rest[rest.index(b"/") :])
    return name + mark + b"%d" % round(float(whole) * times) + rest


def _sized(found: "re.Match[bytes]", width: int, height: int) -> bytes:
    across = found[1].endswith((b"Width", b"XDimension"))
    return re.sub(rb"\d+(?=[\"<]$)", b"%d" % (width if across else height), found[0])
