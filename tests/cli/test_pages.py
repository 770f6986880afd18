"""``--pages``: one page of a stack, or all of them with one kernel."""

import io
import json
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from blindsr.io.photo import read_photo
from blindsr.io.stack import read_stack
from tests.io.rows import dicom_of, fits_of

HEIGHT, WIDTH = 71, 83
WRITERS = {
    "ImageJ": {"imagej": True, "resolution": (5, 4), "metadata": {"unit": "um", "min": 3}},
    "OME": {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.2, "PhysicalSizeY": 0.25}},
    "tifffile": {"photometric": "minisblack"},
    "plain": {"photometric": "minisblack", "metadata": None},
}


@pytest.fixture
def pages(photograph):
    gray = photograph[:HEIGHT, :WIDTH, 1].astype(np.uint16)
    return np.stack([gray * 3, gray * 40, gray * 7])


@pytest.fixture
def stack(work, pages):
    """Makes stack.tif as a program writes it."""
    return lambda writer: tifffile.imwrite("stack.tif", pages, **WRITERS[writer])


def alone(work, instant, pages, number):
    """The result of a page that is a file of its own, by the same kernel."""
    tifffile.imwrite("alone.tif", pages[number], photometric="minisblack", metadata=None)
    assert instant("alone.tif", "-o", "alone_x2.tif", "--overwrite")[0] == 0
    return tifffile.imread("alone_x2.tif")


@pytest.mark.parametrize("writer", WRITERS)
def test_every_page_is_what_it_is_alone(work, instant, stack, pages, writer):
    stack(writer)
    code, out, err = instant("stack.tif", "--pages", "all")
    assert (code, out) == (0, ["stack_x2.tif"])
    assert "stack.tif: 3 pages, with the kernel given" in err
    with tifffile.TiffFile("stack_x2.tif") as file:
        assert len(file.pages) == 3
        assert file.series[0].shape == (3, 2 * HEIGHT, 2 * WIDTH)
        assert not [line for line in err if "left out" in line]
        found = file.asarray()
    for number in range(3):
        assert np.array_equal(found[number], alone(work, instant, pages, number))


def test_imagejs_calibration_of_a_stack(work, instant, stack):
    stack("ImageJ")
    instant("stack.tif", "--pages", "all")
    with tifffile.TiffFile("stack_x2.tif") as file:
        told = file.imagej_metadata
        assert (told["images"], told["unit"], told["min"]) == (3, "um", 3)
        for page in file.pages:
            x, y = (page.tags[name].value for name in ("XResolution", "YResolution"))
            assert (x[0] / x[1], y[0] / y[1]) == pytest.approx((10, 8), rel=1e-6)
            assert page.tags["ResolutionUnit"].value == 1


def test_omes_calibration_of_a_stack(work, instant, stack):
    stack("OME")
    instant("stack.tif", "--pages", "all", "-o", "large.ome.tif")
    with tifffile.TiffFile("large.ome.tif") as file:
        assert file.is_ome
        told = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (told["SizeX"], told["SizeY"], told["SizeZ"]) == (2 * WIDTH, 2 * HEIGHT, 3)
    assert (told["PhysicalSizeX"], told["PhysicalSizeY"]) == pytest.approx((0.1, 0.125))


def test_axes_above_the_pages_stay(work, instant, pages):
    tifffile.imwrite("stack.tif", np.stack([pages, pages]), photometric="minisblack")
    assert instant("stack.tif", "--pages", "all")[0] == 0
    assert tifffile.imread("stack_x2.tif").shape == (2, 3, 2 * HEIGHT, 2 * WIDTH)


def test_a_description_that_is_not_true_of_the_pages_is_left_out(work, instant, pages):
    text = "ImageJ=1.54f\nimages=7\nslices=7\n"
    tifffile.imwrite("stack.tif", pages, photometric="minisblack", description=text, metadata=None)
    code, _, err = instant("stack.tif", "--pages", "all")
    assert code == 0, err
    assert any("left out: ImageJ's description" in line for line in err)
    with tifffile.TiffFile("stack_x2.tif") as file:
        assert file.imagej_metadata is None


