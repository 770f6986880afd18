"""Lines about a photograph: in words of the field, one statement each, without terms that say nothing."""

import numpy as np
import pytest

from blindsr.analysis.jpeg_noise import NoiseSpectrum
from blindsr.analysis.origin import Origin
from blindsr.analysis.storage import StoredJPEG
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.pipeline import Analysis
from blindsr.summary import kernel_summary, origin_record, summary
from kernelgan.estimate import GANRun
from tests.report.results import gaussian, spectral

KERNEL = gaussian(2.5, 1.0)


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (Origin(0.71, 0.95, {}), "origin: digitally downscaled (p = 0.71), blend 0.95"),
        (Origin(1.0, 1.0, {}), "origin: digitally downscaled, blend 1.00"),
        (Origin(0.12, 0.6, {}), "origin: camera (p = 0.88), blend 0.60"),
    ],
)
def test_the_origin_has_its_probability_and_the_blend(origin, wanted):
    assert summary(Analysis(kernel=KERNEL, origin=origin), None) == (wanted,)


def test_the_blend_of_the_settings_is_the_one_that_is_said():
    analysis = Analysis(kernel=KERNEL, origin=Origin(1.0, 0.95, {}))
    assert summary(analysis, 0.5) == ("origin: digitally downscaled, blend 0.50",)
    assert summary(None, 0.5) == ("blend 0.50",)
    assert summary(None, None) == ()


def test_what_is_negligible_is_not_said():
    origin = Origin(0.71, 0.95, {"prior": 1.7, "gray": 0.0, "spread": -0.6, "jpeg": 0.04})
    lines = kernel_summary(Analysis(kernel=KERNEL, spectral=spectral(KERNEL), origin=origin))
    assert lines[0].startswith("x2 kernel: gaussian, standard deviation 1.57 x 1.00 px")
    assert lines[1] == "origin: digitally downscaled (p = 0.71), blend 0.95"
    assert lines[2] == "log odds of digital downscaling: prior +1.7, spread of local estimates -0.6"
    assert not any("JPEG" in line for line in lines)


def test_jpeg_compression_is_said_with_its_noise():
    steps = tuple(map(tuple, np.full((8, 8), 8).tolist()))
    stored = StoredJPEG(
        JPEGTables(steps, steps, True, read=False), NoiseSpectrum(np.full((15, 15), (2 / 255) ** 2), 1e-9)
    )
    (line,) = summary(Analysis(kernel=KERNEL, jpeg=stored), None)
    assert line == "JPEG compression: noise of 2.0 grey levels, quantisation from its pixels"


def test_a_spectrum_of_no_photograph_comes_with_advice():
    lines = summary(Analysis(kernel=KERNEL, spectral=spectral(KERNEL, misfit=1.2)), None)
    assert "compare --real off and --trust 0.5" in lines[0]


def test_a_kernel_without_a_width_has_none_in_its_line():
    estimate = spectral(KERNEL, family="bicubic", covariance=np.zeros((2, 2)))
    line = kernel_summary(Analysis(kernel=KERNEL, spectral=estimate))[0]
    assert line == "x2 kernel: bicubic (60 windows, misfit 0.40)"


def test_a_spectrum_beside_kernelgan_is_for_comparison():
    analysis = Analysis(kernel=KERNEL, spectral=spectral(KERNEL), gan=GANRun(KERNEL, {}))
    assert kernel_summary(analysis)[0].startswith("x2 kernel by the power spectrum, for comparison: ")


def test_the_record_has_no_origin_if_none_was_classified():
    assert origin_record(None) is None
    assert origin_record(Analysis(kernel=KERNEL)) is None
