"""The documentation as a site: it is built without a warning, its notebook runs, and nothing is fetched."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FETCHED = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=["']?https?://[^"'> ]+""")
"""What a browser would load from elsewhere as soon as the page opens."""
PICTURE = re.compile(r'<img[^>]*src="([^"]+\.png)"')
PICTURES = 4  # of the notebook: photographs, spectrum, kernels, results


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, in a folder."""
    for module in ("sphinx", "myst_nb", "pydata_sphinx_theme"):
        pytest.importorskip(module)
    made = tmp_path_factory.mktemp("site")
    strict = ("-W", "--keep-going", "-q", "-d", str(tmp_path_factory.mktemp("doctrees")))
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", *strict, "docs", str(made)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return made


@pytest.mark.slow
def test_every_page_is_built_and_fetches_nothing(site):
    pages = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    wanted = {
        page.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for page in ROOT.glob("docs/**/*.md")
    }
    assert pages >= wanted | {"notebooks/one-photograph.html"}
    for page in pages:
        assert FETCHED.findall((site / page).read_text("utf-8")) == [], page


@pytest.mark.slow
def test_the_notebook_was_run(site):
    page = (site / "notebooks/one-photograph.html").read_text("utf-8")
    assert len(PICTURE.findall(page)) == PICTURES
    for picture in PICTURE.findall(page):
        assert (site / "notebooks" / picture).is_file()
    assert re.search(r"\d\d\.\d\d dB, \+\d+\.\d\d over interpolation", page)


@pytest.mark.slow
def test_the_reference_shows_docstrings_as_text(site):
    page = (site / "reference.html").read_text("utf-8")
    assert not re.search(r":(?:class|func|mod):`", page)  # roles became links or code
    for name in (
        "blindsr.api.upscale",
        "blindsr.api.UpscaleResult",
        "kernelgan.config.KernelGANConfig.steps",
    ):
        assert f'id="{name}"' in page
    assert "<strong>scale</strong>" in page  # an argument of its own, from the section Args