def test_one_kernel_is_estimated_on_the_page_that_shows_it(work, upscale, photograph):
    """A flat page and one out of focus say nothing of the kernel."""
    sharp = photograph[:160, :160, 1]
    flat = np.full_like(sharp, 90) + np.random.default_rng(0).integers(0, 3, sharp.shape, np.uint8)
    tifffile.imwrite("stack.tif", np.stack([flat, sharp, flat]), photometric="minisblack")
    assert upscale("stack.tif", "--pages", "all", "--details", "run", "--kind", "photo")[0] == 0
    run = json.loads((work / "run" / "run.json").read_text())
    assert run["pages"] == {"count": 3, "kernel_from": 2}
    assert run["notes"][0] == "3 pages, with the kernel that page 2 shows best"
    Image.fromarray(sharp).save("sharp.png")
    assert upscale("sharp.png", "--details", "alone", "--kind", "photo")[0] == 0
    assert (work / "run" / "kernel_x2.npy").read_bytes() == (work / "alone" / "kernel_x2.npy").read_bytes()
    page = tifffile.imread("stack_x2.tif")[1]
    assert np.array_equal(page, np.asarray(Image.open("sharp_x2.png")))


def test_one_page(work, instant, stack, pages):
    stack("ImageJ")
    assert instant("stack.tif", "--pages", "2", "-o", "two.tif", "--details", "run")[0] == 0
    assert np.array_equal(tifffile.imread("two.tif"), alone(work, instant, pages, 1))
    assert json.loads((work / "run" / "run.json").read_text())["pages"] == {"number": 2}


def test_the_first_of_plain_pages_is_used_with_the_flag_named(work, instant, stack):
    stack("plain")
    code, out, err = instant("stack.tif")
    assert (code, out) == (0, ["stack_x2.png"])
    assert "stack.tif: holds 3 pages; the first is used (--pages takes others)" in err


@pytest.mark.parametrize("writer", [fits_of, dicom_of])
def test_planes_and_frames(work, instant, pages, writer):
    pytest.importorskip("astropy" if writer is fits_of else "pydicom")
    values = pages.astype(np.int16)
    values[1:] -= 500  # the first page alone has no negative values
    writer("stack.dat", values)
    assert instant("stack.dat", "--pages", "all", "-o", "large.tif")[0] == 0
    large = tifffile.imread("large.tif")
    assert (large.shape, large.dtype) == ((3, 2 * HEIGHT, 2 * WIDTH), np.float32)
    for page, values_of_page in zip(large, values, strict=True):
        assert abs(float(page.mean()) - values_of_page.mean()) < 2
    assert instant("stack.dat", "--pages", "3", "-o", "three.tif")[0] == 0
    assert np.abs(tifffile.imread("three.tif") - large[2]).max() <= 0.51  # one page is rounded


def test_a_file_of_one_picture_is_a_stack_of_one(work, instant):
    assert instant("lr.png", "--pages", "all")[:2] == (0, ["lr_x2.tif"])
    assert instant("lr.png", "-o", "other.tif")[0] == 0
    assert (work / "lr_x2.tif").read_bytes() == (work / "other.tif").read_bytes()


