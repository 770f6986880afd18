"""Places, lengths and sizes that a file tells stay true of the enlarged picture, or are left out with a
line."""

import json
import struct
from io import BytesIO

import pytest
import tifffile
from PIL import Image

import blindsr
from blindsr.io import descriptions
from blindsr.io import exif as exif_block
from blindsr.io.ifd import Entry
from blindsr.io.photo import read_photo, write_photo
from tests.few_steps import SMALL_INSTANT
from tests.io.rows import HEIGHT, WIDTH, colours, gray

KERNEL = blindsr.SRKernel.bicubic(2)
SETTINGS = SMALL_INSTANT
SCALE = (33550, "d", 3, (0.6, 0.3, 0.0))
TIE = (33922, "d", 6, (0.0, 0.0, 0.0, 440720.0, 3751320.0, 0.0))
AREA = (34735, "H", 8, (1, 1, 0, 1, 1025, 0, 1, 1))
POINT = (34735, "H", 8, (1, 1, 0, 1, 1025, 0, 1, 2))
MATRIX = (0.6, 0.1, 0.0, 440720.0, -0.1, 0.3, 0.0, 3751320.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def geotiff(path, *tags, pixels=None, byteorder="<"):
    extra = [(*tag, True) for tag in tags]
    pixels = gray() if pixels is None else pixels
    tifffile.imwrite(
        path, pixels, photometric="minisblack", extratags=extra, metadata=None, byteorder=byteorder
    )


def enlarged(source, target, **asked):
    asked = asked or {"scale": 2}
    kernel = blindsr.SRKernel.bicubic(2 if asked.get("scale", 2) <= 2 else 4)
    return blindsr.upscale(
        source, kernel=kernel, settings=SETTINGS, device="cpu", output=target, **asked
    ).notes


def tags_of(path):
    with tifffile.TiffFile(path) as file:
        return {tag.name: tag.value for tag in file.pages.first.tags}


def place_of(tags, column, row):
    """Where the corner (column, row) of a picture lies, by GeoTIFF's words."""
    half = 0.5 if tags["GeoKeyDirectoryTag"][7] == 2 else 0.0
    x, y = column - half, row - half  # raster coordinates of a corner
    if "ModelTransformationTag" in tags:
        m = tags["ModelTransformationTag"]
        return m[0] * x + m[1] * y + m[3], m[4] * x + m[5] * y + m[7]
    (sx, sy, _), tie = tags["ModelPixelScaleTag"], tags["ModelTiepointTag"]
    return tie[3] + (x - tie[0]) * sx, tie[4] - (y - tie[1]) * sy


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("keys", [AREA, POINT], ids=["area", "point"])
@pytest.mark.parametrize("placed", [(SCALE, TIE), ((34264, "d", 16, MATRIX),)], ids=["scale", "matrix"])
@pytest.mark.parametrize("asked", [{"scale": 2}, {"width": 131}, {"scale": 4}])
def test_the_map_covers_the_same_ground(tmp_path, placed, keys, asked, byteorder):
    geotiff(tmp_path / "a.tif", *placed, keys, byteorder=byteorder)
    notes = enlarged(tmp_path / "a.tif", tmp_path / "b.tif", **asked)
    assert notes == ()
    old, new = tags_of(tmp_path / "a.tif"), tags_of(tmp_path / "b.tif")
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        here = place_of(old, x * WIDTH, y * HEIGHT)
        there = place_of(new, x * new["ImageWidth"], y * new["ImageLength"])
        assert there == pytest.approx(here, abs=1e-6)


def test_a_map_made_small_covers_the_same_ground_but_for_what_is_cropped(tmp_path):
    geotiff(tmp_path / "a.tif", SCALE, TIE, AREA, pixels=gray()[:, : WIDTH - 1])
    blindsr.degrade(tmp_path / "a.tif", 2, output=tmp_path / "b.tif")
    new = tags_of(tmp_path / "b.tif")
    assert new["ModelPixelScaleTag"] == pytest.approx((1.2, 0.6, 0))
    assert new["ModelTiepointTag"] == pytest.approx(TIE[3])


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_the_map_is_left_out_where_nobody_looks_for_it(tmp_path, ending):
    geotiff(tmp_path / "a.tif", SCALE, TIE, AREA, (42113, "s", 0, "0"))
    notes = enlarged(tmp_path / "a.tif", tmp_path / f"b{ending}")
    assert any("cannot hold the place on the map (GeoTIFF)" in note for note in notes)
    with Image.open(tmp_path / f"b{ending}") as picture:
        assert not {33550, 33922, 34735} & set(picture.getexif())


def test_rational_polynomials_are_left_out_with_a_line(tmp_path):
    geotiff(tmp_path / "a.tif", SCALE, TIE, AREA, (50844, "d", 92, tuple(range(92))))
    notes = enlarged(tmp_path / "a.tif", tmp_path / "b.tif")
    assert any("polynomials (RPC)" in note for note in notes)
    assert "RPCCoefficientTag" in tags_of(tmp_path / "a.tif")
    assert "RPCCoefficientTag" not in tags_of(tmp_path / "b.tif")


def test_a_turned_or_damaged_map_is_left_out_with_a_line(tmp_path):
    geotiff(tmp_path / "a.tif", SCALE, TIE, AREA, (274, "H", 1, 6))
    assert any("GeoTIFF), as the picture is turned" in note for note in read_photo(tmp_path / "a.tif").notes)
    geotiff(tmp_path / "b.tif", (33550, "H", 3, (1, 2, 3)), TIE, AREA)
    assert any("GeoTIFF), which is damaged" in n for n in enlarged(tmp_path / "b.tif", tmp_path / "c.tif"))
    assert "ModelTiepointTag" not in tags_of(tmp_path / "c.tif")


def test_imagejs_calibration_follows(tmp_path):
    tifffile.imwrite(
        tmp_path / "a.tif", gray(), imagej=True, resolution=(5, 4), metadata={"unit": "um", "min": 3}
    )
    enlarged(tmp_path / "a.tif", tmp_path / "b.tif", width=131)
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        page = file.pages.first
        assert file.is_imagej
        assert (file.imagej_metadata["unit"], file.imagej_metadata["min"]) == ("um", 3)
        assert page.tags["ResolutionUnit"].value == 1
        x, y = (page.tags[name].value for name in ("XResolution", "YResolution"))
        assert x[0] / x[1] == pytest.approx(5 * 131 / WIDTH, rel=1e-6)
        assert y[0] / y[1] == pytest.approx(4 * page.imagelength / HEIGHT, rel=1e-6)
        assert file.series[0].shape == page.shape


def test_ome_tells_the_new_size_and_the_new_pixels(tmp_path):
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        gray(),
        metadata={"axes": "YX", "PhysicalSizeX": 0.2, "PhysicalSizeY": 0.3, "PhysicalSizeXUnit": "µm"},
    )
    assert "SizeX" in tags_of(tmp_path / "a.ome.tif")["ImageDescription"]
    enlarged(tmp_path / "a.ome.tif", tmp_path / "b.ome.tif")
    with tifffile.TiffFile(tmp_path / "b.ome.tif") as file:
        text = file.ome_metadata
        assert file.series[0].shape == (2 * HEIGHT, 2 * WIDTH)
    assert f'SizeX="{2 * WIDTH}" SizeY="{2 * HEIGHT}"' in text
    assert 'PhysicalSizeX="0.1"' in text
    assert 'PhysicalSizeY="0.15"' in text


