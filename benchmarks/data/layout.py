"""Names of a data set's files (those of DIV2KRK), and the number that pairs them."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from natsort import natsort_keygen, natsorted

from blindsr.io.photo import READABLE
from srbase.errors import InputError

MANIFEST = "manifest.csv"

_NUMBERED = re.compile(r"(?:^|_)(?:img|im|kernel)_?(\d+)(?=_|x\d|$)", re.IGNORECASE)
_SCALE_MARK = re.compile(r"_?x[2348](?=_|$)", re.IGNORECASE)
_ROLE_MARK = re.compile(r"_(?:hr|lr\d?|gt|sr|x[12348])$", re.IGNORECASE)
_NAMES_SHOWN = 5


def gt_path(root: Path, number: int) -> Path:
    """The HR image."""
    return root / "gt" / f"img_{number}_gt.png"


def lr_path(root: Path, number: int, scale: int) -> Path:
    """The LR image of a scale."""
    return root / f"lr_x{scale}" / f"im_{number}.png"


def kernel_path(root: Path, number: int, scale: int) -> Path:
    """The true kernel of a scale."""
    return root / f"gt_k_x{scale}" / f"kernel_{number}.mat"


def number_of(stem: str) -> int | None:
    """The number that pairs a file: that after ``img_``, ``im_`` or ``kernel_``, else the only one.

    Scale marks (``x2``, ``_x4``) do not count. None where there is no number or more than one.
    """
    marked = _NUMBERED.search(stem)
    if marked:
        return int(marked.group(1))
    numbers = re.findall(r"\d+", _SCALE_MARK.sub("", stem))
    return int(numbers[0]) if len(numbers) == 1 else None


def key_of(stem: str) -> str:
    """What pairs the files of a set whose names hold no single number: the stem without its role.

    >>> key_of("Canon_001_LR4"), key_of("DSC_1045_x1")
    ('Canon_001', 'DSC_1045')
    """
    while (shorter := _ROLE_MARK.sub("", stem)) not in ("", stem):
        stem = shorter
    return stem


natural: Final = natsort_keygen()
"""Sort key of a name, under which im_2 comes before im_10."""


def images_in(folder: Path) -> list[Path]:
    """The image files of a folder in natural order. Raises InputError where there is none."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; wanted a folder of images")
    found = [path for path in folder.iterdir() if path.suffix.lower() in READABLE and path.is_file()]
    if not found:
        raise InputError(f"{folder} holds no image; wanted at least one")
    return natsorted(found, key=lambda path: path.name)


def by_number(paths: Iterable[Path]) -> dict[int, Path]:
    """Files by their number, in the order of the numbers.

    Raises InputError where a file has no number or two share one.
    """
    found: dict[int, Path] = {}
    for path in paths:
        number = number_of(path.stem)
        if number is None:
            raise InputError(f"{path} has no single number in its name; wanted one, as in im_7.png")
        if number in found:
            raise InputError(
                f"{found[number].name} and {path.name} in {path.parent} are both number {number}"
            )
        found[number] = path
    return dict(sorted(found.items()))


def by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    """Files by their key (:func:`key_of`), in natural order. Raises InputError where two share one."""
    found: dict[str, Path] = {}
    for path in paths:
        key = key_of(path.stem)
        if key in found:
            raise InputError(f"{found[key].name} and {path.name} in {path.parent} are both '{key}'")
        found[key] = path
    return dict(natsorted(found.items()))


def numbered(paths: Iterable[Path]) -> bool:
    """Whether each file has a number of its own."""
    numbers = [number_of(path.stem) for path in paths]
    return None not in numbers and len(set(numbers)) == len(numbers)


def listed(names: Iterable[object]) -> str:
    """Names for an error line: the first few, then a count."""
    every = [str(name) for name in names]
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(every[:_NAMES_SHOWN]) + more
