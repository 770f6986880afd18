from itertools import product

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageCms

from blindsr.io import png
from blindsr.io.metadata import Metadata
from blindsr.io.photo import Photo, from_pixels, read_photo, write_photo
from srbase.errors import InputError

JPEG_LOSS = 12 / 255  # quality 95 on a smooth gradient
DEEP = (".png", ".tif")
LOSSLESS = (".png", ".tif", ".tiff", ".bmp")
ORIENTATION = 274  # the EXIF and TIFF tag


@pytest.fixture(scope="module")
def icc():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def pixels_of(rng, channels, dtype):
    shape = (31, 37) if channels == 1 else (31, 37, channels)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def as_tensor(pixels):
    planes = np.atleast_3d(pixels).astype(np.float64) / np.iinfo(pixels.dtype).max
    return torch.from_numpy(planes.transpose(2, 0, 1)).float()


@pytest.mark.parametrize("ending", LOSSLESS)
@pytest.mark.parametrize("channels", [1, 3])
def test_8_bits_round_trip(tmp_path, rng, ending, channels):
    photo = from_pixels(pixels_of(rng, channels, np.uint8))
    write_photo(tmp_path / f"p{ending}", photo)
    again = read_photo(tmp_path / f"p{ending}")
    assert again.bits == 8
    assert torch.equal(again.image, photo.image)
    assert [path.name for path in tmp_path.iterdir()] == [f"p{ending}"]


@pytest.mark.parametrize("ending", DEEP)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_round_trip_with_alpha_and_profile(tmp_path, rng, icc, ending, channels):
    pixels = pixels_of(rng, channels, np.uint16)
    photo = from_pixels(pixels)
    write_photo(
        tmp_path / f"p{ending}",
        Photo(photo.image, photo.alpha, photo.bits, Metadata(icc=icc if channels > 2 else None)),
    )
    again = read_photo(tmp_path / f"p{ending}")
    assert again.bits == 16
    assert again.metadata.icc == (icc if channels > 2 else None)
    assert torch.equal(again.image, as_tensor(pixels)[: 1 if channels < 3 else 3])
    assert (again.alpha is None) == (channels in (1, 3))
    if again.alpha is not None:
        assert torch.equal(again.alpha, as_tensor(pixels)[-1:])


def test_a_dark_16_bit_photograph_is_told_by_its_type_not_its_values(tmp_path, rng):
    dark = rng.integers(0, 200, (31, 37, 3)).astype(np.uint16)
    (tmp_path / "dark.png").write_bytes(png.encode(dark, Metadata()))
    photo = read_photo(tmp_path / "dark.png")
    assert photo.bits == 16
    assert float(photo.image.max()) < 200 / 65535 + 1e-6


@pytest.mark.parametrize("ending", [".png", ".tif", ".webp"])
def test_alpha_round_trip_at_8_bits(tmp_path, rng, ending):
    pixels = pixels_of(rng, 4, np.uint8) | 1  # no pixel is fully transparent
    photo = from_pixels(pixels)
    write_photo(tmp_path / f"p{ending}", photo)
    again = read_photo(tmp_path / f"p{ending}")
    assert torch.equal(again.alpha, photo.alpha)


def test_alpha_is_laid_on_white_where_the_format_has_none(tmp_path):
    pixels = np.zeros((31, 37, 4), np.uint8)
    pixels[:, :20, 3] = 255
    write_photo(tmp_path / "p.bmp", from_pixels(pixels))
    again = read_photo(tmp_path / "p.bmp").image
    assert float(again[:, :, :20].max()) == 0
    assert float(again[:, :, 20:].min()) == 1


@pytest.mark.parametrize("ending", [".jpg", ".webp"])
def test_lossy_formats_come_back_nearly(tmp_path, ending):
    ramp = torch.linspace(0, 1, 64).expand(3, 48, 64)
    write_photo(tmp_path / f"p{ending}", Photo(ramp))
    assert float((read_photo(tmp_path / f"p{ending}").image - ramp).abs().max()) < JPEG_LOSS


@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".webp"])
def test_the_colour_profile_is_kept(tmp_path, image, icc, ending):
    write_photo(tmp_path / f"p{ending}", Photo(image, metadata=Metadata(icc=icc)))
    assert read_photo(tmp_path / f"p{ending}").metadata.icc == icc


