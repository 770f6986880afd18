"""The scripts behind the figures of docs/, on a small photograph each."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from skimage import data

from blindsr.configuration import PRESETS, settings_of_preset
from blindsr.io.kernel_files import write_kernel
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.spectral.prior import ContentPrior
from development import (
    calibration,
    content_prior,
    doubt,
    factors,
    filters,
    inverse,
    kernels,
    side_by_side,
)
from development.pairs import known
from srbase.kernels.kernel import SRKernel
from tests.few_steps import SMALL_INSTANT, few, thin

ROOT = Path(__file__).parents[2]
SIDE = 256
TERMS = 15
PHOTOGRAPHS = 400
SPREAD = 0.25  # of the deviations: five standard errors of the mean, and the rounding to two decimals


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A small fit, and two steps of a small network."""
    restoration = PRESETS["default"].restoration
    restoration = replace(restoration, zssr=thin(restoration.zssr))
    default = replace(PRESETS["default"], estimator=few("spectral"), restoration=restoration)
    monkeypatch.setitem(PRESETS, "default", default)
    monkeypatch.setitem(PRESETS, "instant", SMALL_INSTANT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two photographs, whose names sort otherwise than their numbers."""
    made = tmp_path_factory.mktemp("photographs")
    Image.fromarray(data.astronaut()[:SIDE, 120 : 120 + SIDE]).save(made / "p2.png")
    Image.fromarray(data.coffee()[:SIDE, 100 : 100 + SIDE]).save(made / "p10.png")
    return made


def told(command, *arguments):
    """The lines of a command's standard output."""
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def figures(lines):
    """The rows of a Markdown table: name to numbers."""
    rows = [[part.strip() for part in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {row[0]: [float(part) for part in row[1:]] for row in rows[2:]}


def test_photographs_come_in_natural_order_each_with_its_own_kernel(folder):
    pairs = list(known(folder, first=5))
    assert [pair.name for pair in pairs] == ["p2", "p10"]
    assert np.abs(pairs[0].kernel.array - pairs[1].kernel.array).max() > 1e-3
    alone = next(iter(known(folder, limit=1, first=5)))
    np.testing.assert_array_equal(alone.kernel.array, pairs[0].kernel.array)
    assert pairs[0].lr.shape == (3, SIDE // 2, SIDE // 2)


@pytest.mark.slow
def test_a_perfect_kernel_of_its_kind_loses_less_than_the_gaussian(folder):
    rows = figures(told(kernels.main, folder, "--limit", 1))
    assert rows["the true kernel's symmetric part"][2:] == [rows["the true kernel's symmetric part"][1], 0, 0]
    assert rows["the true kernel's symmetric part"][0] > rows["Gaussian fit alone"][0]
    assert rows["a Gaussian of the true covariance"][3] < rows["Gaussian fit alone"][3]


@pytest.mark.slow
def test_at_x4_the_two_readings_stand_side_by_side(folder):
    rows = figures(told(kernels.main, folder, "--limit", 1, "--scale", 4))
    assert {"symmetric part by pairs", "symmetric part by pairs, taken for one step"} <= set(rows)


@pytest.mark.slow
def test_the_inverse_beats_interpolation_under_a_known_kernel(folder):
    rows = figures(told(inverse.main, folder, "--limit", 1, "--steps", 2))
    bicubic, linear, adaptive, trained = (rows[name][0] for name in rows)
    assert bicubic < min(linear, adaptive, trained)


def test_the_page_on_kernelgan_holds_the_figures_it_is_made_of():
    page = (ROOT / "docs" / "kernelgan.md").read_text("utf-8")
    bases = factors.read(ROOT / factors.FIGURES)
    assert {"plain", "released", "before"} <= set(bases)
    for base, rows in bases.items():
        assert f"### {base}\n\n{factors.markdown(rows)}\n" in page


def test_a_row_of_few_games_says_so():
    row = next(iter(factors.read(ROOT / factors.FIGURES).values()))[0]
    assert factors.line(row | {"games": "10", "factor": "no noise"})[0] == "no noise (10 games)"


def test_kernels_stand_side_by_side_and_missing_ones_leave_their_place_empty(tmp_path):
    for folder, names in (("a", ("im_1", "im_2")), ("b", ("im_2",))):
        (tmp_path / folder).mkdir()
        for name in names:
            write_kernel(tmp_path / folder / f"{name}.mat", SRKernel.bicubic(2))
    out = tmp_path / "picture.png"
    told(side_by_side.main, out, f"true={tmp_path / 'a'}", f"ours={tmp_path / 'b'}", "--names", "im_1,im_2")
    ink = (np.asarray(Image.open(out).convert("L")) < 128).astype(int)
    assert 0 < ink[: ink.any(axis=1).argmax() + 5].sum() < 0.2 * 5 * ink.shape[1]  # letters, no kernels
    above, below = np.array_split(ink, 2)
    (first, second), (empty, third) = (np.array_split(half, 2, axis=1) for half in (above, below))
    assert min(first.sum(), second.sum(), third.sum()) > 3 * empty.sum()


def test_a_folder_of_kernels_has_to_be_there(tmp_path):
    result = CliRunner().invoke(side_by_side.main, [str(tmp_path / "p.png"), "true=nowhere", "--names", "x"])
    assert result.exit_code == 2
    assert "got 'true=nowhere'; wanted WORDS=FOLDER" in result.stderr


def test_the_prior_is_told_beside_the_one_in_use(folder):
    lines = told(content_prior.main, folder)
    assert f"  in use {ContentPrior().radial_mean}" in lines
    assert len(lines) == 10


def test_terms_drawn_from_a_prior_give_it_back(rng):
    """Means and deviations, up to what so many photographs tell."""
    prior = ContentPrior()
    drawn = rng.multivariate_normal(prior.mean(), np.linalg.inv(prior.precision()), PHOTOGRAPHS)
    found = content_prior.prior_of(drawn)
    std = np.array(prior.radial_std + prior.harmonic_std)
    assert found.mean().shape == (TERMS,)
    assert np.abs((found.mean() - prior.mean()) / std).max() < SPREAD
    ratio = np.array(found.radial_std + found.harmonic_std) / std
    assert np.abs(ratio - 1).max() < SPREAD


def test_errors_are_told_by_source_and_maker(folder, tmp_path):
    picture = tmp_path / "calibration.png"
    lines = told(calibration.main, folder, "--kernels", 3, "--limit", 1, "--out", picture)
    rows = figures(lines)
    assert list(rows) == [folder.name, "div2krk", "plain", "all"]
    assert rows["all"][0] == 3
    assert rows["all"][1] == pytest.approx((2 * rows["div2krk"][1] + rows["plain"][1]) / 3, abs=0.011)
    with Image.open(picture) as drawn:
        assert drawn.size[0] > 500


def test_errors_stand_in_the_axes_of_the_estimate():
    """A covariance of 30 degrees: its own width, half difference and no mixed moment."""
    turn = np.array([[np.cos(a := np.pi / 6), -np.sin(a)], [np.sin(a), np.cos(a)]])
    covariance = turn @ np.diag([3.0, 1.0]) @ turn.T
    moments = np.array([covariance[0, 0], covariance[1, 1], covariance[0, 1]])
    np.testing.assert_allclose(calibration.to_axes(covariance) @ moments, [2, 1, 0], atol=1e-12)


@pytest.mark.slow
def test_doubt_is_shown_by_photograph_and_on_average(folder):
    rows = figures(told(doubt.main, folder, "--limit", 1, "--doubt", 0, "--doubt", 1000))
    assert set(rows) == {"0", "1000"}
    assert all(one == mean for one, mean in rows.values())
    assert rows["1000"] != rows["0"]


def test_in_full_doubt_the_linear_inverse_is_left_alone(folder):
    """It is the default's start; the network that follows is not held back by this number."""
    (pair,) = known(folder, limit=1)
    linear = kernels.linear(pair.kernel, pair.lr)

    def moved(number):
        inverse = doubt.with_doubt(number).restoration.inverse
        return (base_upscaler(pair.lr, pair.kernel, inverse).upscale(pair.lr) - linear).abs().max()

    assert moved(1000.0) < 1 / 255 < moved(0.0)  # less than a grey level, and more


def test_another_doubt_is_all_that_changes():
    settings = doubt.with_doubt(5.0)
    assert settings.restoration.inverse.adaptive.doubt == 5.0
    assert doubt.with_doubt(settings_of_preset().restoration.inverse.adaptive.doubt) == settings_of_preset()


def test_filters_are_pillows_and_each_is_shown(folder):
    rows = figures(told(filters.main, folder, "--limit", 1))
    assert set(rows) == {name.lower() for name in filters.FILTERS}
    for gain, least, mean in rows.values():
        assert gain == least == mean
    large = torch.linspace(0, 1, 32).expand(3, 24, 32)
    assert torch.allclose(
        filters.shrunk(large, 2, "BOX")[:, 0], large[0, 0].view(16, 2).mean(1), atol=1 / 255
    )
