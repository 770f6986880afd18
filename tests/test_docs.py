"""What the pages name is there: files, modules, tests, make targets."""

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT)
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md"))
)
PACKAGES = ("srbase", "blindsr", "kernelgan", "zssr", "benchmarks", "development", "tests")
NAMED_FILE = re.compile(rf"`((?:(?:{'|'.join(PACKAGES)})/[\w./-]*|(?:CONTRIBUTING|README)\.md|setup\.cfg))`")
NAMED_OBJECT = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.(?!csv|jsonl)\w+)+)(?:\(\))?`")
NAMED_TEST = re.compile(r"`(test_\w+)(\.py)?`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
CONTENTS = re.compile(r"^```\{toctree\}\n(.*?)^```", re.M | re.S)
"""A table of contents of the site."""
TARGET = re.compile(r"(?:^ {4}|`|^(?=make [a-z0-9-]+(?: *$| +#| +[A-Z]+=)))make ([a-z][a-z0-9-]+)\b", re.M)


def found(pattern):
    """(page, name) of each thing that the pages name so."""
    return sorted(
        {
            (str(page), match.group(1))
            for page in PAGES
            for match in pattern.finditer((ROOT / page).read_text("utf-8"))
        }
    )


def attribute(name):
    """The object of a dotted name. Raises ImportError or AttributeError where there is none."""
    parts = name.split(".")
    for known in range(len(parts), 0, -1):
        try:
            value = import_module(".".join(parts[:known]))
        except ModuleNotFoundError:
            continue
        for part in parts[known:]:
            value = getattr(value, part)
        return value
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize(("page", "name"), found(NAMED_FILE))
def test_named_files_are_there(page, name):
    assert (ROOT / name).exists() or list(ROOT.glob(name)), page


@pytest.mark.parametrize(("page", "name"), found(LINK))
def test_links_lead_somewhere(page, name):
    assert (ROOT / page).parent.joinpath(name).exists()


@pytest.mark.parametrize(("page", "name"), found(NAMED_OBJECT))
def test_named_objects_are_there(page, name):
    assert attribute(name) is not None, page


def test_named_tests_are_there():
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    names = {name for _, name in found(NAMED_TEST)}
    assert names
    assert {name for name in names if name not in files and f"def {name}(" not in sources} == set()


def test_every_page_of_the_site_is_in_one_table_of_contents():
    pages = {path.stem: path.read_text("utf-8") for path in ROOT.glob("docs/*.md")}
    listed = [
        line.rpartition("<")[2].rstrip(">")  # "Title <page>", or a page
        for text in pages.values()
        for block in CONTENTS.findall(text)
        for line in block.splitlines()
        if line and not line.startswith(":")
    ]
    assert sorted(listed) == sorted({*pages, "notebooks/one-photograph"} - {"index"})


def test_named_targets_are_there():
    made = subprocess.run(
        ["make", "-qp", "-C", str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    ).stdout
    targets = set(re.findall(r"^([a-z][a-z0-9-]+):", made, re.MULTILINE))
    named = {name for _, name in found(TARGET)}
    assert {"upscale", "table1", "quick"} <= named
    assert named - targets == set()