def test_tifffiles_shape_follows(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", colours(), photometric="rgb", metadata={"note": "a boat"})
    enlarged(tmp_path / "a.tif", tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        told = json.loads(file.pages.first.description)
        assert told["note"] == "a boat"
        assert tuple(told["shape"]) == file.series[0].shape == (2 * HEIGHT, 2 * WIDTH, 3)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b'{"shape": "?"}', None),
        (
            b'<?xml version="1.0"?><OME><Pixels SizeX="1" SizeY="1" SizeZ="3" SizeC="1" SizeT="1"/></OME>',
            None,
        ),
        (b'<OME><Pixels SizeX="1" SizeY="1" SizeZ="1" SizeC="3" SizeT="1"/></OME>', None),
        (b"ImageJ=1.5\nimages=3\nslices=3\nunit=um\n", b"ImageJ=1.5\nunit=um\n"),
        (b"A boat of shape", b"A boat of shape"),
    ],
)
def test_a_description_that_cannot_be_made_true_is_left_out(text, left):
    assert descriptions.with_image_size(text, 74, 62, 1) == left


def test_a_description_left_out_is_said(tmp_path):
    text = '<?xml version="1.0"?><OME><Pixels SizeX="1" SizeY="1" SizeZ="1" SizeC="7" SizeT="1"/></OME>'
    tifffile.imwrite(tmp_path / "a.tif", gray(), description=text, metadata=None)
    assert any("OME's description" in note for note in enlarged(tmp_path / "a.tif", tmp_path / "b.tif"))
    assert tags_of(tmp_path / "b.tif").get("ImageDescription") is None
    tifffile.imwrite(tmp_path / "c.tif", gray(), imagej=True)
    assert any("PNG cannot hold ImageJ's desc" in n for n in enlarged(tmp_path / "c.tif", tmp_path / "d.png"))


