"""EXIF as it is in the file, byte for byte: read, made true for other pixels, and laid out again.

Values are never decoded, so that text in any character set, maker notes and unknown tags come out as
they went in; only their places change. Maker notes that point to absolute places do not survive that, as in
every editor. What described the old file alone (strips, tiles, the thumbnail, the preview) is left out.
Source: Exif 2.32, section 4.6.
"""

import struct
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Literal

from blindsr.io import descriptions, georeference
from blindsr.io.ifd import (
    LONG,
    POINTERS,
    RATIONAL,
    SHORT,
    Directory,
    Entry,
    directory_bytes,
    read_directory,
    size_of,
)

ORDERS: Final[dict[bytes, Literal["<", ">"]]] = {b"II": "<", b"MM": ">"}

MAKE = 0x010F
ORIENTATION, WIDTH, HEIGHT = 0x0112, 0x0100, 0x0101
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
PIXEL_WIDTH, PIXEL_HEIGHT = 0xA002, 0xA003
XMP, ICC = 0x02BC, 0x8773
DESCRIPTION: Final = 0x010E
FOCAL_X, FOCAL_Y = 0xA20E, 0xA20F  # pixels of the sensor on each unit of length
SUBJECT_AREA, SUBJECT_LOCATION = 0x9214, 0xA214  # pixels of the picture as it is stored
UNITLESS: Final = 1

STRUCTURE: Final = frozenset(
    {
        *(0x00FE, 0x00FF, WIDTH, HEIGHT, 0x0102, 0x0103, 0x0106, 0x0107, 0x0108, 0x0109, 0x010A, 0x0111),
        *(0x0115, 0x0116, 0x0117, 0x0118, 0x0119, 0x011C, 0x0120, 0x0121, 0x0122, 0x0123, 0x0124, 0x0125),
        *(0x0129, 0x012D, 0x013D, 0x013E, 0x013F, 0x0140, 0x0141, 0x0142, 0x0143, 0x0144, 0x0145, 0x014A),
        *(0x014C, 0x014D, 0x014E, 0x0150, 0x0151, 0x0152, 0x0153, 0x0154, 0x0155, 0x0156, 0x015B),
        *range(0x0200, 0x0216),
        *(XMP, 0x828D, 0x828E, 0x83BB, 0x8649, ICC, 0x935C),
        *range(0xC612, 0xC7D6),
    }
)
"""Tags of IFD 0 that describe how the old file was laid out, or hold what has a place of its own."""


