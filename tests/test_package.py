"""The wheel and the sdist, in an environment that holds nothing but what they ask for.

An editable install hides files that were forgotten, and a full environment hides requirements that were.
"""

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

from blindsr.version import VERSION

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"^[\w.-]+")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist and the wheel made from it: {"sdist": path, "wheel": path}."""
    pytest.importorskip("build")
    out = tmp_path_factory.mktemp("dist")
    made = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return {"sdist": sdist, "wheel": wheel}


@pytest.fixture(scope="module")
def bare(built, tmp_path_factory):
    """The commands' folder of an environment that holds the wheel and what it requires, linked from here."""
    place = tmp_path_factory.mktemp("bare")
    venv.create(place, with_pip=False, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    install = ("-m", "pip", f"--python={place}", "install", "--no-deps", "--no-index", built["wheel"])
    installed = run(sys.executable, *install, cwd=place)
    assert installed.returncode == 0, installed.stderr
    for required in closure(required_by(distribution_in(packages))):
        link(required, packages)
    return place / "bin"


def distribution_in(packages: Path) -> Distribution:
    """Ours, in a folder of packages."""
    (found,) = Distribution.discover(name="blindsr", path=[str(packages)])
    return found


def required_by(package: Distribution) -> set[str]:
    """The names of what a distribution needs here, its extras left out."""
    from packaging.requirements import Requirement

    parsed = [Requirement(line) for line in package.requires or ()]
    return {one.name for one in parsed if one.marker is None or one.marker.evaluate({"extra": ""})}


def closure(names: set[str]) -> list[Distribution]:
    """These distributions and all that they need, as they are installed here."""
    found: dict[str, Distribution] = {}
    while names:
        name = names.pop().lower().replace("_", "-")
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # a requirement of another platform's kind; what is missing shows when it is used
        names |= required_by(found[name])
    return list(found.values())


def link(package: Distribution, packages: Path) -> None:
    """Link the distribution's folders and modules into another environment."""
    home = Path(str(package.locate_file("")))
    for top in {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}:
        place = packages / top
        if not place.exists():
            place.symlink_to(home / top)


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command without this checkout on the path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_wheel_holds_the_packages_with_all_their_files_and_nothing_else(built):
    held = set(zipfile.ZipFile(built["wheel"]).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("blindsr", "kernelgan", "srbase", "zssr")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    packaged = {name for name in held if ".dist-info/" not in name}
    assert packaged == wanted


@pytest.mark.slow
def test_the_sdist_builds_again_and_holds_the_licence(built):
    """The wheel was made from it; the tests and benchmarks stay in the repository."""
    with tarfile.open(built["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "setup.cfg", "pyproject.toml", "blindsr/__init__.pyi"} <= names


@pytest.mark.slow
def test_the_program_runs_from_the_wheel_alone(bare, tmp_path):
    where = run(bare / "python", "-c", "import blindsr, sys; print(blindsr.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(bare.parent), where.stderr
    made = run(
        *(bare / "blindsr", "sample", "-o", "made", "--preset", "instant", "--device", "cpu"),
        *("--report", "made/page.html"),
        cwd=tmp_path,
    )
    assert made.returncode == 0, made.stderr
    gains = dict(re.findall(r"^(\w+) +PSNR-Y (\d+\.\d+) dB", made.stdout, re.MULTILINE))
    assert float(gains["blindsr"]) > float(gains["bicubic"])
    assert (tmp_path / "made/comparison.png").stat().st_size > 0
    assert "setUpViewer" in (tmp_path / "made/page.html").read_text()


@pytest.mark.slow
def test_what_is_no_requirement_is_missing_there(bare, tmp_path):
    """Else the test above would prove nothing."""
    for name in ("pytest", "pandas", "sphinx"):
        assert run(bare / "python", "-c", f"import {name}", cwd=tmp_path).returncode != 0


def test_the_container_copies_what_is_there_and_sent():
    text = (ROOT / "Containerfile").read_text("utf-8")
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for name in line.split()
    }
    assert {"blindsr", "kernelgan", "srbase", "zssr", "setup.cfg"} <= copied
    sent = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)


def test_the_citation_is_of_this_version():
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