PANO = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:Description GPano:FullPanoWidthPixels="4000" '
    b'GPano:FullPanoHeightPixels="2000" GPano:CroppedAreaImageWidthPixels="72" '
    b'GPano:CroppedAreaLeftPixels="100" GPano:InitialViewHeadingDegrees="30" tiff:XResolution="300/1">'
    b"<GPano:CroppedAreaImageHeightPixels>64</GPano:CroppedAreaImageHeightPixels>"
    b"<GPano:CroppedAreaTopPixels>50</GPano:CroppedAreaTopPixels></r:Description></x:xmpmeta>"
)


def test_a_panoramas_pixels_grow(tmp_path):
    Image.fromarray(colours()).save(tmp_path / "a.jpg", xmp=PANO)
    enlarged(tmp_path / "a.jpg", tmp_path / "b.jpg", width=131)
    xmp = read_photo(tmp_path / "b.jpg").metadata.xmp
    down, across = read_photo(tmp_path / "b.jpg").image.shape[1] / HEIGHT, 131 / WIDTH
    for name, value, factor in (
        (b"FullPanoWidthPixels", 4000, across),
        (b"FullPanoHeightPixels", 2000, down),
        (b"CroppedAreaImageWidthPixels", WIDTH, across),
        (b"CroppedAreaLeftPixels", 100, across),
        (b"InitialViewHeadingDegrees", 30, 1),
        (b"CroppedAreaImageHeightPixels>", HEIGHT, down),
        (b"CroppedAreaTopPixels>", 50, down),
    ):
        mark = b"" if name.endswith(b">") else b'="'
        assert b"GPano:" + name + mark + b"%d" % round(value * factor) in xmp, name
    assert b'tiff:XResolution="546/1"' in xmp


def camera_jpeg(path, orientation=1):
    def numbers(kind, letter, *values):
        return Entry(kind, len(values), struct.pack(f"<{len(values)}{letter}", *values))

    block = exif_block.Exif(
        "<",
        {0x010F: Entry(2, 6, b"Maker\0"), 0x0112: numbers(3, "H", orientation)},
        {
            0xA20E: Entry(5, 1, struct.pack("<II", 3000, 1)),
            0xA20F: Entry(5, 1, struct.pack("<II", 2000, 1)),
            0xA210: numbers(3, "H", 2),
            0x9214: numbers(3, "H", 30, 20, 10, 8),
            0xA214: numbers(3, "H", 30, 20),
        },
    )
    buffer = BytesIO()
    Image.fromarray(colours()).save(buffer, "JPEG", exif=b"Exif\0\0" + block.to_bytes())
    path.write_bytes(buffer.getvalue())


def test_what_a_camera_tells_in_pixels_grows(tmp_path):
    camera_jpeg(tmp_path / "a.jpg")
    enlarged(tmp_path / "a.jpg", tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as picture:
        camera = picture.getexif().get_ifd(0x8769)
    assert (float(camera[0xA20E]), float(camera[0xA20F]), camera[0xA210]) == (6000, 4000, 2)
    assert camera[0x9214] == (60, 40, 20, 16)
    assert camera[0xA214] == (60, 40)


def test_what_a_camera_tells_of_a_turned_picture_changes_places_or_goes(tmp_path):
    camera_jpeg(tmp_path / "a.jpg", orientation=6)
    write_photo(tmp_path / "b.jpg", read_photo(tmp_path / "a.jpg"))
    with Image.open(tmp_path / "b.jpg") as picture:
        camera = picture.getexif().get_ifd(0x8769)
    assert (float(camera[0xA20E]), float(camera[0xA20F])) == (2000, 3000)
    assert not {0x9214, 0xA214} & set(camera)
