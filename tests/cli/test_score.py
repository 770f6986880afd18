"""``blindsr score``."""

import json

import numpy as np
from PIL import Image


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
