"""What belongs to a photograph goes along into each format, and stays true; what cannot is said."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

import blindsr
from blindsr.io import exif as exif_block
from blindsr.io.ifd import Entry, directory_bytes
from blindsr.io.photo import read_photo, write_photo
from tests.few_steps import SMALL_INSTANT
from tests.io import profiles
from tests.io.rows import HEIGHT, WIDTH, alpha, colours, gray, png_bytes

ENDINGS = (".png", ".tif", ".jpg", ".webp", ".bmp")
DENSITY = 300
OWNER = "José Ñandú ©".encode()
MAKER_NOTE = b"NOTE" + bytes(range(256))
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:Description tiff:Orientation="6" tiff:ImageWidth="64" '
    b'exif:PixelXDimension="64" exif:PixelYDimension="72"><xmp:Rating>4</xmp:Rating>'
    b"</r:Description></x:xmpmeta>"
)


def short(value):
    return Entry(3, 1, struct.pack(">H", value))


def exif_with_everything():
    """Big-endian, as cameras write it: on its side, text in UTF-8, a note of the maker, a thumbnail."""
    rational = Entry(5, 1, struct.pack(">II", DENSITY, 1))
    position = Entry(5, 3, struct.pack(">6I", 48, 1, 51, 1, 30, 1))
    whole = exif_block.Exif(
        ">",
        {
            0x010F: Entry(2, 6, b"Maker\0"),
            0x0112: short(6),
            0x011A: rational,
            0x011B: rational,
            0x0128: short(2),
            0x013B: Entry(2, len(OWNER) + 1, OWNER + b"\0"),
        },
        {
            0x9003: Entry(2, 20, b"2026:11:26 12:00:00\0"),
            0x927C: Entry(7, len(MAKER_NOTE), MAKER_NOTE),
            0xA002: Entry(4, 1, struct.pack(">I", HEIGHT)),
            0xA003: Entry(4, 1, struct.pack(">I", WIDTH)),
        },
        {1: Entry(2, 2, b"N\0"), 2: position},
        {1: Entry(2, 4, b"R98\0")},
    )
    block = bytearray(whole.to_bytes())
    thumbnail = BytesIO()
    Image.new("RGB", (16, 16), (255, 0, 0)).save(thumbnail, "JPEG")
    place = len(block) + 2 + 12 * 3 + 4
    first = {0x0103: short(6), 0x0201: Entry(4, 1, struct.pack(">I", place))}
    first[0x0202] = Entry(4, 1, struct.pack(">I", len(thumbnail.getvalue())))
    end_of_main = 8 + 2 + 12 * (len(whole.main) + 2)
    block[end_of_main : end_of_main + 4] = struct.pack(">I", len(block))
    return bytes(block) + directory_bytes(first, len(block), ">") + thumbnail.getvalue()


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """A photograph as a camera leaves it: lying on its side, with all that belongs to it."""
    path = tmp_path_factory.mktemp("camera") / "p.jpg"
    Image.fromarray(np.rot90(colours()).copy()).save(
        path,
        quality=97,
        subsampling=0,
        dpi=(DENSITY, DENSITY),
        icc_profile=profiles.rgb(),
        exif=b"Exif\0\0" + exif_with_everything(),
        xmp=XMP,
    )
    return path


@pytest.fixture
def enlarged(tmp_path, monkeypatch):
    """The whole program at x2, by a given kernel and without training: path to path, and its notes."""
    settings = SMALL_INSTANT

    def run(source, ending):
        target = tmp_path / f"large{ending}"
        blindsr.upscale(
            source, 2, kernel=blindsr.SRKernel.bicubic(2), settings=settings, device="cpu", output=target
        )
        photo = read_photo(source)
        notes = write_photo(tmp_path / f"again{ending}", photo)
        return target, notes

    return run


def exif_of(path):
    """As another program finds it: (IFD 0, Exif IFD, GPS IFD, whether a thumbnail is there)."""
    with Image.open(path) as picture:
        found = picture.getexif()
        return dict(found), found.get_ifd(0x8769), found.get_ifd(0x8825), bool(found.get_ifd(1))


@pytest.mark.parametrize("ending", ENDINGS[:4])
def test_exif_goes_along_and_is_true(taken, enlarged, ending):
    result, _ = enlarged(taken, ending)
    main, camera, gps, thumbnail = exif_of(result)
    assert main.get(0x0112, 1) == 1
    assert main[0x010F] == "Maker"
    assert main[0x013B].encode("latin-1") == OWNER
    assert float(main[0x011A]) == float(main[0x011B]) == 2 * DENSITY
    assert camera[0x9003] == "2026:11:26 12:00:00"
    assert camera[0x927C] == MAKER_NOTE
    assert (camera[0xA002], camera[0xA003]) == (2 * WIDTH, 2 * HEIGHT)
    assert camera[0xA005] == {1: "R98"} or camera[0xA005] > 0
    assert (gps[1], [float(value) for value in gps[2]]) == ("N", [48, 51, 30])
    assert not thumbnail


@pytest.mark.parametrize("ending", ENDINGS[:4])
def test_the_picture_lies_upright_everywhere(taken, enlarged, ending):
    result, _ = enlarged(taken, ending)
    with Image.open(result) as picture:
        assert picture.size == (2 * WIDTH, 2 * HEIGHT)
    small = read_photo(result).image.unflatten(2, (WIDTH, 2)).mean(3).unflatten(1, (HEIGHT, 2)).mean(2)
    assert np.abs(small.permute(1, 2, 0).numpy() - colours() / 255)[2:-2, 2:-2].max() < 20 / 255


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_size_in_inches_stays(taken, enlarged, ending):
    result, _ = enlarged(taken, ending)
    with Image.open(result) as picture:
        if ending == ".webp":  # which tells it in its EXIF
            return
        assert picture.info["dpi"] == pytest.approx((2 * DENSITY, 2 * DENSITY), rel=1e-3)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_profile_goes_along_or_the_colours_become_srgb(taken, enlarged, ending):
    result, notes = enlarged(taken, ending)
    with Image.open(result) as picture:
        if ending != ".bmp":
            assert picture.info["icc_profile"] == profiles.rgb()
            return
        assert any("BMP holds no profile: the colours are converted" in note for note in notes)
        wanted = profiles.as_srgb(Image.fromarray(colours()), profiles.rgb())
        small = np.asarray(picture.reduce(2)).astype(int)
        assert np.abs(small - wanted)[2:-2, 2:-2].mean() < 3


@pytest.mark.parametrize("ending", ENDINGS[:4])
def test_xmp_goes_along_and_is_true(taken, enlarged, ending):
    result, _ = enlarged(taken, ending)
    xmp = read_photo(result).metadata.xmp
    assert b"<xmp:Rating>4" in xmp
    assert b'tiff:Orientation="1"' in xmp
    assert b'exif:PixelXDimension="%d" exif:PixelYDimension="%d"' % (2 * WIDTH, 2 * HEIGHT) in xmp


def test_xmp_of_parts_that_the_result_has_not_is_left_out(tmp_path):
    Image.fromarray(colours()).save(tmp_path / "p.jpg", xmp=b'<x:xmpmeta hdrgm:Version="1.0"/>')
    write_photo(tmp_path / "q.jpg", read_photo(tmp_path / "p.jpg"))
    assert read_photo(tmp_path / "q.jpg").metadata.xmp is None


def test_bmp_says_what_it_cannot_hold(taken, enlarged):
    assert "BMP cannot hold EXIF, XMP: left out" in enlarged(taken, ".bmp")[1]


HDR = [
    (b"cICP", bytes([9, 16, 0, 1])),
    (b"gAMA", struct.pack(">I", 45455)),
    (b"cHRM", struct.pack(">8I", *range(8))),
]


def test_the_colour_space_of_a_png_goes_into_png_and_is_named_elsewhere(tmp_path, enlarged):
    words = [(b"tEXt", b"Title\0A thing"), (b"iTXt", b"Comment\0\0\0\0\0" + "schön".encode())]
    source = tmp_path / "p.png"
    source.write_bytes(png_bytes(colours(np.uint16), 2, 16, [*HDR, *words]))
    result, notes = enlarged(source, ".png")
    assert notes == ()
    data = result.read_bytes()
    for kind, content in HDR + words:
        assert struct.pack(">I", len(content)) + kind + content in data
    assert data.index(b"cICP") < data.index(b"IDAT")
    notes = " ".join(enlarged(source, ".jpg")[1])
    assert "PNG's gamma and colour space (cHRM, cICP, gAMA), PNG's text" in notes


def test_a_png_with_megabytes_of_text_and_profile(tmp_path, enlarged):
    text = zlib.compress(b"x" * 3_000_000)
    profile = profiles.rgb() + np.random.default_rng(0).bytes(1_500_000)
    chunks = [(b"iCCP", b"p\0\0" + zlib.compress(profile)), (b"zTXt", b"Comment\0\0" + text)]
    source = tmp_path / "p.png"
    source.write_bytes(png_bytes(colours(), 2, 8, chunks))
    result, _ = enlarged(source, ".png")
    assert read_photo(result).metadata.icc == profile  # what it wrote it reads
    assert read_photo(result).metadata.text == ((b"zTXt", b"Comment\0\0" + text),)


def test_exif_as_old_imagemagick_kept_it(tmp_path):
    block = b"Exif\0\0" + exif_with_everything()
    words = b"\nexif\n%8d\n" % len(block) + block.hex().encode() + b"\n"
    chunk = (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(words))
    (tmp_path / "p.png").write_bytes(png_bytes(colours(), 2, 8, [chunk]))
    photo = read_photo(tmp_path / "p.png")
    assert photo.image.shape == (3, WIDTH, HEIGHT)  # turned as orientation 6 says
    assert photo.metadata.exif.main[0x013B].data == OWNER + b"\0"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("kind", ["gray", "gray and alpha", "RGB", "RGB and alpha"])
def test_pixels_of_every_kind_into_every_format(tmp_path, enlarged, ending, deep, kind):
    dtype = np.uint16 if deep else np.uint8
    pixels = gray(dtype) if kind.startswith("gray") else colours(dtype)
    if "alpha" in kind:
        pixels = np.dstack([pixels, alpha(dtype)])
    number = {"gray": 0, "gray and alpha": 4, "RGB": 2, "RGB and alpha": 6}[kind]
    source = tmp_path / "p.png"
    source.write_bytes(png_bytes(pixels, number, 16 if deep else 8))
    result, notes = enlarged(source, ending)
    holds_alpha, holds_deep = ending not in {".jpg", ".bmp"}, ending in {".png", ".tif"}
    assert any("8 of the 16 bits" in note for note in notes) == (deep and not holds_deep)
    assert any("laid on white" in note for note in notes) == ("alpha" in kind and not holds_alpha)
    photo = read_photo(result)
    assert photo.bits == (16 if deep and holds_deep else 8)
    assert photo.image.shape[0] == (1 if kind.startswith("gray") and ending != ".webp" else 3)
    assert (photo.alpha is not None) == ("alpha" in kind and holds_alpha)
    wanted = np.atleast_3d(pixels) / np.iinfo(dtype).max
    if "alpha" in kind:
        shown, wanted = wanted[..., -1:], wanted[..., :-1]
        wanted = wanted if holds_alpha else wanted * shown + 1 - shown
    small = photo.image.permute(1, 2, 0).numpy().reshape(HEIGHT, 2, WIDTH, 2, -1).mean(axis=(1, 3))
    off = np.abs(small - wanted)[2:-2, 2:-2]
    if "alpha" in kind and holds_alpha:
        off = off * (shown[2:-2, 2:-2] > 0)
    assert off.max() < (14 if ending in {".jpg", ".webp"} else 2.5) / 255


def test_a_gray_profile_stays_with_gray_and_becomes_srgb_in_webp(tmp_path, enlarged):
    source = tmp_path / "p.png"
    Image.fromarray(gray()).save(source, icc_profile=profiles.gray())
    for ending in (".png", ".tif", ".jpg"):
        with Image.open(enlarged(source, ending)[0]) as picture:
            assert picture.mode == "L"
            assert picture.info["icc_profile"] == profiles.gray()
    result, notes = enlarged(source, ".webp")
    assert "WebP holds no gray with a profile: the colours are converted to sRGB" in notes
    with Image.open(result) as picture:
        assert "icc_profile" not in picture.info
        wanted = profiles.as_srgb(Image.fromarray(gray()), profiles.gray()).astype(int)
        assert np.abs(np.asarray(picture.reduce(2)) - wanted)[2:-2, 2:-2].mean() < 1.5
    result, _ = enlarged(source, ".bmp")
    with Image.open(result) as picture:
        assert picture.mode == "L"
        assert np.abs(np.asarray(picture.reduce(2)) - wanted[..., 0])[2:-2, 2:-2].mean() < 1.5


@pytest.mark.parametrize(
    ("pixels", "profile", "words"),
    [
        (gray, profiles.rgb, "is for RGB pixels, these are GRAY"),
        (colours, profiles.gray, "is for GRAY pixels, these are RGB"),
        (colours, profiles.cmyk, "is for CMYK pixels, these are RGB"),
        (colours, lambda: b"no profile" * 20, "is damaged"),
    ],
)
def test_a_profile_of_other_pixels_is_left_out(tmp_path, pixels, profile, words):
    Image.fromarray(pixels()).save(tmp_path / "p.jpg", icc_profile=profile())
    photo = read_photo(tmp_path / "p.jpg")
    assert photo.metadata.icc is None
    assert any(words in note for note in photo.notes)


def test_cmyk_loses_its_profile_with_its_inks(tmp_path):
    Image.new("CMYK", (WIDTH, HEIGHT), (9, 99, 199, 20)).save(tmp_path / "p.tif", icc_profile=profiles.cmyk())
    write_photo(tmp_path / "q.tif", read_photo(tmp_path / "p.tif"))
    with Image.open(tmp_path / "q.tif") as picture:
        assert picture.mode == "RGB"
        assert "icc_profile" not in picture.info


def test_a_tiff_keeps_its_tags_but_not_those_of_its_old_layout(tmp_path):
    pixels = colours(np.uint16)
    tags = [(0x010E, 2, 0, "A title", True), (0x013B, 2, 0, "Somebody", True)]
    tifffile.imwrite(
        tmp_path / "p.tif",
        pixels,
        photometric="rgb",
        tile=(32, 32),
        extratags=tags,
        resolution=(120, 118),
        metadata=None,
    )
    write_photo(tmp_path / "q.tif", read_photo(tmp_path / "p.tif"))
    with tifffile.TiffFile(tmp_path / "q.tif") as file:
        page = file.pages.first
        assert (page.tags["ImageDescription"].value, page.tags["Artist"].value) == ("A title", "Somebody")
        assert not page.is_tiled
        assert [
            page.tags[name].value[0] / page.tags[name].value[1] for name in ("XResolution", "YResolution")
        ] == [
            120,
            118,
        ]
        np.testing.assert_array_equal(page.asarray(), pixels)


def test_exif_too_large_for_jpeg_goes_without_the_makers_note(tmp_path):
    block = exif_block.Exif("<", {0x010F: Entry(2, 6, b"Maker\0")}, {0x927C: Entry(7, 70000, b"n" * 70000)})
    source = tmp_path / "p.webp"
    Image.fromarray(colours()).save(source, exif=b"Exif\0\0" + block.to_bytes(), lossless=True)
    assert "JPEG cannot hold the maker's note: left out" in write_photo(
        tmp_path / "p.jpg", read_photo(source)
    )
    assert exif_of(tmp_path / "p.jpg")[0][0x010F] == "Maker"


def test_profiles_of_the_tests_are_profiles():
    for icc in (profiles.gray(), profiles.rgb(), profiles.cmyk()):
        assert ImageCms.ImageCmsProfile(BytesIO(icc)).profile.xcolor_space


GAIN_MAP = b'<x:xmpmeta hdrgm:Version="1.0"><Container:Directory/></x:xmpmeta>'
ISO_SEGMENT = b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"


def gain_mapped(path, kind):
    """A JPEG with a second JPEG behind it, as Ultra HDR (XMP), ISO 21496-1 or MPO say so."""
    small = BytesIO()
    Image.fromarray(gray()[::4, ::4]).save(small, "JPEG")
    if kind == "MPO":
        Image.fromarray(colours()).save(path, "MPO", save_all=True, append_images=[Image.open(small)])
        return
    buffer = BytesIO()
    Image.fromarray(colours()).save(buffer, "JPEG", **({"xmp": GAIN_MAP} if kind == "Ultra HDR" else {}))
    data = buffer.getvalue()
    if kind == "ISO":
        data = data[:2] + b"\xff\xe2" + struct.pack(">H", len(ISO_SEGMENT) + 2) + ISO_SEGMENT + data[2:]
    path.write_bytes(data + small.getvalue())


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("kind", ["Ultra HDR", "ISO", "MPO"])
def test_a_gain_map_is_left_out_with_a_line(tmp_path, enlarged, kind, ending):
    gain_mapped(tmp_path / "p.jpg", kind)
    notes = read_photo(tmp_path / "p.jpg").notes
    assert any("gain map" in note or "holds 2 pictures" in note for note in notes)
    result, _ = enlarged(tmp_path / "p.jpg", ending)
    assert not any(word in result.read_bytes() for word in (b"hdrgm", b"21496", b"Container:Directory"))
    assert read_photo(result).notes == ()
