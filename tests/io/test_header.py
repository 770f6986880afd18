"""The size of a photograph from the head of its file, and what is said of files that have none."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from blindsr.io.header import read_size
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from tests.io import hostile, rows

TURNED = 6
"""The EXIF orientation of a picture that is to be turned by a quarter."""


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "gif", "tif"])
def test_the_size_is_that_of_the_photograph_that_is_read(tmp_path, ending):
    path = tmp_path / f"p.{ending}"
    Image.fromarray(rows.colours()[:21]).save(path)
    assert read_size(path) == (rows.WIDTH, 21) == read_photo(path).image.shape[:0:-1]


@pytest.mark.parametrize("ending", ["jpg", "tif", "png"])
def test_a_turned_photograph_is_measured_upright_or_left_to_the_decoder(tmp_path, ending):
    path, exif = tmp_path / f"p.{ending}", Image.Exif()
    exif[274] = TURNED
    Image.fromarray(rows.colours()[:21]).save(path, exif=exif)
    assert read_photo(path).image.shape[1:] == (rows.WIDTH, 21)
    assert read_size(path) == (None if ending == "png" else (21, rows.WIDTH))


def test_only_decoding_tells_the_size_of_a_heif(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "p.heic"
    pillow_heif.from_pillow(Image.fromarray(rows.colours())).save(path)
    assert read_size(path) is None


def test_what_is_no_image_is_one_line(tmp_path):
    (tmp_path / "text.jpg").write_text("hello")
    for name, message in (
        ("text.jpg", r"text\.jpg .*not an image"),
        ("none.png", "does not exist; wanted an image file"),
        ("", "is a directory; wanted an image file"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            read_size(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_claim_of_too_many_pixels_is_refused_without_decoding(tmp_path):
    data = bytearray(rows.png_bytes(rows.gray(), 0, 8))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    (tmp_path / "p.png").write_bytes(hostile.with_right_sums(data))
    with pytest.raises(InputError, match=r"p\.png: "):
        read_size(tmp_path / "p.png")


def test_a_damaged_head_is_left_to_the_decoder_which_says_more(tmp_path):
    tifffile.imwrite(tmp_path / "p.tif", np.zeros((8, 9, 3), np.uint8), photometric="rgb")
    whole = (tmp_path / "p.tif").read_bytes()
    (tmp_path / "p.tif").write_bytes(whole[:9])
    assert read_size(tmp_path / "p.tif") is None
    with pytest.raises(InputError):
        read_photo(tmp_path / "p.tif")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"v/1\x01" + bytes(200), "is OpenEXR, which is not read; wanted PNG or TIFF, or an array: oiiotool"),
        (b"#?RADIANCE\n" + bytes(200), "is Radiance HDR, .* oiiotool"),
        (b"\xff\x0a" + bytes(200), "is JPEG XL, .* djxl in.jxl out.png"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(200), "is JPEG XL, .* djxl"),
        (b"%PDF-1.7\n" + bytes(200), "is PDF, .* pdftoppm"),
    ],
)
def test_known_files_that_are_not_read_are_named_with_what_reads_them(tmp_path, head, message):
    path = tmp_path / "p.dat"
    path.write_bytes(head)
    for read in (read_size, read_photo):
        with pytest.raises(InputError, match=rf"p\.dat {message}"):
            read(path)
