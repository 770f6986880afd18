"""A stack is no photograph: one of its pages is, which must be named."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

import blindsr
from blindsr.io.photo import decode_photo, read_photo, write_photo
from blindsr.io.stack import read_stack
from srbase.errors import InputError
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
    settings, stages = blindsr.settings("instant"), set()
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
    page, settings = read_photo(stack, page=1), blindsr.settings("instant")
    analysis = blindsr.upscale(page, settings=settings, device="cpu").analysis
    with pytest.raises(InputError, match="wanted one of them"):
        blindsr.upscale(page, kernel=blindsr.SRKernel.bicubic(2), analysis=analysis, device="cpu")


def test_directories_that_lead_in_a_circle(tmp_path):
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
    with pytest.raises(InputError, match=r"s\.tif has pages that lead in a circle"):
        read_stack(tmp_path / "s.tif")


def test_pages_in_one_directory_are_named(tmp_path):
    """As ImageJ writes stacks of over 4 GB."""
    text = "ImageJ=1.54f\nimages=3\nslices=3\n"
    tifffile.imwrite(tmp_path / "s.tif", STACK[0], description=text, metadata=None)
    with pytest.raises(InputError, match=r"s\.tif holds 3 pages in one directory"):
        read_stack(tmp_path / "s.tif")


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
