"""Every command that the pages show does what it says, or, where that takes long, is one that there is."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.cli import cli as harness
from blindsr.cli.main import cli, run
from blindsr.configuration import ESTIMATORS, PRESETS
from tests.commands import commands_of, make_inputs
from tests.few_steps import SMALL, SMALL_INSTANT, SMALL_PAPER, few

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")),
)
COMMANDS = {
    " ".join(words): (page, words)
    for page in sorted(PAGES, reverse=True)
    for words in commands_of((ROOT / page).read_text("utf-8"))
}
"""Each once, with one of the pages that show it."""
LONG = {"sample", "serve"}
"""Commands of blindsr that are tested elsewhere and are only parsed here."""
SMALLER = {("--width", "3000"): "200", ("--kernelgan-steps", "1000"): "2"}
"""Numbers for tiny photographs."""
ELSEWHERE = {"curl"}
"""Programs that are not here and are given nothing of ours."""
DAEMONS = {"dask", "docker"}
"""Programs that are not here; what of ours they are given is looked at."""
INSTALLERS = {"pip", "pipx", "uv"}


def of(*programs):
    """The commands of these programs."""
    found = [
        pytest.param(words, id=f"{page}: {line}", marks=[pytest.mark.slow] if "upscale" in words else [])
        for line, (page, words) in COMMANDS.items()
        if words[0] in programs
    ]
    assert found
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch, quick_processes):
    """An empty folder to be in, and presets as small as can be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("blindsr.cli.progress.FIRST_SIGN_SECONDS", 1e6)
    monkeypatch.setitem(PRESETS, "default", SMALL)
    monkeypatch.setitem(PRESETS, "instant", SMALL_INSTANT)
    monkeypatch.setitem(PRESETS, "paper", SMALL_PAPER)
    monkeypatch.setitem(ESTIMATORS, "kernelgan", few("kernelgan"))
    return tmp_path


def test_no_program_is_left_out():
    known = {"blindsr", "make", "python", *ELSEWHERE, *DAEMONS, *INSTALLERS}
    assert {words[0] for _, words in COMMANDS.values()} - known == set()


@pytest.mark.parametrize("words", of("blindsr"))
def test_blindsr(words, folder, capsys):
    arguments = words[1 : words.index(">>")] if ">>" in words else words[1:]
    make_inputs(words)
    if arguments[0] in LONG or "--scheduler" in arguments:  # docs/cluster.md has tests of its own
        assert cli.commands[arguments[0]].make_context(arguments[0], arguments[1:]).params
        return
    arguments = [
        SMALLER.get((before, word), word) for before, word in zip(("", *arguments), arguments, strict=False)
    ]
    if arguments[0] in ("upscale", "kernel") and "--device" not in arguments:
        arguments += ["--device", "cpu"]
    assert run(arguments) == 0, capsys.readouterr().err
    for option in ("-o", "--save-kernel", "--details"):
        if option in arguments:
            assert Path(arguments[arguments.index(option) + 1]).exists()


@pytest.mark.parametrize("words", of("make"))
def test_make(words):
    make = ["make", "--dry-run", "--no-print-directory", *words[1:]]
    environment = {"PATH": os.environ["PATH"]}
    result = subprocess.run(make, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()


@pytest.mark.parametrize("words", of("python"))
def test_python(words, folder):
    assert words[1:3] == ["-m", "benchmarks"]
    for name in words[3:]:
        if name in ("my-set", "photographs"):
            Path(name).mkdir()
    command = harness.commands[words[3]]
    assert command.make_context(words[3], words[4:]).params


@pytest.mark.parametrize("words", of(*INSTALLERS))
def test_what_is_installed_is_there(words):
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    for extras in re.findall(r"\[([\w,]+)\]", " ".join(words)):
        assert set(extras.split(",")) <= set(setup["options.extras_require"])
    named = {word for word in words if word.startswith("--")}
    program = shutil.which(words[0])
    if program is None or not named:
        return
    options = subprocess.run(
        [program, *words[1 : 2 + (words[0] == "uv")], "--help"], capture_output=True, text=True
    )
    assert {option for option in named if option not in options.stdout} == set()
