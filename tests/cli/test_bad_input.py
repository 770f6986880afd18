"""Every bad input is one line (what, got, wanted) before any training, and nothing is written."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blindsr.io.kernel_files import write_kernel
from srbase.kernels.kernel import SRKernel

FAILED, USAGE = 1, 2

pytestmark = pytest.mark.usefixtures("no_training")


@pytest.fixture
def refused(work, upscale):
    """Runs upscale and checks all that bad inputs have in common; returns the one line."""

    def call(*arguments, code=FAILED):
        before = sorted(work.rglob("*"))
        got, out, err = upscale(*arguments)
        assert got == code, err
        assert out == []
        assert len(err) == 1, err
        assert err[0].startswith("error: ")
        assert sorted(work.rglob("*")) == before
        return err[0]

    return call


def test_a_missing_file(refused):
    assert "none.png does not exist" in refused("none.png")


def test_a_folder_without_images(refused, work):
    (work / "empty").mkdir()
    assert "empty holds no images" in refused("empty")


def test_a_text_file_named_png(refused, work):
    (work / "text.png").write_text("hello")
    assert "text.png cannot be decoded (not an image)" in refused("text.png")


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_a_truncated_image(refused, work, photograph, ending):
    Image.fromarray(photograph).save(f"cut{ending}")
    data = (work / f"cut{ending}").read_bytes()
    (work / f"cut{ending}").write_bytes(data[: len(data) // 2])
    assert f"cut{ending} cannot be decoded" in refused(f"cut{ending}")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(9), "wanted a 2-D array"),
        (np.full((5, 5), np.nan), "NaN"),
        (np.zeros((5, 5)), "sums to 0"),
    ],
)
def test_a_kernel_file_that_is_no_kernel(refused, array, message):
    np.save("k.npy", array)
    line = refused("lr.png", "-k", "k.npy")
    assert "k.npy" in line
    assert message in line


@pytest.mark.parametrize(("made", "asked"), [(2, 4), (4, 2)])
def test_a_kernel_for_the_wrong_scale(refused, made, asked):
    write_kernel(Path("k.mat"), SRKernel.bicubic(made))
    assert f"wanted a kernel for x{asked}" in refused("lr.png", "-k", "k.mat", "-s", asked)


def test_a_kernel_file_that_is_missing(refused):
    assert "none.mat does not exist" in refused("lr.png", "-k", "none.mat")


def test_a_device_that_is_not_there(refused, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    assert "device 'cuda:5' is not there" in refused("lr.png", "--device", "cuda:5", code=USAGE)


def test_a_device_of_no_kind(refused):
    assert "wanted auto, cpu, cuda, cuda:N or mps" in refused("lr.png", "--device", "gpu", code=USAGE)


def test_an_output_folder_that_cannot_be_written(refused, work):
    (work / "file").write_text("in the way")
    assert "cannot be written" in refused("lr.png", "-o", "file/large.png", code=USAGE)
    assert "cannot be written" in refused("lr.png", "--details", "file/run", code=USAGE)


def test_an_output_that_exists(refused, work):
    (work / "lr_x2.png").write_text("precious")
    assert "lr_x2.png exists; --overwrite replaces it" in refused("lr.png")


def test_details_that_exist(refused, work):
    (work / "run").mkdir()
    (work / "run" / "run.json").write_text("{}")
    assert "run.json exists" in refused("lr.png", "--details", "run")


def test_an_output_that_is_the_input(refused):
    assert "lr.png is an input" in refused("lr.png", "-o", "lr.png", "--overwrite", code=USAGE)


def test_an_output_of_no_format(refused):
    assert "wanted one of" in refused("lr.png", "-o", "large.xyz", code=USAGE)


def test_two_inputs_that_would_be_one_output(refused, photograph):
    Path("other").mkdir()
    Image.fromarray(photograph).save("other/lr.png")
    assert "2 results would be written to" in refused("lr.png", "other/lr.png", "-o", "out", code=USAGE)


@pytest.mark.parametrize("side", ["--width", "--height"])
def test_a_scale_beside_a_size(refused, side):
    assert "exclude each other" in refused("lr.png", "-s", "2", side, "100", code=USAGE)


@pytest.mark.parametrize(
    "option", [("--estimator", "spectral"), ("--kernelgan-steps", "5"), ("--kind", "drawing")]
)
def test_an_option_of_the_estimation_beside_a_kernel(refused, option):
    message = f"{option[0]} has no effect with --kernel"
    assert message in refused("lr.png", "-k", "k.mat", *option, code=USAGE)


@pytest.mark.parametrize("scale", ["1", "1.4", "8", "-2", "nan", "x"])
def test_a_scale_that_is_none(refused, scale):
    assert "1.5 to 4" in refused("lr.png", f"-s{scale}", code=USAGE)


NO_GAN = "KernelGAN is not the estimator; wanted no KernelGAN steps"
NO_NETWORK = "preset 'instant' trains no network; wanted no ZSSR steps"


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("upscale lr.png", "--preset instant --kernelgan-steps 500", NO_GAN),
        ("upscale lr.png", "--estimator spectral --kernelgan-steps 500", NO_GAN),
        ("upscale lr.png", "--preset instant --zssr-steps 500", NO_NETWORK),
        ("kernel lr.png -o k.mat", "--preset instant --kernelgan-steps 500", NO_GAN),
        ("kernel lr.png -o k.mat", "--estimator spectral --kernelgan-steps 500", NO_GAN),
        ("sample -o s", "--preset instant --kernelgan-steps 500", NO_GAN),
        ("sample -o s", "--preset instant --zssr-steps 500", NO_NETWORK),
    ],
)
def test_steps_of_a_stage_that_trains_nothing(work, blindsr, command, options, message):
    before = sorted(work.rglob("*"))
    code, out, err = blindsr(*command.split(), *options.split())
    assert (code, out, len(err)) == (USAGE, [], 1), err
    assert err[0].startswith(f"error: {message}")
    assert sorted(work.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments", [("--kernelgan-steps", "0"), ("--zssr-steps", "-1"), ("--seed", "-1"), ("--colour",), ()]
)
def test_wrong_usage(refused, arguments):
    line = refused(*(("lr.png", *arguments) if arguments else ()), code=USAGE)
    assert "blindsr upscale --help" in line


def test_the_others_go_on_only_after_all_are_checked(work, upscale):
    """Of several inputs each bad one is told first; with none left nothing starts."""
    (work / "text.png").write_text("hello")
    code, out, err = upscale("none.png", "text.png", "-o", "large")
    assert (code, out, len(err)) == (FAILED, [], 3)
    assert err[2].startswith("2 failed")
    assert not (work / "large").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("kernel", "none.png", "-o", "k.mat"), FAILED, "does not exist"),
        (("kernel", "lr.png"), USAGE, "Missing option '-o'"),
        (("kernel", "lr.png", "-o", "k.txt"), USAGE, "wanted one of .mat, .npy, .png"),
        (("kernel", "lr.png", "-o", "k.mat", "-o", "./k.mat"), USAGE, "2 results"),
        (("kernel", "lr.png", "-o", "lr.png/k.mat"), USAGE, "cannot be written"),
        (("kernel", "lr.png", "-o", "lr.png"), USAGE, "lr.png is an input"),
        (("kernel", "lr.png", "-o", "k.mat", "--device", "cuda:9"), USAGE, "cuda:9"),
        (("degrade", "none.png", "-o", "s.png"), FAILED, "does not exist"),
        (("degrade", "lr.png", "-o", "s.xyz"), USAGE, "wanted one of"),
        (("degrade", "lr.png", "-o", "lr.png", "--overwrite"), USAGE, "is an input"),
        (("degrade", "lr.png", "-o", "s.png", "-k", "none.mat"), FAILED, "does not exist"),
        (("degrade", "lr.png", "-o", "s.png", "-k", "k", "--random-kernel"), USAGE, "exclude"),
        (("degrade", "lr.png", "-o", "s.png", "--save-kernel", "k.doc"), USAGE, "wanted one of .mat"),
        (("score", "lr.png", "none.png"), FAILED, "does not exist"),
        (("score", "lr.png"), USAGE, "Missing argument 'GT'"),
        (("sample", "-o", "lr.png"), USAGE, "lr.png"),
        (("nonsense",), USAGE, "No such command"),
    ],
)
def test_the_other_commands(work, blindsr, arguments, code, message):
    before = sorted(work.rglob("*"))
    got, out, err = blindsr(*arguments)
    assert (got, out, len(err)) == (code, [], 1), err
    assert message in err[0]
    assert sorted(work.rglob("*")) == before


def test_scores_of_different_sizes_name_both(blindsr, work, photograph):
    Image.fromarray(photograph).save("gt.png")
    code, out, err = blindsr("score", "lr.png", "gt.png")
    assert (code, out) == (FAILED, [])
    assert "83x71" in err[0]
    assert "113x97" in err[0]
