"""FITS and DICOM: the values of the file come out, at the size of its pixels."""

import json
import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

import blindsr
from blindsr.io import dicom
from blindsr.io.photo import decode_photo, read_photo, write_photo
from blindsr.io.stack import Stack, read_stack
from blindsr.report.pixels import shown
from srbase.errors import InputError
from tests.few_steps import SMALL_INSTANT
from tests.io.rows import HEIGHT, WIDTH, dicom_of, fits_of, gray

KERNEL = blindsr.SRKernel.bicubic(2)
SETTINGS = SMALL_INSTANT

FLOAT = 1e-6
"""Of the range of the values: float32 has 24 bits, of which HEADROOM takes two."""
SCALED = 2e-5
"""Of the range: as the tests of tones allow floats, whose working tones are rounded."""


@pytest.fixture
def fits():
    return pytest.importorskip("astropy.io.fits")


@pytest.fixture
def pydicom():
    return pytest.importorskip("pydicom")


def flux(width=8):
    """Counts of a telescope: a background around nothing, and a star."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    star = 5000 * np.exp(-((x - 30) ** 2 + (y - 20) ** 2) / width)
    return (star + np.random.default_rng(0).normal(0, 10, star.shape)).astype(np.float32)


def hounsfield():
    return (gray(np.uint16) // 16).astype(np.int16) - 1024


def enlarged(path, output=None):
    return blindsr.upscale(path, kernel=KERNEL, settings=SETTINGS, device="cpu", output=output)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.uint16, np.uint8, np.int32])
def test_the_values_of_a_fits(tmp_path, fits, dtype):
    values = (flux() / 30 if dtype == np.uint8 else flux()).clip(
        *((-1e9, 1e9) if dtype != np.uint8 else (0, 255))
    )
    values = (values.clip(0) if dtype == np.uint16 else values).astype(dtype)
    fits_of(tmp_path / "a.fits", values)
    photo = read_photo(tmp_path / "a.fits")
    assert photo.image.shape == (1, HEIGHT, WIDTH)
    write_photo(tmp_path / "b.tif", photo)
    again = tifffile.imread(tmp_path / "b.tif")
    assert again.dtype == {np.float64: np.float32, np.int32: np.int16}.get(dtype, dtype)
    assert np.abs(again.astype(float) - values).max() <= FLOAT * np.ptp(values.astype(float))


def test_the_scale_of_a_fits(tmp_path, fits):
    fits_of(tmp_path / "a.fits", hounsfield(), BSCALE=0.25, BZERO=-7.5)
    photo = read_photo(tmp_path / "a.fits")
    assert photo.values is not None
    assert np.allclose(photo.values.values(photo.image), hounsfield() * 0.25 - 7.5, atol=1e-4)


@pytest.mark.parametrize("slope", [1, 2.5])
@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
def test_the_values_of_a_dicom(tmp_path, pydicom, slope, kind):
    stored = gray(np.uint16) // 16
    dicom_of(tmp_path / "a.dcm", stored, bits=12, kind=kind, RescaleSlope=slope, RescaleIntercept=-1024)
    photo = read_photo(tmp_path / "a.dcm")
    values = stored * slope - 1024.0
    assert np.allclose(photo.values.values(photo.image), values, atol=1e-3)
    bright = photo.image[0].numpy()
    assert np.corrcoef(bright.ravel(), values.ravel())[0, 1] == pytest.approx(1 if kind[-1] == "2" else -1)
    assert enlarged(tmp_path / "a.dcm").image.dtype == (
        np.int16 if (slope, kind) == (1, "MONOCHROME2") else np.float32
    )


def test_large_values_are_bright_whatever_the_sign_of_the_slope(tmp_path, fits):
    stored = gray(np.uint16).astype(np.int16) // 2
    fits_of(tmp_path / "a.fits", stored, BSCALE=-1)
    photo = read_photo(tmp_path / "a.fits")
    write_photo(tmp_path / "b.tif", photo)
    assert np.array_equal(tifffile.imread(tmp_path / "b.tif"), -stored)
    assert np.corrcoef(photo.image[0].ravel(), -stored.ravel())[0, 1] == pytest.approx(1)
    fits_of(tmp_path / "c.fits", stored, BSCALE=-0.5, BZERO=7)
    photo = read_photo(tmp_path / "c.fits")
    assert photo.values.step > 0
    assert np.allclose(photo.values.values(photo.image), 7 - 0.5 * stored, atol=0.01)


def test_a_cube_of_falling_values_is_a_stack(tmp_path, fits):
    fits_of(tmp_path / "a.fits", np.stack([hounsfield(), hounsfield() * 2]), BSCALE=-1)
    stack = read_stack(tmp_path / "a.fits")
    assert stack.data_type() == "int16"
    made = blindsr.upscale_stack(
        tmp_path / "a.fits", tmp_path / "b.tif", kernel=KERNEL, settings=SETTINGS, device="cpu"
    )
    large = tifffile.imread(made.output)
    assert large.dtype == np.int16
    for page, times in zip(large, (-1, -2), strict=True):
        assert abs(float(page.mean()) - times * hounsfield().mean()) < 2


@pytest.mark.parametrize("slope", [2.0, -2.0])
@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_monochrome1_is_turned_over_whatever_its_depth_and_slope(tmp_path, pydicom, slope, dtype):
    """The brightest pixel is that of the smallest value."""
    stored = gray(np.uint16).astype(dtype) * (100000 if dtype == np.uint32 else 1)
    dicom_of(tmp_path / "a.dcm", stored, kind="MONOCHROME1", RescaleSlope=slope, RescaleIntercept=5)
    photo = read_photo(tmp_path / "a.dcm")
    values = 5 + slope * stored.astype(np.float64)
    assert np.corrcoef(photo.image[0].ravel(), values.ravel())[0, 1] == pytest.approx(-1)
    assert photo.values.step < 0
    assert np.abs(photo.values.values(photo.image) - values).max() <= FLOAT * np.ptp(values)


def float_dicom(path, kind):
    """Of Float Pixel Data, which has no BitsStored (DICOM PS3.3, C.7.6.24)."""
    import pydicom

    dicom_of(path, flux().view(np.int32), kind=kind)
    file = pydicom.dcmread(path)
    del file.PixelData, file.BitsStored, file.HighBit, file.PixelRepresentation
    file.FloatPixelData = flux().tobytes()
    file.save_as(path, enforce_file_format=True)


def test_floats_of_a_dicom(tmp_path, pydicom):
    float_dicom(tmp_path / "a.dcm", "MONOCHROME2")
    photo = read_photo(tmp_path / "a.dcm")
    assert np.abs(photo.values.values(photo.image) - flux()).max() <= FLOAT * np.ptp(flux())
    float_dicom(tmp_path / "b.dcm", "MONOCHROME1")
    with pytest.raises(InputError, match=r"b\.dcm is MONOCHROME1 of floats; wanted whole numbers"):
        read_photo(tmp_path / "b.dcm")


def test_a_slope_of_nothing_is_none(tmp_path, pydicom):
    dicom_of(tmp_path / "a.dcm", hounsfield(), RescaleSlope=0, RescaleIntercept=5)
    with pytest.raises(InputError, match=r"a\.dcm has values of 5 \+ 0 \* number"):
        read_photo(tmp_path / "a.dcm")


def group(pydicom, **fields):
    """A functional group of an enhanced DICOM (PS3.3, C.7.6.16)."""
    result = pydicom.Dataset()
    transformation = {"RescaleSlope", "RescaleIntercept"} & set(fields)
    for name, keys in (
        ("PixelValueTransformationSequence", transformation),
        ("PixelMeasuresSequence", set(fields) - transformation),
    ):
        if keys:
            item = pydicom.Dataset()
            for key in keys:
                setattr(item, key, fields[key])
            setattr(result, name, pydicom.Sequence([item]))
    return result


def test_values_and_size_of_an_enhanced_dicom(tmp_path, pydicom):
    shared = group(pydicom, RescaleSlope=1, RescaleIntercept=-1024, PixelSpacing=[0.5, 0.25])
    frames = [group(pydicom), group(pydicom, RescaleSlope=3, RescaleIntercept=0)]
    groups = {
        "SharedFunctionalGroupsSequence": pydicom.Sequence([shared]),
        "PerFrameFunctionalGroupsSequence": pydicom.Sequence(frames),
    }
    stored = np.stack([gray(np.uint16) // 16] * 2)
    dicom_of(tmp_path / "a.dcm", stored, bits=12, RescaleSlope=7, **groups)
    one, two = (read_photo(tmp_path / "a.dcm", page=number) for number in (1, 2))
    assert np.allclose(one.values.values(one.image), stored[0] - 1024.0)
    assert np.allclose(two.values.values(two.image), stored[1] * 3.0, atol=1e-3)
    assert one.metadata.density == two.metadata.density == pytest.approx((101.6, 50.8))


@pytest.mark.parametrize("syntax", ["ImplicitVRLittleEndian", "ExplicitVRBigEndian"])
def test_other_layouts_of_a_dicom(tmp_path, pydicom, syntax):
    dicom_of(tmp_path / "a.dcm", gray())
    file = pydicom.dcmread(tmp_path / "a.dcm")
    little = not syntax.endswith("BigEndian")
    data = pydicom.filebase.DicomBytesIO()
    file.file_meta.TransferSyntaxUID = getattr(pydicom.uid, syntax)
    file["PixelData"].VR = "OB" if little else "OW"
    if not little:
        file.PixelData = np.ascontiguousarray(gray()).view(np.uint16).byteswap().tobytes()
    pydicom.dcmwrite(data, file, implicit_vr=syntax.startswith("Imp"), little_endian=little)
    photo = decode_photo(data.getvalue(), "memory")
    assert np.array_equal((photo.image[0] * 255).round(), gray())


def test_a_frame_is_read_without_the_others(tmp_path, pydicom):
    """Memory of 40 frames of 256 KiB: the file is not copied for each of them."""
    dicom_of(tmp_path / "a.dcm", np.zeros((40, 256, 512), np.uint16) + np.arange(512, dtype=np.uint16))
    data = (tmp_path / "a.dcm").read_bytes()
    dicom.decode(data, 1)
    tracemalloc.start()
    dicom.decode(data, 40)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(data) / 2


def test_a_dicom_enlarged_has_hounsfield_units_and_its_size(tmp_path, pydicom):
    dicom_of(tmp_path / "a.dcm", hounsfield(), PixelSpacing=[0.5, 0.25])
    result = enlarged(tmp_path / "a.dcm", tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        page = file.pages.first
        pixels = page.asarray()
        across, down = (page.tags[name].value for name in ("XResolution", "YResolution"))
        assert page.tags["ResolutionUnit"].value == 2
    assert pixels.dtype == np.int16
    assert abs(float(pixels.mean()) - hounsfield().mean()) < 2
    assert np.array_equal(result.image, pixels)
    assert across[0] / across[1] == pytest.approx(2 * 25.4 / 0.25, rel=1e-6)
    assert down[0] / down[1] == pytest.approx(2 * 25.4 / 0.5, rel=1e-6)


@pytest.mark.parametrize("values", [hounsfield(), flux()], ids=["whole", "float"])
def test_png_says_how_its_numbers_become_values(tmp_path, fits, values):
    fits_of(tmp_path / "a.fits", values)
    (line,) = enlarged(tmp_path / "a.fits", tmp_path / "b.png").notes
    assert line.startswith("PNG holds whole numbers from 0: value = ")
    offset, step = (float(word) for word in line.split("= ")[1].removesuffix(" * pixel").split(" + "))
    with Image.open(tmp_path / "b.png") as picture:
        pixels = np.asarray(picture).astype(float)
    true = enlarged(tmp_path / "a.fits").image.astype(float)
    assert np.abs(offset + step * pixels - true).max() <= 0.51 * step + FLOAT * np.ptp(true)


@pytest.mark.parametrize("times", [3.7e-9, 64.0])
def test_values_times_a_constant_give_the_result_times_it(tmp_path, fits, times):
    fits_of(tmp_path / "a.fits", flux())
    fits_of(tmp_path / "b.fits", (flux() * np.float32(times)).astype(np.float32))
    once, more = (enlarged(tmp_path / f"{name}.fits").image.astype(float) for name in "ab")
    assert np.abs(more / times - once).max() <= SCALED * np.ptp(once)


def test_whole_values_times_a_constant_give_the_result_times_it(tmp_path, pydicom):
    dicom_of(tmp_path / "a.dcm", hounsfield() + 1024)
    dicom_of(tmp_path / "b.dcm", (hounsfield() + 1024) * np.int16(7))
    once, more = (enlarged(tmp_path / f"{name}.dcm").image.astype(float) for name in "ab")
    assert np.abs(more / 7 - once).max() <= 1  # rounding of either, and of the levels of the first


def test_a_star_may_be_brighter_than_its_pixels(tmp_path, fits):
    fits_of(tmp_path / "a.fits", flux(1))
    assert enlarged(tmp_path / "a.fits").image.max() > 1.03 * flux(1).max()  # the noise is 0.2 %


def test_a_page_shows_floats_up_to_white(tmp_path, fits):
    fits_of(tmp_path / "a.fits", flux())
    assert shown(read_photo(tmp_path / "a.fits")).max() == 255


def test_the_first_row_of_a_fits_is_the_lowest(tmp_path, fits):
    fits.PrimaryHDU(gray()).writeto(tmp_path / "a.fits")
    photo = read_photo(tmp_path / "a.fits")
    assert np.array_equal((photo.image[0] * 255).round().numpy(), gray()[::-1])


def test_where_a_fits_lies_is_left_out_with_a_line_and_its_size_is_kept(tmp_path, fits):
    fits_of(tmp_path / "sky.fits", gray(), CTYPE1="RA---TAN", CDELT1=-1e-4, CDELT2=1e-4, CUNIT1="deg")
    sky = read_photo(tmp_path / "sky.fits")
    assert sky.metadata.density is None
    assert any("world coordinates (WCS)" in note for note in sky.notes)
    fits_of(tmp_path / "chip.fits", gray(), CDELT1=0.1, CDELT2=0.2, CUNIT1="mm", CUNIT2="mm")
    chip = read_photo(tmp_path / "chip.fits")
    assert chip.metadata.density == pytest.approx((254, 127))
    assert chip.notes == ()


def test_a_picture_in_an_extension(tmp_path, fits):
    units = [fits.PrimaryHDU(), fits.ImageHDU(gray()[::-1]), fits.ImageHDU(gray()[::-1] // 2)]
    fits.HDUList(units).writeto(tmp_path / "a.fits")
    photo = read_photo(tmp_path / "a.fits")
    assert np.array_equal((photo.image[0] * 255).round().numpy(), gray())
    assert photo.notes == ("holds 2 images; the first is used",)


STACK = np.stack([gray(np.uint16) // 3, gray(np.uint16) // 2, gray(np.uint16)])


@pytest.mark.parametrize("ending", [".fits", ".dcm"])
def test_planes_and_frames_are_pages(tmp_path, ending):
    pytest.importorskip("astropy" if ending == ".fits" else "pydicom")
    path = tmp_path / f"stack{ending}"
    (fits_of if ending == ".fits" else dicom_of)(path, STACK)
    with pytest.raises(InputError, match=f"stack{ending} holds a stack of 3 pages; .*--pages 1 to 3"):
        read_photo(path)
    for page in (1, 2, 3):
        photo = read_photo(path, page=page)
        assert np.array_equal((photo.image[0] * 65535).round().numpy(), STACK[page - 1])
    with pytest.raises(InputError, match="has no page 4; wanted one from 1 to 3"):
        read_photo(path, page=4)


def test_axes_of_one_pixel_are_no_planes(tmp_path, fits):
    fits_of(tmp_path / "a.fits", gray()[None, None])
    assert read_photo(tmp_path / "a.fits").image.shape == (1, HEIGHT, WIDTH)


def test_a_cube_that_claims_more_than_it_has(tmp_path, fits):
    fits_of(tmp_path / "a.fits", STACK)
    data = (tmp_path / "a.fits").read_bytes()
    key = b"NAXIS3  =                    3"
    assert data.count(key) == 1
    (tmp_path / "a.fits").write_bytes(data.replace(key, b"NAXIS3  =           9000000000"[:30]))
    with pytest.raises(InputError, match=r"a.fits: claims \d+ pixels in \d+ bytes"):
        read_stack(tmp_path / "a.fits")


def test_a_cube_of_floats_is_decoded_once_more_only_up_to_its_first_page(tmp_path, fits, monkeypatch):
    fits_of(tmp_path / "a.fits", np.stack([flux(), flux(), flux()]))
    stack, decoded = read_stack(tmp_path / "a.fits"), []
    page = Stack.page
    monkeypatch.setattr(Stack, "page", lambda stack, index: decoded.append(index) or page(stack, index))
    assert stack.data_type() == "float32"
    assert decoded == [0]


def nan_inside(path):
    values = flux()
    values[3, 4] = np.nan
    fits_of(path, values)


def without_picture(path):
    from astropy.io import fits

    fits.PrimaryHDU().writeto(path)


def tiled(path):
    from astropy.io import fits

    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(gray())]).writeto(path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (nan_inside, r"holds 1 pixel without a value; wanted them filled \(astropy.convolution"),
        (lambda path: fits_of(path, hounsfield(), BLANK=int(hounsfield()[0, 0])), "holds 65 pixels without"),
        (without_picture, "is a FITS without a picture"),
        (tiled, "is a compressed FITS, .* funpack"),
        (lambda path: fits_of(path, hounsfield(), BSCALE=0), r"has values of 0 \+ 0 \* number"),
    ],
)
def test_what_a_fits_cannot_be_read_of(tmp_path, fits, make, message):
    make(tmp_path / "a.fits")
    with pytest.raises(InputError, match=rf"a\.fits {message}"):
        read_photo(tmp_path / "a.fits")


def in_colour(path):
    dicom_of(path, gray(), kind="PALETTE COLOR")


def deflated(path):
    dicom_of(path, gray())
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99\0", 1))


def compressed(path):
    """As MPEG, which no plug-in of pictures reads."""
    dicom_of(path, gray())
    path.write_bytes(
        path.read_bytes().replace(b"\x14\x001.2.840.10008.1.2.1\0", b"\x18\x001.2.840.10008.1.2.4.100\0")
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (in_colour, "is a DICOM of PALETTE COLOR pixels; wanted gray ones"),
        (deflated, "is a deflated DICOM, .* dcmconv"),
        (compressed, "is a DICOM compressed by MPEG2 .*, which cannot be read here; .*gdcmconv --raw"),
    ],
)
def test_what_a_dicom_cannot_be_read_of(tmp_path, pydicom, make, message):
    make(tmp_path / "a.dcm")
    with pytest.raises(InputError, match=rf"a\.dcm {message}"):
        read_photo(tmp_path / "a.dcm")


@pytest.mark.parametrize(
    ("module", "head", "name"),
    [("astropy.io", b"SIMPLE  =".ljust(2880), "FITS"), ("pydicom", bytes(128) + b"DICM", "DICOM")],
)
def test_without_the_extra_it_is_named(monkeypatch, module, head, name):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(InputError, match=rf"memory: {name} needs another package: pip install {module[:7]}"):
        decode_photo(head, "memory")


@pytest.mark.slow
def test_a_process_that_has_not_loaded_astropy_yet(tmp_path, fits):
    """Its logger must be made by itself."""
    fits_of(tmp_path / "a.fits", gray())
    script = "import sys; from pathlib import Path; from blindsr.io.photo import read_photo;"
    script += "print(read_photo(Path(sys.argv[1])).bits)"
    command = (sys.executable, "-W", "error", "-c", script, str(tmp_path / "a.fits"))
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "8\n"


def test_what_is_no_such_file_after_its_signature(fits, pydicom):
    for head in (b"SIMPLE  =".ljust(2880), bytes(128) + b"DICM" + bytes(300)):
        with pytest.raises(InputError, match=r"^memory"):
            decode_photo(head, "memory")


def test_a_score_is_of_values_of_one_scale(tmp_path, fits):
    fits_of(tmp_path / "a.fits", flux())
    fits_of(tmp_path / "b.fits", 2 * flux())
    assert blindsr.score(tmp_path / "a.fits", tmp_path / "a.fits", 2).psnr_y == np.inf
    with pytest.raises(InputError, match="values of two scales"):
        blindsr.score(tmp_path / "a.fits", tmp_path / "b.fits", 2)


def test_degrade_keeps_the_values(tmp_path, pydicom):
    dicom_of(tmp_path / "a.dcm", hounsfield(), PixelSpacing=[0.5, 0.5])
    blindsr.degrade(tmp_path / "a.dcm", output=tmp_path / "b.tif")
    small = tifffile.imread(tmp_path / "b.tif")
    assert small.dtype == np.int16
    assert abs(float(small.mean()) - hounsfield().mean()) < 2
    assert json.dumps(read_photo(tmp_path / "a.dcm").metadata.density) == "[50.8, 50.8]"


@pytest.mark.parametrize(
    ("dtype", "times"),
    [
        (np.uint16, 1),
        (np.uint32, 1),
        (np.uint64, 1),
        (np.uint32, 1000),
        (np.uint64, 1000),
        (np.uint64, 2**40),
    ],
)
def test_unsigned_numbers_of_a_fits_are_exact(tmp_path, fits, dtype, times):
    """Its header has half their range as an offset, which floats do not hold."""
    values = (gray(np.uint8).astype(dtype) + dtype(100)) * dtype(times)
    fits.PrimaryHDU(values[::-1]).writeto(tmp_path / "a.fits")
    photo = read_photo(tmp_path / "a.fits")
    if photo.values is None:
        assert np.array_equal((photo.image[0].double() * 65535).round(), values.astype(float))
    else:
        found = photo.values.values(photo.image).astype(np.float64)
        assert np.abs(found - values.astype(np.float64)).max() <= FLOAT * float(values.max())


def test_the_same_numbers_signed_and_unsigned_are_the_same_picture(tmp_path, fits):
    values = gray(np.uint8).astype(np.int64) * 100
    photos = []
    for dtype in (np.int32, np.uint32, np.int64, np.uint64):
        fits.PrimaryHDU(values.astype(dtype)[::-1]).writeto(tmp_path / "a.fits", overwrite=True)
        photos.append(read_photo(tmp_path / "a.fits"))
    assert all(photo.values is None for photo in photos)
    assert all(torch.equal(photo.image, photos[0].image) for photo in photos)


@pytest.mark.parametrize("darker", [1, 50])
def test_pages_of_monochrome1_keep_one_scale(tmp_path, pydicom, darker):
    """The line says how numbers become values; it is true of the brightest and of the darkest page."""
    stored = np.stack([gray(np.uint16), gray(np.uint16) // darker])
    dicom_of(tmp_path / "a.dcm", stored, kind="MONOCHROME1", RescaleSlope=2, RescaleIntercept=-1000)
    made = blindsr.upscale_stack(
        tmp_path / "a.dcm", tmp_path / "b.tif", kernel=KERNEL, settings=SETTINGS, device="cpu"
    )
    (line,) = (note for note in made.result.notes if "value = " in note)
    offset, sign, step = re.search(r"value = (\S+) ([+-]) (\S+) \* pixel", line).groups()
    large = tifffile.imread(tmp_path / "b.tif").astype(np.float64)
    values = float(offset) + float(sign + step) * large
    for page, numbers in zip(values, stored, strict=True):
        true = -1000 + 2.0 * numbers
        assert page.mean() == pytest.approx(true.mean(), abs=0.01 * 2 * 65535)


@pytest.mark.parametrize("slopes", [(1, 2), (2, 1), (3, 3)])
def test_pages_of_monochrome1_without_a_common_scale_are_refused(tmp_path, pydicom, slopes):
    """In either order; of 32 bits each page would have a scale of its own."""
    frames = [group(pydicom, RescaleSlope=slope, RescaleIntercept=0) for slope in slopes]
    stored = np.stack([gray(np.uint16).astype(np.uint32) * 100000 // 2] * 2)
    groups = {"PerFrameFunctionalGroupsSequence": pydicom.Sequence(frames)}
    dicom_of(tmp_path / "a.dcm", stored, kind="MONOCHROME1", **groups)
    with pytest.raises(InputError, match="pages of MONOCHROME1 have no common scale of values"):
        read_stack(tmp_path / "a.dcm").data_type()
