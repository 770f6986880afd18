"""The page of a photograph and the page that lists many, as files."""

import re
from configparser import ConfigParser
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest
import torch

import blindsr.report
from blindsr import api
from blindsr.io.photo import Photo
from blindsr.report.facts import is_ours, read_facts
from blindsr.report.index import index_page
from blindsr.report.photograph import photograph_page
from blindsr.restoration.expected_loss import bicubic_alone
from srbase.kernels.kernel import SRKernel
from tests.pictures import face
from tests.report.results import gaussian, record, result
from zssr.solve import Training

HERE = Path(blindsr.report.__file__).parent


@pytest.fixture(scope="module")
def made():
    return result(face(40, 48))


@pytest.fixture(scope="module")
def given(made):
    """The same by a kernel that was given, without training: a page of few figures."""
    return replace(made, analysis=None, trainings=())


@pytest.fixture(scope="module")
def beside(made):
    """Its page, beside an original."""
    return photograph_page(made, record(made), original=Photo(face(80, 96)))


def addresses(page):
    return re.findall(r'(?:src|href)="([^"#][^"]{0,60})', page) + re.findall(r"url\(([^#)]{1,60})", page)


def test_a_page_refers_to_nothing_outside_itself(beside):
    assert addresses(beside)
    assert all(address.startswith("data:") for address in addresses(beside))
    assert "default-src 'none'; img-src data:;" in beside


def test_names_and_notes_are_text_and_not_markup(given):
    odd = "<script>alert(1)</script>&\"'.png"
    page = photograph_page(given, record(given, odd), notes=["</style><b>note"])
    assert "<script>alert" not in page
    assert "</style><b>" not in page
    assert "&lt;/style&gt;&lt;b&gt;note." in page


def test_facts_are_read_back_from_the_page(made, tmp_path):
    original = Photo(face(80, 96))
    path = tmp_path / "page.html"
    path.write_text(photograph_page(made, record(made, "</script>.png"), original=original), "utf-8")
    facts = read_facts(path)
    assert facts.name == "script>.png"  # the last part of a path
    assert (facts.width, facts.height, facts.seconds, facts.blend) == (96, 80, 3.25, 1.0)
    assert facts.sentence.startswith("Treated as a photograph made smaller by an unknown kernel, ")
    scores = api.score(made.photo, original, 2)
    assert facts.psnr == pytest.approx(scores.psnr_y)
    assert facts.gain == pytest.approx(0, abs=1e-9)  # ours is bicubic here
    assert is_ours(path)
    (tmp_path / "other.html").write_text("<title>mine</title>")
    assert read_facts(tmp_path / "other.html") is None
    assert not is_ours(tmp_path / "other.html")
    assert read_facts(tmp_path / "none.html") is None
    path.write_text(path.read_text("utf-8").replace('"treated_as"', '"kind"'), "utf-8")
    assert read_facts(path) is None  # of another version


def test_scores_settings_versions_and_seconds_are_told(made, beside):
    scores = api.score(made.photo, Photo(face(80, 96)), 2)
    for text in (
        f"{scores.psnr_y:.2f}",
        f"{scores.ssim_y:.4f}",
        "the kernel 1.2 s",
        "SpectralConfig",
        "torch: ",
    ):
        assert text in beside
    assert made.analysis is not None
    assert record(made)["settings_hash"] in beside


@pytest.mark.parametrize(("height", "width", "shown"), [(81, 97, True), (80, 96, True), (90, 96, False)])
def test_an_original_is_cropped_as_it_was_and_left_out_where_it_does_not_fit(given, height, width, shown):
    page = photograph_page(given, record(given), original=Photo(face(height, width)))
    assert ("Against the original" in page) is shown
    assert (f"The original is {width}x{height}, the result 96x80: not compared." in page) is not shown


def test_gray_against_colours_is_shown_without_scores(given):
    page = photograph_page(given, record(given), original=Photo(face(80, 96, 3)[:1]))
    assert 'data-version="original"' in page


def test_a_given_kernel_has_no_spectrum_and_no_certainty(given):
    page = photograph_page(given, record(given))
    assert "The kernel was given, not estimated." in page
    assert "the kernel given" in page
    assert 'id="spectrum-' not in page
    assert "certainty" not in page


def test_figures_that_say_nothing_are_left_out(made):
    page = photograph_page(made, record(made))
    assert 'id="curves-' in page
    flat = {"step": (20, 40, 60), "error": (1e-3, 0.995e-3, 0.993e-3)}  # 0.03 dB
    camera = replace(made.analysis, combination=replace(bicubic_alone(2), camera=0.9))
    plain = replace(made, analysis=camera, trainings=(Training(2, 60, flat),))
    page = photograph_page(plain, record(plain))
    for name in ("curves", "kernel", "spectrum"):  # nor a kernel that was not inverted
        assert f'id="{name}-' not in page


def test_a_blend_of_nothing_has_no_slider(made):
    asked = record(made)
    asked["settings"]["restoration"]["trust"] = 0.0
    assert "data-slider>" not in photograph_page(made, asked)
    assert 'list="strengths"' in photograph_page(made, record(made))


def test_the_true_kernel_stands_beside_the_one_found():
    large = replace(result(face(24, 30), factor=4), trainings=())
    page = photograph_page(large, record(large), true_kernel=gaussian(3.0, 1.0).to_x4())
    assert [name in page for name in ("the kernel found", "the same, twice", "the true one")] == [True] * 3
    assert "the true one" not in photograph_page(large, record(large), true_kernel=SRKernel.bicubic(2))


def test_sixteen_bits_alpha_and_odd_factors_have_a_page():
    small = face(31, 37)
    whole = result(small, factor=3)
    source = Photo(small, alpha=torch.rand(1, 31, 37), bits=16)
    whole = replace(whole, source=source)
    page = photograph_page(whole, record(whole))
    assert "37 x 31, 16 bits" in page
    assert "4, then shrunk" in page


def test_an_index_lists_pages_and_failures(made, tmp_path):
    (tmp_path / "a.html").write_text(photograph_page(made, record(made), notes=["a note"]), "utf-8")
    facts = read_facts(tmp_path / "a.html")
    page = index_page({"a.html": facts}, [("b.png", "<not> an image")], title="2 photographs")
    assert page.count('href="a.html"') == 2
    assert "&lt;not&gt; an image" in page
    assert "1 enlarged" in page
    for text in (facts.treated_as, "1.00", "A note."):
        assert text in page
    assert "over bicubic" not in page  # no original
    assert "expected gain" not in page  # not estimated
    scored = index_page({"a.html": replace(facts, psnr=30.0, gain=1.5)}, [], title="1")
    assert "+1.50" in scored
    assert "failed" not in scored
    expected = index_page({"a.html": replace(facts, expected=(0.4, 0.1, 0.7))}, [], title="1")
    assert "+0.4" in expected
    assert "(+0.1 to +0.7)" in expected


def test_the_package_holds_templates_scripts_and_their_licences():
    """What an editable install would not miss."""
    config = ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg")
    patterns = config["options.package_data"]["blindsr"].split()
    files = [path.relative_to(HERE.parent).as_posix() for path in HERE.rglob("*") if path.is_file()]
    data = [name for name in files if not name.endswith((".py", ".pyc"))]
    assert {Path(name).suffix for name in data} == {".j2", ".css", ".js", ".txt"}
    assert [name for name in data if not any(fnmatch(name, pattern) for pattern in patterns)] == []
    for script in (HERE / "assets").glob("*.min.js"):
        assert "MIT" in script.with_name(script.name.removesuffix("min.js") + "LICENSE.txt").read_text()
