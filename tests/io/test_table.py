"""Each row of docs/formats.md: the file is written by other hands, read, enlarged, reopened and compared.

With BLINDSR_WRITE_DOCS=1 in the environment the page is written; otherwise it must be as it would be.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import blindsr
from blindsr.io.formats import FORMATS
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from tests.few_steps import SMALL_INSTANT
from tests.io.rows import HEIGHT, ROWS, WIDTH


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}, {row.holds}")
def test_reading(tmp_path, row):
    if row.needs and find_spec(row.needs) is None:
        pytest.skip(f"needs {row.needs}")
    path = tmp_path / f"p{row.ending}"
    wanted = row.make(path)
    if wanted is None:
        with pytest.raises(InputError, match=row.note):
            read_photo(path)
        return
    photo = read_photo(path)
    assert photo.bits == row.bits
    assert photo.image.shape[1:] == (HEIGHT, WIDTH)
    planes = wanted.transpose(2, 0, 1)
    shown = np.ones((HEIGHT, WIDTH), bool)
    if planes.shape[0] in (2, 4):
        alpha = photo.alpha if photo.alpha is not None else np.ones((1, HEIGHT, WIDTH))
        assert np.abs(np.asarray(alpha) - planes[-1:]).max() <= row.tolerance
        shown = planes[-1] > 0
        planes = planes[:-1]
    else:
        assert photo.alpha is None
    assert photo.image.shape[0] == planes.shape[0]
    difference = np.abs(photo.image.numpy() - planes)
    if "premultiplied" in row.holds:  # as far as the stored colours say
        difference = difference * wanted[..., 3]
        assert difference.max() <= 1.01 / (255 if row.bits == 8 else 65535)
    assert difference[:, shown].max() <= row.tolerance
    assert any(row.note in note for note in photo.notes) if row.note else photo.notes == ()


PARTS = 8
"""The mean of each part of so many by so many pixels is compared."""
NEAR = 6 / 255  # dithered rows are noise, of which x2 makes what it can


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}, {row.holds}")
def test_reading_enlarging_and_reading_again(tmp_path, row):
    if row.needs and find_spec(row.needs) is None:
        pytest.skip(f"needs {row.needs}")
    path, large = tmp_path / f"p{row.ending}", tmp_path / "large.png"
    if row.make(path) is None:
        return
    settings, kernel = SMALL_INSTANT, blindsr.SRKernel.bicubic(2)
    result = blindsr.upscale(path, 2, kernel=kernel, settings=settings, device="cpu", output=large)
    small, again = read_photo(path), read_photo(large)
    assert again.bits == row.bits
    assert again.image.shape == (small.image.shape[0], 2 * HEIGHT, 2 * WIDTH)
    assert (again.alpha is None) == (small.alpha is None)
    shown, wanted = (  # colours under full transparency are anybody's
        photo.image if photo.alpha is None else photo.image * photo.alpha for photo in (again, small)
    )
    assert (shown.mean((1, 2)) - wanted.mean((1, 2))).abs().max() < 1 / 255
    off = means(shown, 2 * PARTS) - means(wanted, PARTS)
    assert np.abs(off).max() < NEAR
    assert set(small.notes) <= set(result.notes)


def means(image, side):
    channels, height, width = image.shape
    parts = image.reshape(channels, height // side, side, width // side, side)
    return parts.mean(dim=(2, 4)).numpy()


PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
MARK = "<!-- made by tests/io/test_table.py -->\n"


def test_the_page_has_the_tables_of_these_tests():
    text = PAGE.read_text()
    before, _, rest = text.partition(MARK)
    after = rest.partition(MARK)[2]
    wanted = before + MARK + tables() + MARK + after
    if os.environ.get("BLINDSR_WRITE_DOCS"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted


def tables():
    lines = ["", "| file | what it holds | read as | said |", "|---|---|---|---|"]
    for row in ROWS:
        bits = f"{row.bits} bits" if "no such" not in row.holds else ""
        said = row.note or "nothing"
        if row.note in {"float32", "uint32", "int8", "int16"}:
            bits, said = "refused", f"{row.note} pixels; wanted unsigned 8 or 16 bits"
        need = f" (needs `{row.needs.replace('_', '-')}`)" if row.needs else ""
        lines.append(f"| {row.kind} | {row.holds}{need} | {bits} | {said} |")
    lines += ["", "| written as | 16 bits | gray | alpha | profile | EXIF | XMP | print size | most |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for kind in FORMATS:
        if kind.writable:
            flags = (kind.deep, kind.gray, kind.alpha, kind.profile, kind.exif, kind.xmp, kind.density)
            cells = " | ".join("yes" if flag else "no" for flag in flags)
            most = (
                f"{kind.longest} pixels a side"
                if kind.longest < 2**31 - 1
                else "4 GiB"
                if kind.name == "BMP"
                else ""
            )
            lines.append(f"| {kind.name} ({', '.join(kind.endings)}) | {cells} | {most} |")
    return "\n".join([*lines, "", ""])