def test_a_palette_becomes_rgb_and_a_transparent_one_rgba(tmp_path):
    plain = Image.fromarray(np.arange(31 * 37, dtype=np.uint8).reshape(31, 37) % 4, "L").convert("P")
    plain.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    plain.save(tmp_path / "p.png")
    photo = read_photo(tmp_path / "p.png")
    assert photo.alpha is None
    assert photo.image[:, 0, :3].T.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    plain.save(tmp_path / "t.png", transparency=1)
    alpha = read_photo(tmp_path / "t.png").alpha
    assert alpha[0, 0, :4].tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize(
    ("mode", "ending"),
    [*product(["1", "L", "P", "LA", "RGBA"], [".tif", ".png"]), ("CMYK", ".tif")],  # PNG has no CMYK
)
def test_exotic_modes_give_the_colours_that_pillow_shows(tmp_path, photograph, mode, ending):
    picture = Image.fromarray(photograph).convert(mode)
    picture.save(tmp_path / f"p{ending}")
    shown = np.asarray(picture.convert("L" if mode in {"1", "L", "LA"} else "RGB"))
    assert torch.equal(read_photo(tmp_path / f"p{ending}").image, as_tensor(shown))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_the_orientation_is_applied(tmp_path, orientation, ending, photograph):
    picture = Image.fromarray(photograph)
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    picture.save(tmp_path / f"p{ending}", exif=exif, **({"quality": 100} if ending == ".jpg" else {}))
    shown = read_photo(tmp_path / f"p{ending}").image
    assert shown.shape[1:] == (photograph.shape[:2] if orientation < 5 else photograph.shape[1::-1])
    assert float((shown - upright(photograph, orientation)).abs().mean()) < 0.02  # JPEG's loss


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_a_16_bit_tiff_is_applied(tmp_path, orientation, rng):
    pixels = pixels_of(rng, 3, np.uint16)
    tags = [(ORIENTATION, "H", 1, orientation, True)]
    tifffile.imwrite(tmp_path / "p.tif", pixels, photometric="rgb", extratags=tags)
    wanted = upright(pixels, orientation)
    assert torch.equal(read_photo(tmp_path / "p.tif").image, wanted)


def upright(pixels, orientation):
    """TIFF 6.0, page 36: where row 0 and column 0 of the stored pixels belong."""
    image = as_tensor(pixels)
    flips = {1: (), 2: (2,), 3: (1, 2), 4: (1,), 5: (), 6: (2,), 7: (1, 2), 8: (1,)}
    return (image.mT if orientation > 4 else image).flip(flips[orientation])


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_16_bit_tiffs_of_either_layout_and_byte_order(tmp_path, rng, planar, byteorder):
    pixels = pixels_of(rng, 3, np.uint16)
    stored = pixels if planar == "contig" else np.moveaxis(pixels, 2, 0)
    tifffile.imwrite(tmp_path / "p.tif", stored, photometric="rgb", planarconfig=planar, byteorder=byteorder)
    assert torch.equal(read_photo(tmp_path / "p.tif").image, as_tensor(pixels))


def test_a_float_tiff_is_refused_in_words(tmp_path):
    tifffile.imwrite(tmp_path / "p.tif", np.zeros((31, 37), np.float32))
    with pytest.raises(InputError, match=r"p\.tif cannot be decoded .*float32.*8 or 16 bits"):
        read_photo(tmp_path / "p.tif")


@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".webp", ".bmp"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9])
def test_a_truncated_file_is_one_line(tmp_path, photograph, ending, share):
    Image.fromarray(photograph).save(tmp_path / f"whole{ending}")
    data = (tmp_path / f"whole{ending}").read_bytes()
    (tmp_path / f"cut{ending}").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"cut.*cannot be decoded") as caught:
        read_photo(tmp_path / f"cut{ending}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("ending", DEEP)
def test_a_truncated_16_bit_file_is_one_line(tmp_path, rng, share, ending):
    write_photo(tmp_path / f"whole{ending}", from_pixels(pixels_of(rng, 3, np.uint16)))
    data = (tmp_path / f"whole{ending}").read_bytes()
    (tmp_path / f"cut{ending}").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"cut.*cannot be decoded"):
        read_photo(tmp_path / f"cut{ending}")


def test_text_a_folder_and_nothing_at_all(tmp_path):
    (tmp_path / "text.png").write_text("not a picture\n")
    with pytest.raises(InputError, match="not an image"):
        read_photo(tmp_path / "text.png")
    with pytest.raises(InputError, match="is a directory"):
        read_photo(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read_photo(tmp_path / "none.png")


def test_results_that_are_not_finite_are_never_written(tmp_path):
    with pytest.raises(ArithmeticError, match="NaN"):
        write_photo(tmp_path / "p.png", Photo(torch.full((3, 8, 8), torch.nan)))
    assert not list(tmp_path.iterdir())


def test_unknown_endings_are_refused(tmp_path, image):
    with pytest.raises(InputError, match="wanted one of"):
        write_photo(tmp_path / "p.xyz", Photo(image))


def test_halves_are_rounded_up_and_values_clipped(tmp_path):
    values = torch.tensor([[[-0.3, 0.5 / 255, 1.4 / 255, 1.5 / 255, 2.0]]])
    write_photo(tmp_path / "p.png", Photo(values))
    with Image.open(tmp_path / "p.png") as file:
        assert np.asarray(file).tolist() == [[0, 1, 1, 2, 255]]
