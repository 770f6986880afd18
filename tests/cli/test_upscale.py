import hashlib
import json
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from blindsr import api
from blindsr.configuration import PRESETS
from blindsr.io.kernel_files import read_kernel, write_kernel
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel
from srbase.progress import Notice
from tests.few_steps import SMALL, few

RECENTRED = 1e-6  # of a cell: a kernel that lies on the phase is moved by nothing but rounding


def test_the_result_lies_beside_the_input_and_its_path_on_stdout(work, trained, size_of):
    code, out, err = trained("lr.png", "-v")
    assert (code, out) == (0, ["lr_x2.png"])
    assert size_of("lr_x2.png") == (142, 166, 3)
    assert err[0] == "x2, preset default, seed 0, on cpu"
    assert any(line.startswith("training x2: 2 steps, ") for line in err)
    treated = "lr.png: treated as a photograph downscaled by a kernel: its inverse 1.00"
    assert any(line.startswith(treated) for line in err)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(work, trained):
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        assert trained("lr.png", "-k", "k.npy", "--seed", seed, "-o", f"{name}.png")[0] == 0
    first, again, other = ((work / f"{name}.png").read_bytes() for name in "abc")
    assert first == again
    assert first != other


def test_x4_with_details(work, trained, size_of, monkeypatch):
    monkeypatch.setitem(PRESETS, "default", replace(SMALL, estimator=few("kernelgan", 2, channels=8)))
    code, out, _ = trained("lr.png", "-s", 4, "--details", "run", "-o", "large.tif")
    assert (code, out) == (0, ["large.tif"])
    assert size_of("large.tif") == (284, 332, 3)
    names = {f"kernel_x{s}{ending}" for s in (2, 4) for ending in (".mat", ".npy", ".png")}
    assert {path.name for path in (work / "run").iterdir()} == names | {"run.json"}
    run = json.loads((work / "run" / "run.json").read_text())
    assert run["input"]["sha256"] == hashlib.sha256((work / "lr.png").read_bytes()).hexdigest()
    assert (run["scale"], run["seed"], run["device"]["name"]) == (4, 0, "cpu")
    assert run["settings"]["estimator"]["steps"] == 2
    assert run["settings"]["restoration"]["zssr"]["max_steps"] == 2
    assert {"torch", "numpy", "python"} <= set(run["versions"])
    assert set(run["seconds"]) == {"kernel", "sr", "total"}
    assert run["losses"]["kernelgan"]["g_loss"]
    assert [(step["scale"], step["steps"]) for step in run["losses"]["zssr"]] == [(2, 2), (4, 2)]
    for scale, size in ((2, 13), (4, 25)):
        assert read_kernel(work / "run" / f"kernel_x{scale}.mat", scale).shape == (size, size)


@pytest.mark.parametrize("scale", [2, 4])
def test_a_given_kernel_skips_the_estimation(work, upscale, scale):
    write_kernel(work / "k.mat", SRKernel.bicubic(scale))
    code, out, _ = upscale("lr.png", "-k", "k.mat", "-s", scale, "--details", "run")
    assert (code, out) == (0, [f"lr_x{scale}.png"])
    run = json.loads((work / "run" / "run.json").read_text())
    assert run["kernel"]["from"] == "k.mat"
    assert "kernel" not in run["seconds"]
    stored = read_kernel(work / "run" / f"kernel_x{scale}.npy", scale).array
    np.testing.assert_allclose(stored, SRKernel.bicubic(scale).array, atol=RECENTRED)


@pytest.mark.parametrize("way", ["given", "estimated"])
def test_trust_blends_towards_bicubic_interpolation_however_the_kernel_is_known(
    work, blindsr, monkeypatch, way
):
    """0 gives bicubic interpolation, 1 the full restoration, 0.5 their mean."""
    monkeypatch.setitem(PRESETS, "default", SMALL)
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    options = ("-k", "k.npy") if way == "given" else ()
    options += ("--real", "off", "--zssr-steps", 2, "--device", "cpu")
    images = []
    for trust in ("0", "0.5", "1"):
        code, _, err = blindsr("upscale", "lr.png", "-o", f"{trust}.png", "--trust", trust, *options)
        assert code == 0
        assert any(f"blend {float(trust):.2f}" in line for line in err)
        with Image.open(f"{trust}.png") as picture:
            images.append(np.asarray(picture).astype(int))
    bicubic, mean, full = images
    with Image.open("lr.png") as picture:
        small = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1) / 255
    wanted = bicubic_upscale(small, 2).clamp(0, 1).mul(255).round().permute(1, 2, 0).numpy()
    assert np.abs(bicubic - wanted).max() <= 1
    assert np.abs(full - bicubic).mean() > 1
    assert np.abs(mean - (bicubic + full) / 2).max() <= 1  # each of the three is rounded


def test_a_bad_image_among_several_stops_no_other(work, instant, photograph):
    Image.fromarray(photograph).save("gt.jpg")
    (work / "text.png").write_text("hello")
    code, out, err = instant("text.png", "lr.png", "none.png", "gt.jpg", "-o", "large", "--details", "run")
    assert code == 1
    assert out == ["large/lr_x2.png", "large/gt_x2.png"]
    assert all((work / path).exists() for path in out)
    assert [line for line in err if line.startswith("error: ")] == err[:2]
    assert (work / "run" / "lr_x2" / "run.json").exists()
    assert (work / "run" / "gt_x2" / "run.json").exists()


