"""A stack is no photograph: one of its pages is, which must be named."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageCms

import blindsr
from blindsr import estimation
from blindsr.io.photo import decode_photo, read_photo, write_photo
from blindsr.io.stack import Stack, decode_stack, read_stack
from blindsr.restoration.network.detail_net import DetailLayout, DetailNet
from srbase.errors import InputError
from tests.few_steps import SMALL_INSTANT
from tests.io.rows import HEIGHT, WIDTH, colours, gray

STACK = np.stack([gray() // 3, gray() // 2, gray()])
WRITERS = {
    "ImageJ": {"imagej": True},
    "OME": {"ome": True, "metadata": {"axes": "ZYX"}},
    "OME of channels": {"ome": True, "metadata": {"axes": "CYX"}},
    "tifffile": {"photometric": "minisblack"},
}


@pytest.fixture(params=WRITERS)
def stack(request, tmp_path):
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, STACK, **WRITERS[request.param])
    return path


def test_a_stack_is_refused_with_the_way_out(stack):
    with pytest.raises(
        InputError, match=r"stack.tif holds a stack of 3 pages; .*--pages 1 to 3, or --pages all"
    ):
        read_photo(stack)


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_is_a_photograph(stack, page):
    photo = read_photo(stack, page=page)
    assert np.array_equal((photo.image[0] * 255).round().numpy(), STACK[page - 1])
    assert photo.notes == ()


@pytest.mark.parametrize("page", [0, 4, -1])
def test_a_page_that_is_not_there(stack, page):
    with pytest.raises(InputError, match=f"has no page {page}"):
        read_photo(stack, page=page)


def test_a_deep_page(tmp_path):
    tifffile.imwrite(tmp_path / "s.tif", STACK.astype(np.uint16) * 100, imagej=True)
    photo = read_photo(tmp_path / "s.tif", page=2)
    assert np.array_equal((photo.image[0] * 65535).round().numpy(), STACK[1].astype(np.uint16) * 100)


def test_one_page_is_written_as_one(stack, tmp_path):
    write_photo(tmp_path / "one.tif", read_photo(stack, page=2))
    with tifffile.TiffFile(tmp_path / "one.tif") as file:
        assert len(file.pages) == 1
        assert file.series[0].shape == (HEIGHT, WIDTH)
    assert read_photo(tmp_path / "one.tif").bits == 8


def test_a_whole_stack_in_python(stack, tmp_path):
    settings, stages = SMALL_INSTANT, set()
    made = blindsr.upscale_stack(
        stack,
        tmp_path / "large.tif",
        settings=settings,
        device="cpu",
        on_progress=lambda progress: stages.add(progress.stage),
    )
    assert (made.pages, made.output) == (3, tmp_path / "large.tif")
    assert 1 <= made.page <= 3
    assert "kernel" in stages
    assert any(stage.endswith("x2, page 3 of 3") for stage in stages)
    large = tifffile.imread(made.output)
    assert large.shape == (3, 2 * HEIGHT, 2 * WIDTH)
    for page in (1, 2, 3):
        alone = blindsr.upscale(
            read_photo(stack, page=page), analysis=made.result.analysis, settings=settings, device="cpu"
        )
        assert np.array_equal(alone.image, large[page - 1])


def test_a_stack_is_written_as_a_tiff_alone(stack, tmp_path):
    with pytest.raises(InputError, match=r"large\.png holds no pages; wanted \.tif"):
        blindsr.upscale_stack(stack, tmp_path / "large.png")


def test_a_kernel_and_an_analysis_exclude_each_other(stack):
    page, settings = read_photo(stack, page=1), SMALL_INSTANT
    analysis = blindsr.upscale(page, settings=settings, device="cpu").analysis
    with pytest.raises(InputError, match="wanted one of them"):
        blindsr.upscale(page, kernel=blindsr.SRKernel.bicubic(2), analysis=analysis, device="cpu")


def test_page_directories_that_form_a_loop(tmp_path):
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for page in STACK:
            file.write(page, metadata=None)
    with tifffile.TiffFile(tmp_path / "s.tif") as file:
        first, last = file.pages[0].offset, file.pages[2].offset
        fields = len(file.pages[2].tags)
    data = bytearray((tmp_path / "s.tif").read_bytes())
    end = last + 2 + 12 * fields
    assert data[end : end + 4] == bytes(4)
    data[end : end + 4] = first.to_bytes(4, "little")
    (tmp_path / "s.tif").write_bytes(data)
    with pytest.raises(InputError, match=r"s\.tif has page directories that form a loop"):
        read_stack(tmp_path / "s.tif")


def test_pages_in_one_directory_are_named(tmp_path):
    """As ImageJ writes stacks of over 4 GB."""
    text = "ImageJ=1.54f\nimages=3\nslices=3\n"
    tifffile.imwrite(tmp_path / "s.tif", STACK[0], description=text, metadata=None)
    with pytest.raises(InputError, match=r"s\.tif holds 3 pages in one directory"):
        read_stack(tmp_path / "s.tif")


@pytest.mark.parametrize("share", [0.6, 0.7])
def test_a_file_that_is_cut_off_loses_no_pages_in_silence(tmp_path, share):
    first, *others = (Image.fromarray(page) for page in (*STACK, *STACK))
    first.save(tmp_path / "s.tif", save_all=True, append_images=others, compression="tiff_lzw")
    data = (tmp_path / "s.tif").read_bytes()
    assert len(decode_stack(data, "memory")) == 6
    with pytest.raises(InputError, match=r"memory is cut off after page [345]; wanted a whole file"):
        decode_stack(data[: int(len(data) * share)], "memory")


@pytest.mark.parametrize("lost", [700, 40])
def test_a_shaped_file_that_is_cut_off(tmp_path, lost):
    tifffile.imwrite(tmp_path / "s.tif", np.concatenate([STACK, STACK]), **WRITERS["tifffile"])
    data = (tmp_path / "s.tif").read_bytes()
    assert len(decode_stack(data, "memory")) == 6
    with pytest.raises(
        InputError, match=r"memory (is cut off after page \d|has a damaged page \d, or is cut off)"
    ):
        decode_stack(data[:-lost], "memory")


def test_pages_of_tifffile_in_one_directory(tmp_path):
    tifffile.imwrite(tmp_path / "s.tif", STACK, truncate=True, **WRITERS["tifffile"])
    with pytest.raises(InputError, match=r"s\.tif holds 3 pages in one directory"):
        read_stack(tmp_path / "s.tif")
    with pytest.raises(InputError, match=r"s\.tif holds a stack of 3 pages"):
        read_photo(tmp_path / "s.tif")
    assert np.array_equal((read_photo(tmp_path / "s.tif", page=1).image[0] * 255).round(), STACK[0])


def test_a_page_that_is_damaged_is_named(tmp_path):
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for page in STACK:
            file.write(page, metadata=None)
    with tifffile.TiffFile(tmp_path / "s.tif") as file:
        at = file.pages[1].offset
    data = bytearray((tmp_path / "s.tif").read_bytes())
    data[at : at + 2] = (5000).to_bytes(2, "little")  # fields, more than any page has
    with pytest.raises(InputError, match=r"memory has a damaged page 2, .*; wanted a whole file"):
        decode_stack(bytes(data), "memory")


def test_more_pages_than_can_be_counted(stack, monkeypatch):
    monkeypatch.setattr("blindsr.io.tiff.MOST_PAGES", 2)
    with pytest.raises(InputError, match=r"stack\.tif has more than 2 pages"):
        read_stack(stack)


def pages_of_their_own(path, dtype):
    """Two pages, of which the second is turned, finer and described."""
    fine = {"resolution": (300, 300), "resolutionunit": 2, "extratags": [(0x0112, 3, 1, 6, True)]}
    with tifffile.TiffWriter(path) as file:
        file.write(gray(dtype), metadata=None, resolution=(100, 100), resolutionunit=2, description="one")
        file.write(gray(dtype), metadata=None, description="two", **fine)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_page_has_its_own_fields(tmp_path, dtype):
    pages_of_their_own(tmp_path / "s.tif", dtype)
    one, two = (read_photo(tmp_path / "s.tif", page=number) for number in (1, 2))
    assert one.metadata.density == (100, 100)
    assert two.metadata.density == (300, 300)
    assert [page.metadata.exif.description for page in (one, two)] == [b"one", b"two"]
    assert np.array_equal(two.image[0], np.rot90(one.image[0], 3))
    assert two.metadata.orientation == 1


@pytest.mark.parametrize("page", [1, 2])
def test_a_microscopes_calibration_is_of_every_page(tmp_path, page):
    extra = {"resolution": (5, 4), "metadata": {"unit": "um"}}
    tifffile.imwrite(tmp_path / "s.tif", STACK, imagej=True, **extra)
    write_photo(tmp_path / "one.tif", read_photo(tmp_path / "s.tif", page=page))
    with tifffile.TiffFile(tmp_path / "one.tif") as file:
        assert file.imagej_metadata["unit"] == "um"
        x, y = (file.pages.first.tags[name].value for name in ("XResolution", "YResolution"))
    assert (x[0] / x[1], y[0] / y[1]) == pytest.approx((5, 4))


def test_a_smaller_version_that_stands_first_is_no_page(tmp_path):
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        file.write(STACK[0][::2, ::2], metadata=None, subfiletype=1)
        file.write(STACK[1], metadata=None)
    stack = read_stack(tmp_path / "s.tif")
    assert stack.numbers == (2,)
    assert np.array_equal((stack.page(0).image[0] * 255).round(), STACK[1])
    with tifffile.TiffWriter(tmp_path / "s.tif", append=True) as file:
        file.write(STACK[2], metadata=None)
    assert read_stack(tmp_path / "s.tif").numbers == (2, 3)


def test_the_folder_is_looked_at_before_any_work(stack, tmp_path):
    stages = []
    with pytest.raises(InputError, match="nowhere cannot be written"):
        blindsr.upscale_stack(stack, tmp_path / "nowhere" / "large.tif", on_progress=stages.append)
    assert stages == []


def test_a_file_of_one_picture_is_upscaled_as_it_is_alone(tmp_path):
    """With what its JPEG tells of its history."""
    Image.fromarray(colours()).save(tmp_path / "j.jpg", quality=40, dpi=(300, 300))
    asked = {"settings": SMALL_INSTANT, "device": "cpu"}
    made = blindsr.upscale_stack(tmp_path / "j.jpg", tmp_path / "a.tif", **asked)
    alone = blindsr.upscale(tmp_path / "j.jpg", output=tmp_path / "b.tif", **asked)
    assert (made.pages, made.page, made.output) == (1, 1, tmp_path / "a.tif")
    assert made.result.notes == alone.notes
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_no_page_is_decoded_more_often_than_needed(tmp_path, monkeypatch):
    """Once for the size, once where the kernel is looked for, once to be upscaled."""
    decoded = []
    page = Stack.page
    monkeypatch.setattr(Stack, "page", lambda stack, index: decoded.append(index) or page(stack, index))
    tifffile.imwrite(tmp_path / "s.tif", STACK, **WRITERS["tifffile"])
    asked = {"settings": SMALL_INSTANT, "device": "cpu"}
    blindsr.upscale_stack(tmp_path / "s.tif", tmp_path / "large.tif", **asked)
    assert decoded == [0, 0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("writer", ["ImageJ", "OME", "tifffile"])
def test_a_picture_in_colour_is_no_stack(tmp_path, writer):
    extra = {"metadata": {"axes": "YXS"}} if writer == "OME" else {}
    ome, imagej = writer == "OME", writer == "ImageJ"
    tifffile.imwrite(tmp_path / "c.tif", colours(), photometric="rgb", ome=ome, imagej=imagej, **extra)
    assert read_photo(tmp_path / "c.tif").image.shape == (3, HEIGHT, WIDTH)


def test_only_a_tiff_has_pages(tmp_path):
    write_photo(tmp_path / "p.png", decode_photo(tiff_bytes(tmp_path), "memory"))
    with pytest.raises(InputError, match="has no pages"):
        read_photo(tmp_path / "p.png", page=1)


def tiff_bytes(folder):
    tifffile.imwrite(folder / "plain.tif", gray(), metadata=None)
    return (folder / "plain.tif").read_bytes()


def test_the_example_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("stack.tif", STACK, imagej=True)
    page = Path(__file__).parents[2] / "docs" / "formats.md"
    for example in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        names = {}
        exec(example, names)
        assert names["again"].image.shape == (2 * HEIGHT, 2 * WIDTH)
    assert tifffile.imread("large.tif").shape == (3, 2 * HEIGHT, 2 * WIDTH)


def test_pages_of_different_colour_profiles_are_refused(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for own in (profile, None):
            file.write(colours(np.uint16), metadata=None, photometric="rgb", iccprofile=own)
    with pytest.raises(InputError, match="page 2 is not like the first; wanted --pages 2"):
        list(read_stack(tmp_path / "s.tif"))


def test_the_page_with_the_kernel_has_the_number_of_the_file(tmp_path):
    """A smaller version of a page is none, but has a number."""
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        file.write(STACK[0][::2, ::2], metadata=None, subfiletype=1)
        for page in STACK[:2]:
            file.write(page, metadata=None)
    made = blindsr.upscale_stack(
        tmp_path / "s.tif", tmp_path / "large.tif", settings=SMALL_INSTANT, device="cpu"
    )
    assert made.page in (2, 3)
    assert f"2 pages, with the kernel that page {made.page} shows best" in made.result.notes


def test_a_network_of_another_scale_is_refused_before_the_analysis(stack, tmp_path, monkeypatch):
    torch.save(DetailNet(DetailLayout(scale=2, channels=4, layers=4)).state_dict(), tmp_path / "n.pth")
    monkeypatch.setattr(estimation, "analyse_clearest", lambda *_, **__: pytest.fail("the work was begun"))
    with pytest.raises(InputError, match="is a network for x2; wanted one for x4"):
        blindsr.upscale_stack(
            stack, tmp_path / "large.tif", scale=4, network=tmp_path / "n.pth", device="cpu"
        )
