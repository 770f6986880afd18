"""``--report``: pages beside results, and one that lists them."""

import json
from dataclasses import replace

import pytest
from PIL import Image

from blindsr.configuration import PRESETS
from blindsr.report.facts import read_facts
from tests.few_steps import SMALL, few

pytestmark = pytest.mark.slow


def test_a_photograph_gets_a_page(work, upscale):
    code, out, _ = upscale("lr.png", "--report", "pages/lr.html")
    assert (code, out) == (0, ["lr_x2.png"])
    facts = read_facts(work / "pages" / "lr.html")
    assert (facts.name, facts.width, facts.height) == ("lr.png", 166, 142)
    assert facts.psnr is None
    assert upscale("lr.png", "-o", "other.png", "--report", "pages/lr.html")[0] == 1  # it is there
    assert not (work / "other.png").exists()
    assert upscale("lr.png", "-o", "other.png", "--report", "pages/lr.html", "--overwrite")[0] == 0


def test_the_original_is_in_the_page(work, upscale, photograph):
    Image.fromarray(photograph[:70, :82]).resize((41, 35)).resize((82, 70)).save("cat.png")
    Image.fromarray(photograph).resize((164, 140)).save("cat_gt.png")
    assert upscale("cat.png", "--report", "page.html", "--gt", "cat_gt.png")[0] == 0
    assert 'data-version="original"' in (work / "page.html").read_text()
    assert read_facts(work / "page.html").psnr > 10


def test_an_original_that_cannot_be_read_is_said_in_the_page(work, upscale):
    (work / "gt").mkdir()
    (work / "gt" / "lr.png").write_text("no image")
    assert upscale("lr.png", "--report", "page.html", "--gt", "gt")[0] == 0
    assert "The original is not shown: gt/lr.png cannot be decoded" in (work / "page.html").read_text()


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", ["page", "page.png", "lr_x2.png"])
def test_other_names_than_a_pages_are_refused_before_any_work(work, upscale, name):
    code, _, err = upscale("lr.png", "--report", name)
    assert code == 2
    assert "wanted a page, .html" in err[-1]


@pytest.fixture
def folder(work, photograph):
    """Two photographs, one of them a folder further down, and a file that is none."""
    (work / "in" / "deep").mkdir(parents=True)
    Image.fromarray(photograph[:71, :83]).save("in/a b.png")
    Image.fromarray(photograph[20:91, 9:92]).save("in/deep/c.png")
    (work / "in" / "broken.png").write_text("no image")
    return work


def test_of_a_folder_there_is_a_page_that_lists_the_pages_and_the_failures(folder, upscale):
    asked = ("in", "-r", "-o", "out", "--report", "web/all.html")
    code, _, err = upscale(*asked)
    assert code == 1
    index = (folder / "web" / "all.html").read_text()
    assert 'href="all/a%20b_x2.html"' in index
    assert 'href="all/deep/c_x2.html"' in index
    assert "2 enlarged" in index
    assert "in/broken.png" in index
    assert 'href="../../all.html"' in (folder / "web" / "all" / "deep" / "c_x2.html").read_text()
    assert "index of pages: web/all.html" in err
    (folder / "in" / "broken.png").unlink()
    assert upscale(*asked)[0] == 0  # nothing is done again
    again = (folder / "web" / "all.html").read_text()
    assert "2 enlarged" in again
    assert "broken" not in again


@pytest.mark.usefixtures("no_training")
def test_a_file_of_somebody_else_is_not_replaced_by_the_list(folder, upscale):
    (folder / "all.html").write_text("my holiday")
    code, _, err = upscale("in", "-r", "-o", "out", "--report", "all.html")
    assert code == 2
    assert "all.html exists and is no page of blindsr; --overwrite replaces it" in err[-1]
    assert (folder / "all.html").read_text() == "my holiday"


def test_a_page_that_fails_does_not_cost_the_result(work, upscale, monkeypatch):
    def fail(*_, **__):
        raise MemoryError("no room")

    monkeypatch.setattr("blindsr.report.photograph.photograph_page", fail)
    code, out, err = upscale("lr.png", "--report", "page.html")
    assert (code, out) == (1, ["lr_x2.png"])
    assert (work / "lr_x2.png").is_file()
    assert any("its page is not made: internal error (MemoryError: no room)" in line for line in err)


@pytest.mark.usefixtures("quick_processes")
def test_pages_are_made_side_by_side_too_and_told_as_json(folder, upscale):
    (folder / "in" / "broken.png").unlink()
    code, out, _ = upscale("in", "-r", "-o", "out", "--report", "all.html", "-j", 2, "--json")
    assert code == 0
    assert sorted(json.loads(line)["report"] for line in out) == ["all/a b_x2.html", "all/deep/c_x2.html"]
    assert (folder / "all" / "a b_x2.html").is_file()
    assert "2 enlarged" in (folder / "all.html").read_text()


def test_the_sample_has_a_page_with_the_original_and_the_true_kernel(work, blindsr):
    options = ("--device", "cpu", "--preset", "instant")
    code, out, _ = blindsr("sample", "-o", "sample", "--report", "sample/page.html", *options)
    assert code == 0
    assert out[-1] == "page: sample/page.html"
    page = (work / "sample" / "page.html").read_text()
    assert "the true one" in page
    assert f"{read_facts(work / 'sample' / 'page.html').psnr:.2f} dB" in out[1]


def test_trained_networks_show_their_curves(work, trained, monkeypatch):
    monkeypatch.setitem(PRESETS, "default", replace(SMALL, estimator=few("kernelgan", 151, channels=8)))
    assert trained("lr.png", "--report", "page.html")[0] == 0
    page = (work / "page.html").read_text()
    assert "KernelGAN: the loss of each player" in page
    assert "The kernel was learned by KernelGAN." in page
