"""Directories of TIFF fields (IFDs), read and laid out without looking into the values.

Source: TIFF 6.0, section 2; BigTIFF as libtiff writes it.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SHORT, LONG, RATIONAL = 3, 4, 5
POINTERS: Final = frozenset({LONG, 13, 16, 18})
SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
"""Bytes of one value by the field's type; 129 is Exif 3's UTF-8. Types of BigTIFF alone are left out."""
WIDE_SIZES: Final = {16: 8, 17: 8, 18: 8}

MOST_ENTRIES = 4096
MOST_BYTES = 1 << 24
"""Of all values together: more than any camera writes."""


@dataclass(frozen=True)
class Entry:
    """A field as stored: its type, how many values, and their bytes in the file's order."""

    kind: int
    count: int
    data: bytes


Directory = Mapping[int, Entry]


def read_directory(data: bytes, offset: int, order: str, *, big: bool) -> dict[int, Entry]:
    """The fields of a directory; those that lie outside the data are left out. Raises ValueError."""
    count = struct.unpack_from(order + ("Q" if big else "H"), data, offset)[0]
    if count > MOST_ENTRIES:
        raise ValueError(f"a directory of {count} fields")
    head, length, slot = (8, 20, 8) if big else (2, 12, 4)
    sizes = {**SIZES, **WIDE_SIZES} if big else SIZES
    entries: dict[int, Entry] = {}
    total = 0
    for at in range(offset + head, offset + head + count * length, length):
        tag, kind, number = struct.unpack_from(order + ("HHQ" if big else "HHI"), data, at)
        size = sizes.get(kind, 0) * number
        if not size:
            continue
        place = at + length - slot
        if size > slot:
            place = struct.unpack_from(order + ("Q" if big else "I"), data, place)[0]
        total += size
        if place + size <= len(data) and total <= MOST_BYTES:
            entries[tag] = Entry(kind, number, data[place : place + size])
    return entries


def size_of(entries: Directory) -> int:
    """Bytes of a directory and its values, each on an even place."""
    return (
        2
        + 12 * len(entries)
        + 4
        + sum((len(e.data) + 1) // 2 * 2 for e in entries.values() if len(e.data) > 4)
    )


def directory_bytes(entries: Directory, offset: int, order: str) -> bytes:
    """A classic directory with its values after it, for this place in a file; no directory follows."""
    fields, values = [struct.pack(order + "H", len(entries))], bytearray()
    after = offset + 2 + 12 * len(entries) + 4
    for tag in sorted(entries):
        entry = entries[tag]
        held = entry.data.ljust(4, b"\0")
        if len(entry.data) > 4:
            held = struct.pack(order + "I", after + len(values))
            values += entry.data + b"\0" * (len(entry.data) % 2)
        fields.append(struct.pack(order + "HHI", tag, entry.kind, entry.count) + held)
    return b"".join(fields) + b"\0\0\0\0" + bytes(values)
