"""Where a picture lies on the map: GeoTIFF's tags, made true for other pixels.

Source: OGC GeoTIFF 1.1 (19-008r4), requirements class "raster to model". With f the factor along an axis,
raster coordinates count pixels from the corner of the first one (PixelIsArea), so that x' = f x; or from its
centre (PixelIsPoint), so that x' = f (x + 1/2) - 1/2.
"""

import struct
from typing import Final, Literal

from blindsr.io.ifd import SHORT, Directory, Entry

PIXEL_SCALE, TIE_POINTS, TRANSFORMATION = 0x830E, 0x8482, 0x85D8
KEYS, KEY_DOUBLES, KEY_TEXT = 0x87AF, 0x87B0, 0x87B1
RPC: Final = 0xC69C
"""Rational polynomials of a satellite's camera (GDAL, NITF STDI-0002): pixels to places, by 92 numbers."""

PLACED: Final = frozenset({PIXEL_SCALE, TIE_POINTS, TRANSFORMATION})
TAGS: Final = PLACED | {KEYS, KEY_DOUBLES, KEY_TEXT}
RASTER_TYPE, POINT = 1025, 2

DOUBLE: Final = 12


def for_upscaled(main: Directory, factor: tuple[float, float], order: Literal["<", ">"]) -> dict[int, Entry]:
    """IFD 0 with the map's tags of so many times the pixels (across, down).

    Args:
        main: the fields of IFD 0.
        factor: pixels of the new picture over those of the old one, along x and y.
        order: the byte order of the values.

    Returns:
        The fields; those whose numbers make no sense are left out, all of the map's with them.
    """
    result = dict(main)
    if not PLACED & set(main):
        return result
    half = 0.5 if _is_point(main, order) else 0.0
    try:
        if PIXEL_SCALE in main:
            x, y, z = _doubles(main[PIXEL_SCALE], 3, order)
            result[PIXEL_SCALE] = _entry((x / factor[0], y / factor[1], z), order)
        if TIE_POINTS in main:
            result[TIE_POINTS] = _entry(_tie_points(main[TIE_POINTS], factor, half, order), order)
        if TRANSFORMATION in main:
            result[TRANSFORMATION] = _entry(_transformation(main[TRANSFORMATION], factor, half, order), order)
    except (struct.error, ValueError):
        return without(main)
    return result


def without(main: Directory) -> dict[int, Entry]:
    """IFD 0 without the map's tags."""
    return {tag: entry for tag, entry in main.items() if tag not in TAGS}


def _tie_points(
    entry: Entry, factor: tuple[float, float], half: float, order: Literal["<", ">"]
) -> tuple[float, ...]:
    """The tie points of the new picture: each is (column, row, level, x, y, z); the place stays, its pixel
    moves. factor: across, down. half: 0.5 for PixelIsPoint, else 0."""
    values = list(_doubles(entry, 6 * (entry.count // 6), order))
    for at in range(0, len(values), 6):
        for axis in (0, 1):
            values[at + axis] = (values[at + axis] + half) * factor[axis] - half
    return tuple(values)


def _transformation(
    entry: Entry, factor: tuple[float, float], half: float, order: Literal["<", ">"]
) -> tuple[float, ...]:
    """The 4x4 matrix times that which leads from new to old raster coordinates, x = (x' + half) / f - half.
    factor and half as in :func:`_tie_points`."""
    values = list(_doubles(entry, 16, order))
    for row in range(0, 16, 4):
        for axis in (0, 1):
            column = values[row + axis]
            values[row + axis] = column / factor[axis]
            values[row + 3] += column * (half / factor[axis] - half)
    return tuple(values)


def _is_point(main: Directory, order: Literal["<", ">"]) -> bool:
    """Whether the directory of keys says PixelIsPoint."""
    entry = main.get(KEYS)
    if entry is None or entry.kind != SHORT:
        return False
    numbers = struct.unpack(f"{order}{len(entry.data) // 2}H", entry.data[: len(entry.data) // 2 * 2])
    return any(
        numbers[at] == RASTER_TYPE and numbers[at + 3] == POINT for at in range(4, len(numbers) - 3, 4)
    )


def _doubles(entry: Entry, count: int, order: Literal["<", ">"]) -> tuple[float, ...]:
    if entry.kind != DOUBLE or count < 1:
        raise ValueError(f"{entry.count} numbers of type {entry.kind}")
    return struct.unpack_from(f"{order}{count}d", entry.data)


def _entry(values: tuple[float, ...], order: Literal["<", ">"]) -> Entry:
    return Entry(DOUBLE, len(values), struct.pack(f"{order}{len(values)}d", *values))