@dataclass(frozen=True)
class Exif:
    """The directories; ``order`` is "<" or ">", the byte order of every value."""

    order: Literal["<", ">"]
    main: Directory = field(default_factory=dict)
    camera: Directory = field(default_factory=dict)  # the Exif IFD
    gps: Directory = field(default_factory=dict)
    interop: Directory = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.main or self.camera or self.gps)

    @property
    def orientation(self) -> int:
        """1 to 8; 1 where there is none or nonsense."""
        value = self._whole(self.main.get(ORIENTATION))
        return value if value is not None and 1 <= value <= 8 else 1

    @property
    def density(self) -> tuple[float, float] | None:
        """Pixels an inch across and down, where they are told."""
        unit = self._whole(self.main.get(RESOLUTION_UNIT)) or 2
        values = [self._ratio(self.main.get(tag)) for tag in (X_RESOLUTION, Y_RESOLUTION)]
        x, y = values[0] or values[1], values[1] or values[0]
        if unit not in (2, 3) or not x or not y:
            return None
        return (x * 2.54, y * 2.54) if unit == 3 else (x, y)

    @property
    def taken_size(self) -> tuple[int, int] | None:
        """Pixels (across, down) of the picture as the camera says it took it; None where no camera is named
        or no size is told."""
        width, height = (self._whole(self.camera.get(tag)) for tag in (PIXEL_WIDTH, PIXEL_HEIGHT))
        return None if MAKE not in self.main or width is None or height is None else (width, height)

    def upright(self) -> "Exif":
        """The same with orientation 1, where it has one, so that nobody turns the pixels again."""
        if ORIENTATION not in self.main:
            return self
        main, camera = {**self.main, ORIENTATION: self._entry(SHORT, 1)}, dict(self.camera)
        if self.orientation != 1:  # of other places and axes
            main = georeference.without(main)
            camera = {tag: entry for tag, entry in camera.items() if tag not in PLACES}
        if self.orientation > 4:
            for tags, directory in (((FOCAL_X, FOCAL_Y), camera), ((X_RESOLUTION, Y_RESOLUTION), main)):
                swapped = {b: directory[a] for a, b in (tags, tags[::-1]) if a in directory}
                for tag in tags:
                    directory.pop(tag, None)
                directory.update(swapped)
        return replace(self, main=main, camera=camera)

    @property
    def turned_loses(self) -> tuple[str, ...]:
        """What :meth:`upright` leaves out, in words."""
        placed = self.orientation != 1 and georeference.PLACED & set(self.main)
        return ("the place on the map (GeoTIFF), as the picture is turned",) if placed else ()

    def for_upscaled(self, factor: tuple[float, float]) -> tuple["Exif", tuple[str, ...]]:
        """The same of so many times the pixels (across, down), and what is left out, in words."""
        lost: list[str] = []
        main = georeference.for_upscaled(self.main, factor, self.order)
        if georeference.PLACED & set(self.main) and not georeference.PLACED & set(main):
            lost.append("the place on the map (GeoTIFF), which is damaged")
        if main.pop(georeference.RPC, None) is not None:
            lost.append("the satellite camera's polynomials (RPC)")
        text = self.description
        if text is not None and (grown := descriptions.for_upscaled(text, factor)) != text:
            main[DESCRIPTION] = _text(grown)
        if self._whole(main.get(RESOLUTION_UNIT)) == UNITLESS:  # others follow from the density
            self._scale_ratios(main, (X_RESOLUTION, Y_RESOLUTION), factor)
        camera = dict(self.camera)
        self._scale_ratios(camera, (FOCAL_X, FOCAL_Y), factor)
        for tag in (SUBJECT_AREA, SUBJECT_LOCATION):
            if tag in camera:
                scaled = self._scaled_area(camera.pop(tag), factor)
                camera |= {} if scaled is None else {tag: scaled}
        return replace(self, main=main, camera=camera), tuple(lost)

    @property
    def description(self) -> bytes | None:
        """The text that describes the picture, without the zero at its end."""
        entry = self.main.get(DESCRIPTION)
        return None if entry is None or entry.kind not in (1, 2) else entry.data.rstrip(b"\0")

    @property
    def unitless_density(self) -> tuple[float, float] | None:
        """Pixels to a unit that is told elsewhere (in ImageJ's description), across and down."""
        if self._whole(self.main.get(RESOLUTION_UNIT)) != UNITLESS:
            return None
        x, y = (self._ratio(self.main.get(tag)) for tag in (X_RESOLUTION, Y_RESOLUTION))
        return (x, y) if x and y else None

    def _scale_ratios(
        self, directory: dict[int, Entry], tags: tuple[int, int], factor: tuple[float, float]
    ) -> None:
        for tag, times in zip(tags, factor, strict=True):
            value = self._ratio(directory.get(tag))
            if value is not None:
                directory[tag] = self._rational(value * times)

    def _scaled_area(self, entry: Entry, factor: tuple[float, float]) -> Entry | None:
        """SubjectArea or SubjectLocation in the pixels of the upscaled picture.

        It is (x, y), (x, y, diameter) or (x, y, width, height); a diameter follows the horizontal factor.
        None, so that the tag is dropped, if malformed or over 65535.
        """
        if entry.kind != SHORT or not 2 <= entry.count <= 4 or len(entry.data) < 2 * entry.count:
            return None
        values = struct.unpack_from(f"{self.order}{entry.count}H", entry.data)
        times = (*factor, factor[0], factor[1])[: entry.count]
        scaled = [round(value * by) for value, by in zip(values, times, strict=True)]
        if max(scaled) > 0xFFFF:
            return None
        return Entry(SHORT, entry.count, struct.pack(f"{self.order}{entry.count}H", *scaled))

    def with_image_size(
        self, width: int, height: int, channels: int, density: tuple[float, float] | None
    ) -> "Exif":
        """The same of a picture of this size: true sizes where sizes are told, nothing of the old file.

        A description of sizes that cannot be made true is left out.
        """
        main = {tag: entry for tag, entry in self.main.items() if tag not in STRUCTURE}
        if (text := self.description) is not None:
            true = descriptions.with_image_size(text, width, height, channels)
            if true is None:
                main.pop(DESCRIPTION)
            elif true != text:
                main[DESCRIPTION] = _text(true)
        camera = dict(self.camera)
        for tag, side in ((PIXEL_WIDTH, width), (PIXEL_HEIGHT, height)):
            if tag in camera:
                camera[tag] = self._entry(LONG, side)
        if density is not None and (X_RESOLUTION in main or Y_RESOLUTION in main):
            main[X_RESOLUTION] = self._rational(density[0])
            main[Y_RESOLUTION] = self._rational(density[1])
            main[RESOLUTION_UNIT] = self._entry(SHORT, 2)
        return replace(self, main=main, camera=camera)

    def to_bytes(self) -> bytes:
        """A block of its own: a TIFF header and the directories, without the "Exif" that JPEG puts before."""
        header = struct.pack(f"{self.order}2sHI", b"II" if self.order == "<" else b"MM", 42, 8)
        return header + self.directories_at(8)

    def directories_at(self, offset: int) -> bytes:
        """IFD 0 and all below it, for a place in a file; pointers count from the file's beginning."""
        main = {tag: entry for tag, entry in self.main.items() if tag not in (EXIF_IFD, GPS_IFD)}
        after = offset + size_of({**main, **{tag: self._entry(LONG, 0) for tag in self.below}})
        pointers, below = self.below_at(after)
        return directory_bytes({**main, **pointers}, offset, self.order) + below

    @property
    def below(self) -> tuple[int, ...]:
        """The tags of IFD 0 that point to directories."""
        return tuple(tag for tag, held in ((EXIF_IFD, self.camera), (GPS_IFD, self.gps)) if held)

    def below_at(self, offset: int) -> tuple[dict[int, Entry], bytes]:
        """Pointers for IFD 0 to the directories under it, and those as bytes for this place in a file."""
        pointers: dict[int, Entry] = {}
        parts: list[bytes] = []
        camera = dict(self.camera)
        camera.pop(INTEROP_IFD, None)
        if self.interop:
            camera[INTEROP_IFD] = self._entry(LONG, offset)
            parts.append(directory_bytes(self.interop, offset, self.order))
        for tag, directory in ((EXIF_IFD, camera), (GPS_IFD, self.gps)):
            if directory:
                here = offset + sum(map(len, parts))
                pointers[tag] = self._entry(LONG, here)
                parts.append(directory_bytes(directory, here, self.order))
        return pointers, b"".join(parts)

    def _entry(self, kind: int, value: int) -> Entry:
        return Entry(kind, 1, struct.pack(self.order + ("H" if kind == SHORT else "I"), value))

    def _rational(self, value: float) -> Entry:
        ratio = Fraction(value).limit_denominator(10000 if value > 1 else 1_000_000_000)
        if ratio.numerator > 0xFFFFFFFF:
            ratio = Fraction(0xFFFFFFFF)
        return Entry(RATIONAL, 1, struct.pack(self.order + "II", ratio.numerator, ratio.denominator))

    def _whole(self, entry: Entry | None) -> int | None:
        if entry is None or entry.kind not in (SHORT, LONG) or entry.count < 1:
            return None
        return int(struct.unpack_from(self.order + ("H" if entry.kind == SHORT else "I"), entry.data)[0])

    def _ratio(self, entry: Entry | None) -> float | None:
        if entry is None or entry.kind != RATIONAL or entry.count < 1:
            return None
        above, below = struct.unpack_from(self.order + "II", entry.data)
        return above / below if below else None


