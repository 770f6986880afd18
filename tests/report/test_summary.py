"""The first sentences of a page."""

from dataclasses import replace

import numpy as np
import pytest

from blindsr.analysis.jpeg_history import LUMA, scaled
from blindsr.analysis.jpeg_noise import NoiseSpectrum
from blindsr.analysis.storage import StoredJPEG
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.report.change import Change, change
from blindsr.report.summary import GIVEN, LEARNED, ExpectedGain, summarise
from blindsr.restoration.expected_loss import bicubic_alone
from tests.pictures import face
from tests.report.results import record, result, summary

ROUNDING = 0.02
"""Pixels are rounded to whole levels, which changes a ratio of gradients by as much."""


def test_the_first_sentence_says_what_was_done_and_how_strongly():
    assert summary().sentence == "Treated as a web picture, sharpened slightly, blend 0.4."


@pytest.mark.parametrize(
    ("mean", "std", "wanted"),
    [
        (0.4, 0.1, "almost certainly better than"),
        (0.4, 0.5, "probably better than"),
        (0.02, 0.01, "about as good as"),
        (-0.4, 0.5, "probably worse than"),
        (-0.4, 0.1, "almost certainly worse than"),
    ],
)
def test_confidence_is_that_of_the_result(mean, std, wanted):
    words = summary(gain=ExpectedGain(mean=mean, std=std)).confidence
    assert f"It is {wanted} bicubic interpolation" in words
    assert f"{mean:+.1f} dB expected" in words


def test_the_interval_holds_95_percent():
    draws = np.random.default_rng(0).normal(0.4, 0.2, 100_000)
    low, high = ExpectedGain(mean=0.4, std=0.2).interval
    assert np.mean((draws > low) & (draws < high)) == pytest.approx(0.95, abs=0.005)  # 7 standard errors


@pytest.mark.parametrize(
    ("measured", "wanted"), [(1.5, "closer to"), (-0.3, "farther from"), (0.01, "as close to")]
)
def test_a_measured_gain_goes_before_an_expected_one(measured, wanted):
    words = summary(measured=measured, gain=ExpectedGain(mean=1, std=0.1)).confidence
    assert wanted in words
    assert f"{measured:+.2f} dB" in words
    assert "expected" not in words


def test_an_unknown_gain_is_said_to_be_unknown():
    assert "was not estimated" in summary().confidence


def summarised(analysis, trust=None):
    made = result(face(40, 48))
    settings = record(made)
    settings["settings"]["restoration"]["trust"] = trust
    return summarise(analysis, settings, Change(1.0, 0.1))


def restored_by(**changed):
    """An analysis whose combination is bicubic interpolation but for what is changed."""
    chosen = replace(bicubic_alone(2), **{"reliance": 1.0, "gain": 1.0, "deviation": 0.5} | changed)
    return replace(result(face(40, 48)).analysis, combination=chosen)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"kernel": 0.9, "camera": 0.1}, "a photograph downscaled by a kernel"),
        ({"kernel": 0.1, "camera": 0.9}, "a photograph from a camera"),
        ({"kernel": 0.2}, "an everyday picture"),
    ],
)
def test_the_combination_fills_the_summary(changed, kind):
    found = summarised(restored_by(**changed))
    assert (found.treated_as, found.blend) == (kind, 1.0)
    assert found.kernel_share == changed["kernel"]
    assert found.gain == ExpectedGain(mean=1.0, std=0.5)


def test_without_a_combination_the_kernel_makes_all_of_the_result():
    for analysis, kind in ((result(face(40, 48)).analysis, LEARNED), (None, GIVEN)):
        found = summarised(analysis)
        assert (found.treated_as, found.kernel_share, found.gain) == (kind, 1.0, None)
        assert found.advice == ()


def test_a_trust_that_was_asked_for_is_the_blend_of_all_that_is_said():
    found = summarised(restored_by(kernel=0.8), trust=0.3)
    assert found.blend == 0.3
    assert found.kernel_share == pytest.approx(0.24)
    assert (found.gain.mean, found.gain.std) == pytest.approx((0.3, 0.15))


def test_no_expectation_is_quite_certain():
    assert summarised(restored_by(deviation=0.0)).gain.std > 0
    assert summarised(restored_by(gain=None, deviation=None)).gain is None


def test_advice_follows_what_was_found():
    assert summarised(restored_by()).advice == ()
    steps = tuple(map(tuple, scaled(LUMA, 70).tolist()))
    noise = NoiseSpectrum(np.full((15, 15), 1e-4), 1e-9)
    jpeg = StoredJPEG(JPEGTables(steps, steps, True, read=False), noise)
    everything = replace(restored_by(reliance=0.5), earlier_factor=1.52, jpeg=jpeg)
    enlarged, stored, unlike = summarised(everything).advice
    assert "enlarged before by about 1.5; the original size" in enlarged
    assert "stored as JPEG before; the first file" in stored
    assert "unlike the pictures" in unlike
    read = replace(jpeg, tables=replace(jpeg.tables, read=True))  # of the file itself: there is no better one
    assert len(summarised(replace(everything, jpeg=read)).advice) == 2


def test_change_is_measured_in_levels_and_gradients():
    rng = np.random.default_rng(0)
    before = rng.integers(60, 196, (300, 37, 3), dtype=np.uint8)
    same = change(before, before)
    assert (same.levels, same.contrast, same.words) == (0, 0, "hardly changed")
    mean = before.mean()
    for factor, words in (
        (1.1, "sharpened slightly"),
        (1.3, "sharpened clearly"),
        (1.45, "sharpened strongly"),
    ):
        after = np.clip(mean + factor * (before - mean), 0, 255).round().astype(np.uint8)
        found = change(before, after)
        assert found.contrast == pytest.approx(factor - 1, abs=ROUNDING)
        assert found.words == words
        assert change(after, before).words.startswith("softened")
    brighter = change(before, before + np.uint8(8))
    assert brighter.levels == pytest.approx(8, abs=1e-3)  # float32 of 0..255
    assert brighter.words == "changed slightly"


def test_a_flat_picture_has_a_change_too():
    flat = np.full((31, 37, 3), 90, np.uint8)
    assert change(flat, flat).words == "hardly changed"
