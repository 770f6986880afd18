"""What is said of a photograph follows from what was found."""

from dataclasses import replace

import numpy as np
import pytest

from blindsr.analysis.jpeg_history import LUMA, scaled
from blindsr.analysis.jpeg_noise import NoiseSpectrum
from blindsr.analysis.storage import StoredJPEG
from blindsr.estimation import Analysis
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.report.confidence import kernel_certainty
from blindsr.report.findings import findings
from blindsr.restoration.expected_loss import bicubic_alone
from blindsr.restoration.filter_bank import contrast
from srbase.kernels.kernel import SRKernel
from tests.report.results import gaussian, spectral, summary


def said(kernel, analysis, networks=None, **changed):
    found = findings(kernel, analysis, summary(**changed), networks or {})
    return {finding.topic: finding.text for finding in found}


def analysed(kernel, **changed):
    return Analysis(kernel=kernel, spectral=spectral(kernel, **changed))


def test_width_and_direction_are_told_in_pixels():
    kernel = gaussian(1.0, 2.56)
    words = said(kernel, analysed(kernel))["kernel"]
    assert "Its width is about 1.3 pixels of the picture enlarged 2 times" in words
    assert "more sideways (1.6) than across that direction (1.0)" in words
    round_one = gaussian(2.25, 2.25)
    assert "about the same in all directions" in said(round_one, analysed(round_one))["kernel"]


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
def test_the_kernels_certainty_falls_with_errors_few_windows_and_odd_spectra(changed, wanted):
    kernel = gaussian(2.5, 2.5)
    analysis = analysed(kernel, **changed)
    assert kernel_certainty(analysis) == wanted
    assert f"certainty of the kernel is {wanted}: " in said(kernel, analysis)["kernel certainty"]


def test_doubts_are_named():
    kernel = gaussian(2.5, 2.5)
    words = said(kernel, analysed(kernel, windows=1, misfit=0.8))["kernel certainty"]
    assert "from one part of the photograph; these are few and their spectrum is not that of" in words


@pytest.mark.parametrize(("levels", "wanted"), [(0.29, "Hardly any"), (3.0, "About 3.0 of 255")])
def test_noise_is_told_in_levels(levels, wanted):
    kernel = gaussian(2.5, 2.5)
    assert wanted in said(kernel, analysed(kernel, noise_variance=(levels / 255) ** 2))["noise"]


def test_a_bicubic_kernel_is_called_so():
    kernel = SRKernel.bicubic(2)
    assert "bicubic interpolation" in said(kernel, analysed(kernel, family="bicubic"))["kernel"]


def test_a_kernel_that_has_no_part_in_the_result_is_not_told():
    """Of a camera's photograph no blur was undone."""
    kernel = gaussian(2.5, 2.5)
    words = said(kernel, analysed(kernel), kernel_share=0.0)
    assert "kernel" not in words
    assert "kernel certainty" not in words


def test_a_kernel_that_was_given_is_not_called_an_estimate():
    words = said(gaussian(2.5, 2.5), None)
    assert words["source"] == "The kernel was given, not estimated."
    assert "kernel certainty" not in words
    assert kernel_certainty(None) == "unknown"


BICUBIC = replace(bicubic_alone(2), reliance=1.0)
HALF = 0.5 / contrast(np.eye(27)[0], 2) * np.eye(27)[0]  # a filter that makes waves half as high again


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"kernel": 1.0}, "and the inverse of the kernel found with weight 1.00."),
        ({"camera": 0.7}, "and the inverse of a camera's blur with weight 0.70."),
        ({"filter": HALF}, "and a small filter: sharpened by 50 % at fine detail."),
        (
            {"kernel": 0.3, "camera": 0.4, "filter": -HALF},
            "and the inverse of the kernel found with weight 0.30, the inverse of a camera's blur with "
            "weight 0.40, a small filter: softened by 50 % at fine detail.",
        ),
        ({"kernel": 0.01}, "The result is close to bicubic interpolation."),
    ],
)
def test_the_method_is_the_combination(changed, wanted):
    kernel = gaussian(2.5, 2.5)
    analysis = replace(analysed(kernel), combination=replace(BICUBIC, **changed))
    assert said(kernel, analysis)["method"].endswith(wanted)


def test_without_a_combination_there_is_no_word_of_it():
    kernel = gaussian(2.5, 2.5)
    assert "method" not in said(kernel, analysed(kernel))
    assert "method" not in said(kernel, replace(analysed(kernel), combination=BICUBIC), blend=0.0)


def test_a_blend_is_told_as_a_share():
    kernel = gaussian(2.5, 2.5)
    assert "40 % of what the restoration changes" in said(kernel, analysed(kernel), blend=0.4)["strength"]
    assert "Blend" not in said(kernel, analysed(kernel), blend=1.0)["strength"]


@pytest.mark.parametrize("read", [True, False])
def test_a_jpeg_is_told_by_its_quality_and_noise(read):
    kernel = gaussian(2.5, 2.5)
    steps = tuple(map(tuple, scaled(LUMA, 87).tolist()))
    tables = JPEGTables(steps, steps, True, read=read)
    jpeg = StoredJPEG(tables, NoiseSpectrum(np.full((15, 15), (2 / 255) ** 2), 1e-9))
    words = said(kernel, replace(analysed(kernel), jpeg=jpeg))
    assert "JPEG of quality 87" in words["storage"]
    assert ("Its pixels show" in words["storage"]) is not read
    assert "noise of about 2.0 of 255 levels" in words["storage"]
    assert "noise" not in words  # said once


def test_the_part_of_a_trained_network_is_told():
    kernel = gaussian(2.5, 2.5)
    analysis = replace(analysed(kernel), combination=bicubic_alone(2))
    words = said(kernel, analysis, {"detail network": 0.65, "another": 0.0})
    assert words["network"].endswith("by a trained network (detail network, with weight 0.65).")
    assert words["method"] == "Without its trained network the result is close to bicubic interpolation."
    none = said(kernel, analysis, {"detail network": 0.0})
    assert "network" not in none
    assert none["method"] == "The result is close to bicubic interpolation."
