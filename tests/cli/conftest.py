import numpy as np
import pytest
from PIL import Image

from blindsr.cli.main import run

QUICK = ("--device", "cpu", "--zssr-steps", "2")
"""Options under which the real networks run in well under a second."""


@pytest.fixture
def work(tmp_path, monkeypatch, photograph):
    """An empty folder to be in, with one photograph, lr.png of 80x72 pixels."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(photograph[:72, :80]).save("lr.png")
    return tmp_path


@pytest.fixture
def blindsr(capsys):
    """Runs a command line in this process: (exit code, lines of stdout, lines of stderr)."""

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    return call


@pytest.fixture
def upscale(blindsr):
    """``blindsr upscale`` with two steps of each network on the CPU."""
    return lambda *arguments: blindsr("upscale", *QUICK, "--kernelgan-steps", 2, *arguments)


@pytest.fixture
def no_training(monkeypatch):
    """Any network that starts to train fails the test."""

    def refuse(*_, **__):
        pytest.fail("training started")

    monkeypatch.setattr("blindsr.pipeline.estimate_kernel", refuse)
    monkeypatch.setattr("blindsr.pipeline.super_resolve", refuse)


@pytest.fixture
def size_of():
    def size(path):
        with Image.open(path) as picture:
            return np.asarray(picture).shape

    return size