@pytest.mark.usefixtures("diverging")
def test_one_that_fails_in_training_stops_no_other(work, upscale, photograph):
    Image.fromarray(photograph[:67, :73]).save("odd.png")
    code, out, err = upscale("odd.png", "lr.png", "-o", "large")
    assert (code, out) == (1, ["large/lr_x2.png"])
    assert "error: odd.png: KernelGAN diverged" in err
    names = sorted(path.name for path in (work / "large").iterdir())
    assert names == ["blindsr.jsonl", "failures.csv", "lr_x2.png"]


def test_a_fault_of_ours_is_one_line_and_a_traceback_under_debug(work, upscale, monkeypatch):
    def fault(*_, **__):
        raise TypeError("no such thing")

    monkeypatch.setattr("blindsr.estimation.analyse_on_device", fault)
    code, _, err = upscale("lr.png")
    assert code == 1
    assert err[-1] == "error: lr.png: internal error (TypeError: no such thing); --debug shows where"
    assert not any("Traceback" in line for line in err)
    code, _, err = upscale("lr.png", "--debug")
    assert code == 1
    assert any("Traceback" in line for line in err)


def test_a_result_that_memory_does_not_hold_is_refused_before_the_work(work, upscale, monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=100_000))
    monkeypatch.setattr("blindsr.pipeline.upscale", lambda *_, **__: pytest.fail("the work was begun"))
    code, _, err = upscale("lr.png")
    assert code == 1
    assert err[-1].startswith("error: lr.png: 0.0 GB of memory are free; an upscaled image of ")


def test_a_notice_is_a_line_and_a_warning_of_a_library_is_not(work, instant, monkeypatch):
    really = api.upscale

    def upscale_with_words(*arguments, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(Notice("the device's memory is full"), stacklevel=1)
            warnings.warn("something of a library", stacklevel=1)
        return really(*arguments, **options)

    monkeypatch.setattr(api, "upscale", upscale_with_words)
    code, _, err = instant("lr.png")
    assert code == 0
    assert "the device's memory is full" in err
    assert not any("something of a library" in line for line in err)


def test_debug_shows_the_traceback_of_bad_input_too(work, upscale):
    code, _, err = upscale("none.png", "--debug")
    assert code == 1
    assert any("Traceback" in line for line in err)
    assert "none.png does not exist" in err[-1]


def test_interrupting_ends_with_130_and_leaves_nothing(work, instant, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("zssr.second_stage.super_resolve", interrupt)
    code, out, err = instant("lr.png")
    assert (code, out) == (130, [])
    assert err[-1] == "interrupted"
    assert {path.name for path in work.iterdir()} == {"lr.png", "k.npy"}


@pytest.mark.slow
def test_a_folder_in_natural_order_and_twice(work, instant, photograph):
    (work / "in").mkdir()
    for number in (10, 9):
        Image.fromarray(photograph[:65, :67]).save(work / "in" / f"im_{number}.png")
    (work / "in" / "notes.txt").write_text("no image")
    code, out, _ = instant("in", "--overwrite")
    assert (code, out) == (0, ["in/im_9_x2.png", "in/im_10_x2.png"])
    code, out, _ = instant("in", "--overwrite")  # its own results are no inputs
    assert (code, out) == (0, ["in/im_9_x2.png", "in/im_10_x2.png"])


def test_the_same_input_twice_is_done_once(work, instant):
    code, out, _ = instant("lr.png", "./lr.png", "-o", "large")
    assert (code, out) == (0, ["large/lr_x2.png"])


def test_overwrite_replaces(work, instant, size_of):
    (work / "lr_x2.png").write_text("old")
    assert instant("lr.png", "--overwrite")[0] == 0
    assert size_of("lr_x2.png") == (142, 166, 3)


def test_quiet_says_nothing_but_results_and_errors(work, instant):
    code, out, err = instant("lr.png", "none.png", "-q", "-o", "large")
    assert (code, out) == (1, ["large/lr_x2.png"])
    assert len(err) == 1
    assert "none.png" in err[0]


def test_gray_stays_gray_and_16_bits_stay_16(work, instant, photograph, size_of):
    Image.fromarray(photograph[:65, :71]).convert("L").save("gray.png")
    deep = photograph[:65, :71, 0].astype(np.uint16) * 257
    Image.fromarray(deep).save("deep.png")
    code, _, _ = instant("gray.png", "deep.png", "-o", "large")
    assert code == 0
    assert size_of("large/gray_x2.png") == (130, 142)
    with Image.open("large/deep_x2.png") as picture:
        assert np.asarray(picture).dtype == np.uint16


def test_alpha_and_profile_are_kept(work, instant, photograph, size_of):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.fromarray(photograph[:65, :71])
    picture.putalpha(Image.linear_gradient("L").resize((71, 65)))
    picture.save("alpha.png", icc_profile=icc)
    assert instant("alpha.png")[0] == 0
    assert size_of("alpha_x2.png") == (130, 142, 4)
    with Image.open("alpha_x2.png") as result:
        assert result.info["icc_profile"] == icc
