"""What is said of a photograph follows from what was found."""

from dataclasses import replace

import numpy as np
import pytest

from blindsr.analysis.jpeg_history import LUMA, scaled
from blindsr.analysis.jpeg_noise import NoiseSpectrum
from blindsr.analysis.origin import Origin
from blindsr.analysis.storage import StoredJPEG
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.pipeline import Analysis
from blindsr.report.confidence import confidence
from blindsr.report.findings import findings
from kernelgan.game import Played
from srbase.kernels.kernel import SRKernel
from tests.report.results import gaussian, spectral


def said(kernel, analysis):
    return {finding.topic: finding.text for finding in findings(kernel, analysis)}


def estimated(kernel, **changed):
    return Analysis(kernel=kernel, spectral=spectral(kernel, **changed))


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


@pytest.mark.parametrize("fit", [None, spectral(gaussian(2.25, 2.25))])
def test_a_kernel_of_kernelgan_is_called_so_and_has_no_confidence(fit):
    """Whether or not the spectrum was looked at besides."""
    kernel = gaussian(2.25, 2.25)
    analysis = Analysis(kernel=kernel, spectral=fit, gan=Played((kernel,), {}))
    assert said(kernel, analysis)["source"] == "The kernel was learned by KernelGAN."
    assert confidence(analysis) == "unknown"


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (Origin(1.0, 1.0, {}), "It seems to be made small by a computer: the kernel found is undone."),
        (Origin(0.88, 1.0, {}), "made small by a computer (88 %): in that share of the result the kernel"),
        (Origin(0.12, 0.6, {}), "as a camera took it (88 %): in that share of the result a camera's mild"),
        (Origin(0.0, 1.0, {}), "It seems to be as a camera took it: a camera's mild blur is undone."),
        (Origin(0.0, 0.6, {}), "plain enlargement: 60 % of the difference."),
    ],
)
def test_who_made_it_small_and_what_follows(origin, wanted):
    kernel = gaussian(2.5, 2.5)
    assert wanted in said(kernel, replace(estimated(kernel), origin=origin))["origin"]


@pytest.mark.parametrize("read", [True, False])
def test_a_jpeg_is_told_by_its_quality_and_noise(read):
    kernel = gaussian(2.5, 2.5)
    steps = tuple(map(tuple, scaled(LUMA, 87).tolist()))
    stored = StoredJPEG(
        JPEGTables(steps, steps, True, read=read), NoiseSpectrum(np.full((15, 15), (2 / 255) ** 2), 1e-9)
    )
    words = said(kernel, replace(estimated(kernel), jpeg=stored))
    assert words["storage"].startswith("It was a JPEG of quality 87")
    assert ("as its pixels tell" in words["storage"]) is not read
    assert "noise of about 2.0 of 255 levels" in words["storage"]
    assert "noise" not in words  # said once
