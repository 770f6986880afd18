import numpy as np
import pytest
from PIL import Image

from blindsr import estimation
from blindsr.cli.main import run
from blindsr.configuration import PRESETS
from blindsr.io.kernel_files import write_kernel
from srbase.kernels.kernel import SRKernel
from tests.few_steps import SMALL, SMALL_INSTANT


@pytest.fixture
def work(tmp_path, monkeypatch, photograph):
    """An empty folder to be in, with one photograph, lr.png of 83x71 pixels."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(photograph[:71, :83]).save("lr.png")
    return tmp_path


@pytest.fixture
def blindsr(capsys, monkeypatch):
    """Runs a command line in this process: (exit code, lines of stdout, lines of stderr)."""

    monkeypatch.setitem(PRESETS, "instant", SMALL_INSTANT)
    monkeypatch.setattr("blindsr.cli.progress.FIRST_SIGN_SECONDS", 1e6)  # no lines that a busy machine adds

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    return call


@pytest.fixture
def upscale(blindsr):
    """``blindsr upscale`` on the CPU, at the preset that trains nothing: quick."""
    return lambda *arguments: blindsr("upscale", "--device", "cpu", "--preset", "instant", *arguments)


@pytest.fixture
def instant(work, upscale):
    """The same by the bicubic kernel, where the way to a kernel is not in question: milliseconds a
    photograph."""
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    return lambda *arguments: upscale("-k", "k.npy", *arguments)


@pytest.fixture
def trained(blindsr, monkeypatch):
    """``blindsr upscale`` on the CPU with every stage of the default preset, two steps of each network."""
    monkeypatch.setitem(PRESETS, "default", SMALL)
    steps = ("--real", "off", "--trust", 1, "--zssr-steps", 2)
    return lambda *arguments: blindsr("upscale", "--device", "cpu", *steps, *arguments)


@pytest.fixture
def diverging(monkeypatch):
    """The estimation diverges for any photograph that is 73 pixels wide."""
    analysed = estimation.analyse_on_device

    def diverges(images, *arguments):
        if any(image.shape[-1] == 73 for image in images):
            raise ArithmeticError("KernelGAN diverged")
        return analysed(images, *arguments)

    monkeypatch.setattr(estimation, "analyse_on_device", diverges)


@pytest.fixture
def no_training(monkeypatch):
    """Any work that starts fails the test."""

    def refuse(*_, **__):
        pytest.fail("training started")

    monkeypatch.setattr("blindsr.estimation.analyse_on_device", refuse)
    monkeypatch.setattr("zssr.second_stage.super_resolve", refuse)


@pytest.fixture
def size_of():
    def size(path):
        with Image.open(path) as picture:
            return np.asarray(picture).shape

    return size
