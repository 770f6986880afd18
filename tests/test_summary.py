"""Lines about a photograph: in words of the field, one statement each, without terms that say nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from blindsr.analysis.jpeg_noise import NoiseSpectrum
from blindsr.analysis.storage import StoredJPEG
from blindsr.estimation import Analysis
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.restoration.expected_loss import bicubic_alone, kernel_alone
from blindsr.restoration.filter_bank import contrast
from blindsr.summary import (
    MOSTLY,
    NO_PART,
    describe,
    kernel_summary,
    kind_of,
    network_summary,
    restoration_record,
    summary,
)
from kernelgan.estimate import GANRun
from tests.report.results import gaussian, spectral

KERNEL = gaussian(2.5, 1.0)
STEPS = tuple(map(tuple, np.full((8, 8), 8).tolist()))
JPEG = StoredJPEG(
    JPEGTables(STEPS, STEPS, True, read=False), NoiseSpectrum(np.full((15, 15), (2 / 255) ** 2), 1e-9)
)


ONE = np.eye(27)[0]
SHARP, SOFT = (change / contrast(ONE, 2) * ONE for change in (0.2, -0.2))


def combination(**changed):
    """Bicubic interpolation, but for what is changed: of a picture like those that were learned from."""
    return replace(bicubic_alone(2), **{"reliance": 1.0, "gain": None, "deviation": None} | changed)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"kernel": 0.9}, "a photograph downscaled by a kernel: its inverse 0.90"),
        ({"camera": 0.7}, "a photograph from a camera: inverse of a camera 0.70"),
        (
            {"kernel": 0.3, "camera": 0.4},
            "an everyday picture: its inverse 0.30, inverse of a camera 0.40",
        ),
        ({"filter": SHARP}, "an everyday picture: sharpened by 20 % at fine detail"),
        ({"filter": SOFT}, "an everyday picture: softened by 20 % at fine detail"),
        (
            {"camera": 0.6, "filter": SHARP, "gain": 1.26, "deviation": 0.52},
            "a photograph from a camera: inverse of a camera 0.60, sharpened by 20 % at fine detail; "
            "expected +1.3 +- 0.5 dB over bicubic interpolation",
        ),
        (
            {"kernel": 0.2, "gain": -0.26, "deviation": 0.1},
            "an everyday picture: its inverse 0.20; expected -0.3 +- 0.1 dB over bicubic interpolation",
        ),
    ],
)
def test_the_kind_of_picture_the_restoration_and_its_gain_are_one_line(changed, wanted):
    chosen = combination(**changed)
    assert describe(chosen) == f"treated as {wanted}"
    assert summary(Analysis(kernel=KERNEL, combination=chosen), None) == (f"treated as {wanted}",)


def test_a_blend_is_said_where_it_was_asked_for():
    analysis = Analysis(kernel=KERNEL, combination=combination(kernel=0.9))
    assert summary(analysis, 0.5)[1:] == ("blend 0.50",)
    assert summary(analysis, None)[1:] == ()
    assert summary(None, 0.5) == ("blend 0.50",)
    assert summary(None, None) == ()


def test_the_part_of_each_trained_network_is_said():
    assert network_summary({}) == ()
    assert network_summary({"USRNet": 0.0, "detail network": 0.648}) == (
        f"USRNet: {NO_PART}",
        "detail network: part 0.65",
    )


def test_an_earlier_enlargement_comes_with_advice():
    analysis = Analysis(kernel=KERNEL, combination=combination(kernel=0.9), earlier_factor=1.52)
    assert summary(analysis, None)[1] == "enlarged before by about 1.5: the original size is better input"


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"kernel": 0.04, "camera": 0.04, "filter": SHARP / 10}, "an everyday picture"),
        ({"reliance": 0.0, "gain": 0.0, "deviation": 0.0}, "a picture that shows nothing of its making"),
    ],
)
def test_what_is_negligible_is_not_said(changed, wanted):
    assert describe(combination(**changed)) == f"treated as {wanted}: close to bicubic interpolation"


def test_the_kernel_is_said_before_the_restoration():
    lines = kernel_summary(
        Analysis(kernel=KERNEL, spectral=spectral(KERNEL), combination=combination(kernel=0.9))
    )
    assert lines[0].startswith("x2 kernel: gaussian, standard deviation 1.57 x 1.00 px")
    assert lines[1:] == ("treated as a photograph downscaled by a kernel: its inverse 0.90",)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"kernel": MOSTLY}, "a photograph downscaled by a kernel"),
        ({"kernel": MOSTLY, "camera": 0.9}, "a photograph downscaled by a kernel"),
        ({"kernel": 0.4, "camera": MOSTLY}, "a photograph from a camera"),
        ({"kernel": 0.4, "camera": 0.4}, "an everyday picture"),
        ({"kernel": 0.9, "reliance": 0.0}, "a picture that shows nothing of its making"),
    ],
)
def test_a_picture_is_called_by_the_inverse_that_makes_most_of_it(changed, kind):
    assert kind_of(combination(**changed)) == kind


def test_jpeg_compression_is_said_with_its_noise():
    (line,) = summary(Analysis(kernel=KERNEL, jpeg=JPEG), None)
    assert line == "JPEG compression: noise of 2.0 grey levels, quantisation from its pixels"


def test_a_kernel_without_a_width_has_none_in_its_line():
    estimate = spectral(KERNEL, family="bicubic", covariance=np.zeros((2, 2)))
    line = kernel_summary(Analysis(kernel=KERNEL, spectral=estimate))[0]
    assert line == "x2 kernel: bicubic (60 windows, misfit 0.40)"


def test_a_spectrum_beside_kernelgan_is_for_comparison():
    analysis = Analysis(kernel=KERNEL, spectral=spectral(KERNEL), gan=GANRun(KERNEL, {}))
    assert kernel_summary(analysis)[0].startswith("x2 kernel by the power spectrum, for comparison: ")


def test_the_record_holds_the_combination_and_what_it_was_chosen_by():
    chosen = combination(kernel=0.9, filter=SHARP, gain=1.5, deviation=0.5, slack=2.0, beyond=0.01)
    noisy = spectral(KERNEL, noise_variance=(3 / 255) ** 2)
    record = restoration_record(
        Analysis(kernel=KERNEL, spectral=noisy, combination=chosen, earlier_factor=1.5, jpeg=JPEG)
    )
    assert record["treated_as"] == kind_of(chosen)
    assert (record["kernel_weight"], record["camera_weight"]) == (0.9, 0.0)
    assert record["filter"] == pytest.approx(SHARP, abs=1e-6)
    assert (record["expected_gain_db"], record["expected_gain_std_db"]) == (1.5, 0.5)
    assert (record["range_slack"], record["reliance"], record["features_out_of_range"]) == (2.0, 1.0, 0.01)
    assert record["enlarged_before"] == 1.5
    assert record["noise_std_levels"] == pytest.approx(3)
    assert (record["kernel_family"], record["misfit"], record["windows"]) == ("gaussian", 0.4, 60)
    assert record["jpeg"]["tables_from"] == "pixels"
    assert record["jpeg"]["noise_std_levels"] == pytest.approx(2)
    json.dumps(record, allow_nan=False)


def test_the_record_of_a_kernel_alone_has_no_bound_and_no_expectation():
    record = restoration_record(Analysis(kernel=KERNEL, combination=kernel_alone(2)))
    unknown = ("range_slack", "expected_gain_db", "expected_gain_std_db", "jpeg", "misfit", "windows")
    assert [record[name] for name in unknown] == [None] * len(unknown)
    json.dumps(record, allow_nan=False)


def test_there_is_no_record_if_nothing_was_analysed():
    assert restoration_record(None) is None
    assert restoration_record(Analysis(kernel=KERNEL)) is None