PLACES: Final = frozenset({SUBJECT_AREA, SUBJECT_LOCATION})


def _text(text: bytes) -> Entry:
    return Entry(2, len(text) + 1, text + b"\0")


def parse(data: bytes, offset: int | None = None) -> Exif | None:
    """EXIF out of a block or a TIFF file, classic or Big; None where it is none or too damaged to be kept.

    ``offset`` is the place of the main directory; None: the first one. The thumbnail's directory is not read.
    Directories under IFD 0 that are damaged are left out.
    """
    while data.startswith(b"Exif\0\0"):
        data = data[6:]
    order = ORDERS.get(data[:2])
    if order is None or len(data) < 16:
        return None
    version = struct.unpack_from(order + "H", data, 2)[0]
    if version not in (42, 43):
        return None
    big = version == 43
    if offset is None:
        offset = int(struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0])
    try:
        main = read_directory(data, offset, order, big=big)
    except (struct.error, ValueError):
        return None
    found = Exif(order, main)
    camera = _below(found, data, EXIF_IFD, main, big=big)
    interop = _below(found, data, INTEROP_IFD, camera, big=big)
    return Exif(order, main, camera, _below(found, data, GPS_IFD, main, big=big), interop)


def _below(found: Exif, data: bytes, tag: int, parent: Directory, *, big: bool) -> dict[int, Entry]:
    entry = parent.get(tag)
    if entry is None or entry.kind not in POINTERS:
        return {}
    wide = len(entry.data) == 8
    try:
        offset = struct.unpack(found.order + ("Q" if wide else "I"), entry.data)[0]
        return read_directory(data, offset, found.order, big=big)
    except (struct.error, ValueError):
        return {}
