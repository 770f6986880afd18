import json

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import io as scipy_io

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.kernel_files import read_kernel, write_kernel

ANOTHER_KERNEL = 3  # grey levels: far beyond the one of rounding
CENTRED = 1e-6  # HR pixels


@pytest.mark.parametrize(("scale", "size"), [(2, 13), (4, 25)])
def test_kernel_writes_what_upscale_would_use(work, blindsr, upscale, scale, size):
    options = ("--device", "cpu", "--preset", "instant", "-s", scale)
    code, out, _ = blindsr("kernel", "lr.png", "-o", "k/k.mat", "-o", "k/k.npy", "-o", "k/k.png", *options)
    assert (code, out) == (0, ["k/k.mat", "k/k.npy", "k/k.png"])
    kernel = scipy_io.loadmat(work / "k" / "k.mat")["Kernel"]
    assert kernel.shape == (size, size)
    np.testing.assert_array_equal(kernel, np.load(work / "k" / "k.npy"))
    upscale("lr.png", "-s", scale, "--details", "run")
    np.testing.assert_array_equal(kernel, np.load(work / "run" / f"kernel_x{scale}.npy"))


def test_threads_are_set_and_none_is_refused(work, blindsr):
    before = torch.get_num_threads()
    try:
        options = ("-o", "k.npy", "--device", "cpu", "--estimator", "spectral")
        assert blindsr("kernel", "lr.png", *options, "--threads", before + 1)[0] == 0
        assert torch.get_num_threads() == before + 1
        assert blindsr("kernel", "lr.png", *options, "--threads", 0)[0] == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("scale", [2, 4])
def test_degrade_bicubically_by_a_file_and_at_random(work, blindsr, size_of, scale):
    write_kernel(work / "k.mat", SRKernel.bicubic(scale))
    common = ("-s", scale, "--seed", 5)
    assert blindsr("degrade", "lr.png", "-o", "b.png", *common)[:2] == (0, ["b.png"])
    assert blindsr("degrade", "lr.png", "-o", "k.png", "-k", "k.mat", *common)[0] == 0
    random = ("--random-kernel", "--save-kernel", "r.mat")
    assert blindsr("degrade", "lr.png", "-o", "r.png", *random, *common)[0] == 0
    assert blindsr("degrade", "lr.png", "-o", "again.png", "-k", "r.mat", *common)[0] == 0
    pictures = {}
    for name in ("b", "k", "r", "again"):
        assert size_of(f"{name}.png") == (71 // scale, 83 // scale, 3)
        with Image.open(f"{name}.png") as picture:
            pictures[name] = np.asarray(picture).astype(int)
    inner = (slice(3, -3), slice(3, -3))  # the two bicubics differ in the outermost pixels
    assert np.abs(pictures["b"] - pictures["k"])[inner].max() <= 1  # and by rounding
    assert np.abs(pictures["again"] - pictures["r"]).max() <= 1  # the saved kernel is the one used
    assert np.abs(pictures["r"] - pictures["b"]).max() > ANOTHER_KERNEL
    assert np.abs(read_kernel(work / "r.mat", scale).centre_offset).max() < CENTRED


def test_score_in_words_and_for_machines(work, blindsr, photograph):
    Image.fromarray(photograph).save("gt.png")
    noisy = photograph.astype(int) + np.random.default_rng(0).integers(-5, 6, photograph.shape)
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save("sr.png")
    code, out, err = blindsr("score", "sr.png", "gt.png", "-s", 2)
    assert (code, len(out), err) == (0, 1, [])
    code, out, _ = blindsr("score", "sr.png", "gt.png", "-s", 2, "--json")
    scores = json.loads(out[0])
    assert code == 0
    assert (scores["sr"], scores["gt"], scores["scale"], scores["protocol"]) == (
        "sr.png",
        "gt.png",
        2,
        "rcan",
    )
    assert 30 < scores["psnr_y"] < 45
    assert 0.8 < scores["ssim_y"] < 1
    code, out, _ = blindsr("score", "sr.png", "gt.png", "--protocol", "vdsr", "--json")
    assert json.loads(out[0])["psnr_y"] != scores["psnr_y"]


def test_identical_images_have_no_finite_psnr(work, blindsr):
    assert "PSNR-Y inf dB  SSIM-Y 1.0000" in blindsr("score", "lr.png", "lr.png")[1][0]
    assert json.loads(blindsr("score", "lr.png", "lr.png", "--json")[1][0])["psnr_y"] is None


def test_an_original_of_odd_size_is_cropped_as_it_was_before_shrinking(work, blindsr, photograph):
    Image.fromarray(photograph[:95, :111]).save("gt.png")
    Image.fromarray(photograph[:94, :110]).save("sr.png")
    assert "PSNR-Y inf" in blindsr("score", "sr.png", "gt.png", "-s", 2)[1][0]


def test_the_sample_shows_the_whole_program(work, blindsr):
    options = ("--device", "cpu", "--preset", "instant")
    code, out, _ = blindsr("sample", "-o", "sample", *options)
    assert code == 0
    assert out[0].startswith("bicubic  PSNR-Y ")
    assert out[1].startswith("blindsr  PSNR-Y ")
    assert "sample/comparison.png" in out[2]
    assert {path.name for path in (work / "sample").iterdir()} == {
        "original.png",
        "small.png",
        "bicubic.png",
        "blindsr.png",
        "comparison.png",
        "kernel_true.png",
        "kernel_estimated.png",
    }
    assert blindsr("sample", "-o", "sample", *options)[0] == 2  # nothing is overwritten unasked
