"""What is said of a photograph follows from what was found."""

import pytest

from blindsr.imaging.kernel import SRKernel
from blindsr.report.findings import confidence, findings
from kernelgan.estimate import KernelEstimate
from tests.report.results import gaussian, spectral


def said(kernel, estimate):
    return {finding.topic: finding.text for finding in findings(kernel, estimate)}


def estimated(kernel, **changed):
    return KernelEstimate(kernel, spectral=spectral(kernel, **changed))


def test_width_and_direction_are_told_in_pixels():
    kernel = gaussian(1.0, 2.56)
    words = said(kernel, estimated(kernel))["blur"]
    assert "softened by about 1.3 pixels of the picture enlarged 2 times" in words
    assert "more sideways (1.6) than across that direction (1.0)" in words
    round_one = gaussian(2.25, 2.25)
    assert "about as much in all directions" in said(round_one, estimated(round_one))["blur"]


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"error": 0.1}, "high"),
        ({"error": 0.1, "windows": 4}, "medium"),
        ({"error": 0.1, "misfit": 0.7}, "medium"),
        ({"error": 0.1, "misfit": 1.2}, "low"),
        ({"error": 1.0}, "medium"),
        ({"error": 3.0}, "low"),
        ({"family": "disc"}, "high"),
        ({"family": "disc", "evidence": {"gaussian": 0.0, "disc": 3.0}}, "medium"),
        ({"family": "disc", "evidence": {"gaussian": 0.0, "disc": 1.0}}, "low"),
    ],
)
def test_confidence_falls_with_errors_few_windows_and_odd_spectra(changed, wanted):
    kernel = gaussian(2.5, 2.5)
    estimate = estimated(kernel, **changed)
    assert confidence(estimate) == wanted
    assert said(kernel, estimate)["confidence"].startswith(f"Confidence is {wanted}: ")


def test_doubts_are_named():
    kernel = gaussian(2.5, 2.5)
    words = said(kernel, estimated(kernel, windows=1, misfit=0.8))["confidence"]
    assert "from one part of the photograph; these are few and their spectrum is not what" in words


@pytest.mark.parametrize(("levels", "wanted"), [(0.29, "Hardly any noise"), (3.0, "about 3.0 of 255")])
def test_noise_is_told_in_grey_levels(levels, wanted):
    kernel = gaussian(2.5, 2.5)
    assert wanted in said(kernel, estimated(kernel, noise_variance=(levels / 255) ** 2))["noise"]


def test_a_bicubic_kernel_is_no_softness():
    kernel = SRKernel.bicubic(2)
    words = said(kernel, estimated(kernel, family="bicubic"))
    assert words["blur"] == "The photograph was softened no more than its shrinking needed."
    assert "bicubic interpolation" in words["form"]


def test_a_kernel_that_was_given_is_not_called_an_estimate():
    words = said(gaussian(2.5, 2.5), None)
    assert words["source"] == "The kernel was given, not estimated."
    assert "confidence" not in words
    assert confidence(None) == "unknown"


def test_games_that_ended_apart_say_so():
    kernel = gaussian(2.25, 2.25)
    games = (gaussian(1.0, 1.0), gaussian(2.25, 2.25))
    words = said(kernel, KernelEstimate(kernel, games, {}))
    assert words["training"] == "KernelGAN's 2 games ended at widths between 1.0 and 1.5 pixels."
    assert words["source"] == "The kernel was learned by KernelGAN alone."
