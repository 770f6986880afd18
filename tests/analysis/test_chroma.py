"""Colours shrunk with the brightness are as fine as it; blurred by themselves they are not."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from blindsr.analysis.chroma import MATRIX, ColourConfig, look_at_colours, luma_of
from srbase.imaging.colour import to_rgb, to_ycc
from srbase.imaging.resample import downscale
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import eight_bits, photo

CONFIG = ColourConfig()
AS_FINE = 0.35  # decades: how far natural colours are from as fine as brightness
ROUNDING = 1e-9  # the same sums in another order, float64
COARSER = 0.5  # decades that a blur of 1.2 pixels takes at least of the band looked at


def shrunk():
    return eight_bits(downscale(photo("coffee"), random_kernel(np.random.default_rng(1)).kernel)).double()


def with_coarse_colours(image, deviation=1.2):
    planes = to_ycc(image)
    blurred = ndimage.gaussian_filter(planes[1:].numpy(), (0, deviation, deviation))
    return eight_bits(to_rgb(torch.cat([planes[:1], torch.from_numpy(blurred)])))


def test_colours_of_a_computer_are_as_fine_as_brightness():
    seen = look_at_colours(shrunk().numpy(), CONFIG)
    assert seen.known == 1
    assert abs(seen.bandwidth) < AS_FINE


def test_colours_of_a_camera_are_coarser_and_follow_green():
    computer, camera = (look_at_colours(x.numpy(), CONFIG) for x in (shrunk(), with_coarse_colours(shrunk())))
    assert camera.bandwidth < computer.bandwidth - COARSER
    assert camera.apart < computer.apart
    assert camera.slope == pytest.approx(computer.slope, abs=0.02)  # brightness is what it was


def test_gray_says_nothing_of_colours():
    gray = luma_of(shrunk().numpy())
    for image in (gray, np.repeat(gray, 3, axis=0)):
        assert look_at_colours(image, CONFIG).known == 0


def test_the_slope_is_steeper_for_a_blurred_image():
    sharp = luma_of(shrunk().numpy())
    blurred = ndimage.gaussian_filter(sharp, (0, 1.5, 1.5))
    assert look_at_colours(blurred, CONFIG).slope < look_at_colours(sharp, CONFIG).slope - 0.5


def test_noise_of_storage_is_not_heard_as_colour():
    image = shrunk().numpy()
    assert look_at_colours(image, CONFIG, stored=1e6).known == 0
    assert look_at_colours(image, CONFIG, stored=0.1).apart is None


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_a_flat_image_is_finite(value):
    seen = look_at_colours(np.full((3, 64, 70), value), CONFIG)
    assert seen.known == 0
    assert np.isfinite([seen.slope, seen.bandwidth, seen.apart]).all()


def test_many_windows_are_thinned():
    image = np.random.default_rng(0).uniform(0, 1, (1, 300, 300))
    few, many = (look_at_colours(image, ColourConfig(most=most)) for most in (16, 4096))
    assert few.slope == pytest.approx(many.slope, abs=0.1)


@pytest.mark.parametrize("stored", [None, 2.0])
def test_equals_the_same_asked_of_all_windows_at_once(stored):
    image = shrunk().numpy()[:, 3:150, 5:190]
    n, hann = CONFIG.window, np.hanning(CONFIG.window + 2)[1:-1]
    weight = np.outer(hann, hann)
    cut = [
        255 * image[:, y : y + n, x : x + n]
        for y in range(0, image.shape[1] - n + 1, CONFIG.hop)
        for x in range(0, image.shape[2] - n + 1, CONFIG.hop)
    ]
    mean = [(w * weight).sum(axis=(1, 2), keepdims=True) / weight.sum() for w in cut]
    spectra = np.array([np.fft.rfft2((w - m) * weight) for w, m in zip(cut, mean, strict=True)])
    spectra /= np.sqrt((weight**2).sum())
    luma, chroma = np.split(np.abs(np.einsum("yc,mcij->ymij", MATRIX, spectra)) ** 2, [1])
    luma, chroma = luma[0], chroma.sum(axis=0)
    radius = np.hypot(np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None])
    wanted = CONFIG.fine if stored is None else CONFIG.fine_halved
    coarse, compared, fine = (
        (radius >= low) & (radius < high) for low, high in (CONFIG.coarse, wanted, CONFIG.fine)
    )
    half = len(cut) // 2
    loud, colourful = (np.argsort(p.sum(axis=(1, 2)))[len(cut) - half :] for p in (luma, chroma))
    floor = CONFIG.rounding if stored is None else stored
    there = chroma[colourful][:, compared].mean()
    ratio = (chroma[colourful][:, coarse].mean() - floor) / luma[colourful][:, coarse].mean()
    bandwidth = np.log10(max(there - floor, floor / 4) / luma[colourful][:, compared].mean() / ratio)
    seen = look_at_colours(image, CONFIG, stored=stored)
    slope = np.log10(luma[loud][:, fine].mean() / luma[loud][:, coarse].mean())
    assert seen.slope == pytest.approx(slope, abs=ROUNDING)
    lost = 0 if stored is None else CONFIG.halved_loss
    assert seen.bandwidth == pytest.approx(bandwidth + lost, abs=ROUNDING)
    if stored is None:
        red, green, blue = np.moveaxis(spectra[loud][:, :, fine], 1, 0)
        norms = [np.linalg.norm(channel) for channel in (red, green, blue)]
        pairs = ((red, green, norms[0] * norms[1]), (green, blue, norms[1] * norms[2]))
        together = np.mean([(a * b.conj()).real.sum() / norm for a, b, norm in pairs])
        assert seen.apart == pytest.approx(np.log10(1 - together + CONFIG.coherence_floor), abs=ROUNDING)
