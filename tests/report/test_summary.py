"""The first sentences of a page."""

from dataclasses import replace

import numpy as np
import pytest

from blindsr.analysis.origin import Origin
from blindsr.report.change import Change, change
from blindsr.report.summary import CAMERA, COMPUTER, GIVEN, LEARNED, ExpectedGain, summarise
from tests.pictures import face
from tests.report.results import gaussian, record, result, spectral, summary

ROUNDING = 0.02
"""Pixels are rounded to whole levels, which changes a ratio of gradients by as much."""


def test_the_first_sentence_says_what_how_surely_and_how_strongly():
    assert summary().sentence == "Treated as a web picture (80 % sure), sharpened slightly, blend 0.4."
    assert summary(probability=None).sentence.startswith("Treated as a web picture, ")
    assert summary(probability=1.0).sentence.startswith("Treated as a web picture, ")


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


@pytest.mark.parametrize(
    ("origin", "kind", "probability", "share"),
    [
        (Origin(0.9, 0.5, {}), COMPUTER, 0.9, 0.45),
        (Origin(0.2, 0.5, {}), CAMERA, 0.8, 0.1),
        (None, LEARNED, None, 1.0),
    ],
)
def test_the_analysis_fills_the_summary(origin, kind, probability, share):
    analysis = replace(result(face(40, 48)).analysis, origin=origin)
    found = summarised(analysis)
    assert (found.treated_as, found.blend) == (kind, 1.0 if origin is None else 0.5)
    assert found.probability == probability
    assert found.kernel_share == pytest.approx(share)


def test_a_trust_that_was_asked_for_is_the_blend():
    analysis = replace(result(face(40, 48)).analysis, origin=Origin(1.0, 0.95, {}))
    assert summarised(analysis, trust=0.3).blend == 0.3
    assert summarised(None).treated_as == GIVEN


def test_advice_follows_what_was_found():
    kernel = gaussian(2.5, 2.5)
    plain = replace(result(face(40, 48)).analysis, origin=Origin(1.0, 0.95, {}))
    assert summarised(plain).advice == ()
    blurred = replace(plain, origin=Origin(1.0, 0.3, {}), spectral=spectral(kernel, misfit=1.2))
    enlarged, drawing = summarised(blurred).advice
    assert "the original size" in enlarged
    assert "--real off" in drawing


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