def test_streams(work, instant, stack, monkeypatch):
    stack("tifffile")
    assert instant("stack.tif", "--pages", "all")[0] == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((work / "stack.tif").read_bytes())))
    stream = io.TextIOWrapper(io.BytesIO(), write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    assert instant("-", "-o", "-", "--pages", "all")[0] == 0
    assert stream.buffer.getvalue() == (work / "stack_x2.tif").read_bytes()


def test_a_folder_is_resumed(work, instant, stack):
    stack("ImageJ")
    (work / "in").mkdir()
    (work / "stack.tif").rename("in/a.tif")
    (work / "lr.png").rename("in/b.png")
    assert instant("in", "-o", "out", "--pages", "all")[:2] == (0, ["out/a_x2.tif", "out/b_x2.tif"])
    _, _, err = instant("in", "-o", "out", "--pages", "all")
    assert "2 finished before" in err[-1]
    assert {path.name for path in (work / "out").iterdir()} == {"a_x2.tif", "b_x2.tif", "blindsr.jsonl"}


def test_pages_of_several_sizes(work, instant, pages):
    with tifffile.TiffWriter("stack.tif") as file:
        file.write(pages[0], metadata=None)
        file.write(pages[1, :50], metadata=None)
    code, _, err = instant("stack.tif", "--pages", "all")
    assert code == 1
    assert "has a page 2 of 83x50 where the first is 83x71; wanted pages of one size, or" in err[-1]
    assert not (work / "stack_x2.tif").exists()


def test_pages_of_several_kinds(work, instant, pages):
    with tifffile.TiffWriter("stack.tif") as file:
        file.write(pages[0], metadata=None)
        file.write(pages[1].astype(np.uint8), metadata=None)
    code, _, err = instant("stack.tif", "--pages", "all")
    assert (code, err[-1].split("stack.tif: ")[-1]) == (1, "page 2 is not like the first; wanted --pages 2")
    assert not (work / "stack_x2.tif").exists()


def test_smaller_versions_of_a_page_are_no_pages(work, instant, pages):
    with tifffile.TiffWriter("stack.tif") as file:
        for page in pages[:2]:
            file.write(page, metadata=None)
            file.write(page[::2, ::2], metadata=None, subfiletype=1)
    assert read_stack(work / "stack.tif").numbers == (1, 3)
    assert instant("stack.tif", "--pages", "all")[0] == 0
    with tifffile.TiffFile("stack_x2.tif") as file:
        assert len(file.pages) == 2


@pytest.mark.parametrize("opaque", [0, 1])
def test_transparency_on_one_page(work, instant, photograph, opaque):
    clear = np.dstack([photograph[:50, :60], np.full((50, 60), 255, np.uint8)])
    veiled = clear.copy()
    veiled[:20, :, 3] = 0
    with tifffile.TiffWriter("stack.tif") as file:
        for page in (clear, veiled) if opaque == 0 else (veiled, clear):
            file.write(page, metadata=None, photometric="rgb", extrasamples=["unassalpha"])
    assert instant("stack.tif", "--pages", "all")[0] == 0
    assert (tifffile.imread("stack_x2.tif", key=opaque)[..., 3] == 255).all()
    assert (tifffile.imread("stack_x2.tif", key=1 - opaque)[:30, :, 3] < 128).all()


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "large.png", "--pages", "all"), "large.png holds no pages; wanted .tif for --pages all"),
        (("--format", "webp", "--pages", "all"), "--format webp holds no pages"),
        (("--gt", "lr.png", "--pages", "all"), "--gt is of single images"),
        (("--pages", "0"), "'0' is no page; wanted a number from 1 or all"),
        (("--pages", "some"), "'some' is no page"),
    ],
)
def test_wrong_usage(work, upscale, stack, arguments, message):
    stack("plain")
    code, out, err = upscale("stack.tif", *arguments)
    assert (code, out) == (2, [])
    assert message in " ".join(err)


@pytest.mark.parametrize(("arguments", "message"), [
    (("stack.tif", "--pages", "4"), "stack.tif has no page 4"),
    (("lr.png", "--pages", "2"), "lr.png has no pages; wanted a TIFF, FITS or DICOM"),
])  # fmt: skip
def test_a_page_that_is_not_there(work, instant, stack, arguments, message):
    stack("plain")
    code, _, err = instant(*arguments)
    assert code == 1
    assert message in err[-1]


def test_degrade_and_kernel_take_a_page(work, blindsr, stack, pages):
    stack("ImageJ")
    assert blindsr("degrade", "stack.tif", "-o", "small.tif", "--pages", "2")[0] == 0
    assert abs(read_photo(work / "small.tif").image.mean() * 65535 - pages[1].mean()) < 65535 / 100
    assert blindsr("kernel", "stack.tif", "-o", "two.npy", "--pages", "2", "--device", "cpu")[0] == 0
    tifffile.imwrite("alone.tif", pages[1], metadata=None)
    assert blindsr("kernel", "alone.tif", "-o", "alone.npy", "--device", "cpu")[0] == 0
    assert (work / "two.npy").read_bytes() == (work / "alone.npy").read_bytes()
    code, _, err = blindsr("degrade", "stack.tif", "-o", "b.tif", "--pages", "all")
    assert code == 2
    assert "'all' is no page; wanted a number from 1" in err[-1]


def test_a_page_of_a_report(work, instant, stack):
    stack("ImageJ")
    assert instant("stack.tif", "--pages", "all", "--report", "page.html")[0] == 0
    assert (work / "page.html").is_file()
    assert "3 pages, with the kernel given" in (work / "page.html").read_text("utf-8")


def test_pages_have_names_of_their_own(work, instant, stack, pages):
    stack("plain")
    for number in (2, 3):
        assert instant("stack.tif", "--pages", number)[:2] == (0, [f"stack_p{number}_x2.png"])
    assert instant("stack.tif", "--pages", "3")[0] == 1  # its name is taken
