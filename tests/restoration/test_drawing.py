"""Drawings keep flat areas and get no echo lines; pixel art is enlarged by nearest neighbour."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from blindsr.analysis.kind import Blocks
from blindsr.restoration.config import DrawingConfig
from blindsr.restoration.drawing import bounds, drawing_candidate, flattened, repeated
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale

ONE_LEVEL = 1 / 255
"""What rounding to 8 bits can hide."""
PAPER = 240


def pair(scale=2, text="vow 36", filter_=Image.Resampling.LANCZOS):
    """A word and a frame on light gray, LR 61x37 and HR, both shrunk from one drawing."""
    image = Image.new("L", (61 * 16, 37 * 16), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((150, 150), text, 15, ImageFont.load_default(240))
    draw.rectangle((48, 48, 928, 544), outline=15, width=24)
    small, large = (np.asarray(image.resize((61 * n, 37 * n), filter_)) for n in (1, scale))
    return tuple(torch.from_numpy(pixels.copy())[None].float() / 255 for pixels in (small, large))


def psnr(result, truth):
    return float(-10 * torch.log10((result - truth).square().mean()))


@pytest.mark.parametrize("scale", [2, 4])
def test_text_gains_over_bicubic_interpolation(scale):
    for filter_ in (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX):
        lr, hr = pair(scale, filter_=filter_)
        result = drawing_candidate(lr, scale, DrawingConfig()).upscale(lr)
        assert psnr(result, hr) > psnr(bicubic_upscale(lr, scale), hr) + 1


def test_flat_areas_stay_exactly_flat():
    lr, _ = pair(filter_=Image.Resampling.BOX)
    result = drawing_candidate(lr, 2, DrawingConfig()).upscale(lr)
    low, high = -torch.nn.functional.max_pool2d(-lr, 3, 1, 1), torch.nn.functional.max_pool2d(lr, 3, 1, 1)
    flat = repeated((low == high).float(), 2).bool()
    assert flat.float().mean() > 0.1
    assert torch.equal(result[flat], repeated(lr, 2)[flat])


def test_no_echo_lines_beside_ink():
    """Nothing is lighter than the paper where the LR image is not."""
    lr, _ = pair(filter_=Image.Resampling.BOX)
    assert lr.max() <= PAPER / 255
    result = drawing_candidate(lr, 2, DrawingConfig()).upscale(lr)
    assert result.max() <= PAPER / 255 + 1e-6  # of float32
    assert bicubic_upscale(lr, 2).max() > PAPER / 255 + ONE_LEVEL


def test_thin_strokes_may_be_darker_than_any_lr_pixel():
    lr = torch.full((1, 31, 37), 0.9)
    lr[:, :, 18] = 0.5
    least, most = bounds(lr, 2, DrawingConfig().flat, DrawingConfig())
    assert least[0, 30, 37] < 0.5
    assert float(most.max()) == pytest.approx(0.9)


@pytest.mark.parametrize("channels", [1, 3])
def test_constants_and_shapes(channels):
    image = torch.full((channels, 31, 37), 0.37)
    before = image.clone()
    result = drawing_candidate(image, 2, DrawingConfig()).upscale(image)
    assert result.shape == (channels, 62, 74)
    assert torch.equal(result, torch.full_like(result, 0.37))
    assert torch.equal(image, before)


def test_channels_are_bounded_apart():
    lr, _ = pair()
    image = torch.cat([lr, torch.full_like(lr, 0.5), 1 - lr])
    result = drawing_candidate(image, 2, DrawingConfig()).upscale(image)
    assert torch.equal(result[1], torch.full_like(result[1], 0.5))


def test_pixels_are_repeated():
    image = torch.rand(3, 31, 37, generator=torch.Generator().manual_seed(0))
    for scale in (2, 3, 4):
        result = repeated(image, scale)
        for y, x in ((0, 0), (scale - 1, scale - 1)):
            assert torch.equal(result[:, y::scale, x::scale], image)


def test_noise_within_blocks_is_taken_away_where_it_was_stored_as_jpeg():
    generator = torch.Generator().manual_seed(0)
    art = torch.rand(3, 9, 12, generator=generator)
    clean = repeated(art, 4)[:, 3:, 1:]  # blocks at the borders are cut
    noisy = clean + 0.02 * torch.randn(clean.shape, generator=generator)
    result = repeated(flattened(noisy, Blocks(4, (1, 3))), 2)
    truth = repeated(clean, 2)
    assert torch.equal(result[:, 2:10, 6:14], result[:, 2:3, 6:7].expand(3, 8, 8))
    assert (result - truth).square().mean() < (repeated(noisy, 2) - truth).square().mean() / 8


def test_settings_are_checked():
    with pytest.raises(InputError, match="flat not over"):
        DrawingConfig(flat=0.2)
    with pytest.raises(InputError, match="projections"):
        DrawingConfig(projections=-1)
