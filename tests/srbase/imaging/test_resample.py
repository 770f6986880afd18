import numpy as np
import pytest
import torch
from PIL import Image

from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale, crop_to_multiple, downscale, lanczos_shrink, resize
from srbase.kernels.geometry import hr_coordinate
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel

EXACT = 1e-10  # float64 rounding over a kernel of 37x37 cells
RECENTRED = 1e-7  # HR pixels: recentring stops under 1e-9, the ramp's values reach 70
FLOAT32 = 2e-6  # a few hundred float32 additions of values in 0..1
PIL_ROUNDING = 1.2 / 255  # Pillow rounds to 8 bits after each pass: half a level times 1.25, and half one
RIM = 16  # HR pixels that a mirrored border reaches with a kernel of 31 cells

SHAPES = [(1, 1), (11, 11), (13, 13), (12, 12), (9, 14), (25, 25)]


def random_centred(shape, scale):
    y, x = np.indices(shape)
    centre = [n // 2 + (scale - 1) / 2 for n in shape]
    blob = np.exp(-(((y - centre[0]) / 1.7) ** 2 + ((x - centre[1]) / 1.3) ** 2))
    return SRKernel(blob, scale)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("shape", [(13, 13), (25, 25), (12, 12), (9, 14), (30, 17)])
@pytest.mark.parametrize("size", [(64, 72), (61, 67), (71, 62)])
def test_a_ramp_comes_out_at_the_phase(scale, shape, size):
    """LR pixel i of the ramp HR[x] = x is s*i + (s-1)/2, for odd and even images and kernels."""
    kernel = random_centred(shape, scale).centred()
    assert kernel.shape[0] % 2 == 1
    ramps = torch.stack(torch.meshgrid(*(torch.arange(n).double() for n in size), indexing="ij"))
    small = downscale(ramps, kernel)
    assert small.shape[1:] == (size[0] // scale, size[1] // scale)
    for axis in range(2):
        inner = torch.arange(RIM // scale + 1, small.shape[axis + 1] - RIM // scale - 1)
        assert len(inner)
        wanted = torch.tensor([hr_coordinate(int(i), scale) for i in inner], dtype=torch.float64)
        values = small[axis].index_select(axis, inner).select(1 - axis, small.shape[2 - axis] // 2)
        torch.testing.assert_close(values, wanted, atol=RECENTRED, rtol=0)


@pytest.mark.parametrize("size", [12, 13])
@pytest.mark.parametrize("scale", [2, 4])
def test_even_and_odd_kernels_as_they_are_keep_the_phase(size, scale):
    """Two-cell kernels laid symmetrically about the wanted centre, not recentred."""
    array = np.zeros((size, size))
    near = size // 2 + np.array([scale // 2 - 1, scale // 2])
    array[np.ix_(near, near)] = 0.25
    ramp = torch.arange(40).double().expand(40, 40)
    small = downscale(ramp, SRKernel(array, scale))
    wanted = torch.tensor([hr_coordinate(i, scale) for i in range(40 // scale)], dtype=torch.float64)
    torch.testing.assert_close(small[5, 3:-3], wanted[3:-3], atol=EXACT, rtol=0)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("shape", SHAPES)
def test_downscale_is_the_slow_sum(scale, shape, rng):
    image = torch.from_numpy(rng.random((2, 17, 22)))
    kernel = SRKernel(rng.random(shape), scale)
    fast = downscale(image, kernel).numpy()
    cropped = image[:, : 17 - 17 % scale, : 22 - 22 % scale].numpy()
    wide = np.pad(cropped, ((0, 0), (40, 40), (40, 40)), mode="symmetric")
    for i, j in [(0, 0), (1, 2), (fast.shape[1] - 1, fast.shape[2] - 1)]:
        y, x = 40 + scale * i - shape[0] // 2, 40 + scale * j - shape[1] // 2
        window = wide[:, y : y + shape[0], x : x + shape[1]]
        np.testing.assert_allclose(fast[:, i, j], (window * kernel.array).sum((1, 2)), atol=EXACT)


def test_a_delta_gives_the_kernel_turned_about(rng):
    kernel = SRKernel(rng.random((13, 13)), 2)
    image = torch.zeros(1, 64, 64, dtype=torch.float64)
    image[0, 32, 32] = 1.0
    small = downscale(image, kernel)[0].numpy()
    # LR[i] = k[32 - 2 i + 6]: every second cell, from the last to the first
    np.testing.assert_allclose(small[13:20, 13:20], kernel.array[12::-2, 12::-2], atol=EXACT)


@pytest.mark.parametrize("scale", [2, 4])
def test_constants_stay_constant(image, scale):
    flat = torch.full_like(image, 0.3)
    for result in (
        downscale(flat, SRKernel.bicubic(scale)),
        bicubic_upscale(flat, scale),
        resize(flat, (8, 9)),
    ):
        torch.testing.assert_close(result, torch.full_like(result, 0.3), atol=FLOAT32, rtol=0)


def test_a_red_image_stays_red(image):
    red = image.clone()
    red[1:] = 0
    for result in (downscale(red, SRKernel.bicubic(2)), bicubic_upscale(red, 2), resize(red, (9, 11))):
        assert bool((result[1:] == 0).all())
        assert float(result[0].max()) > 0


def test_inputs_are_not_written_to(image):
    before = image.clone()
    downscale(image, SRKernel.bicubic(2))
    resize(image, (50, 20))
    crop_to_multiple(image, 4)
    assert torch.equal(image, before)


@pytest.mark.parametrize("scale", [2, 4])
def test_imresize_is_the_bicubic_kernel_away_from_the_rim(scale, rng):
    image = torch.from_numpy(rng.random((1, 64, 80)))
    resized = resize(image, (64 // scale, 80 // scale))
    shrunk = downscale(image, SRKernel.bicubic(scale))
    torch.testing.assert_close(resized[..., 3:-3, 3:-3], shrunk[..., 3:-3, 3:-3], atol=EXACT, rtol=0)


@pytest.mark.parametrize("size", [(62, 74), (124, 148), (16, 19), (10, 9)])
def test_resize_is_pillows_bicubic(rng, size):
    pixels = rng.integers(80, 176, (31, 37), dtype=np.uint8)  # Pillow clips between its passes
    theirs = np.asarray(Image.fromarray(pixels).resize(size[::-1], Image.Resampling.BICUBIC)) / 255.0
    ours = resize(torch.from_numpy(pixels)[None].double() / 255, size)[0].clamp(0, 1).numpy()
    np.testing.assert_allclose(ours, theirs, atol=PIL_ROUNDING)


@pytest.mark.parametrize("scale", [2, 4])
def test_flip_commutes_with_resizing(image, scale):
    torch.testing.assert_close(
        bicubic_upscale(image.flip(-1), scale), bicubic_upscale(image, scale).flip(-1), atol=FLOAT32, rtol=0
    )


def test_one_x4_step_is_two_x2_steps_away_from_the_borders(rng):
    image = torch.from_numpy(rng.random((3, 128, 160)))
    for seed in range(3):
        k2 = random_kernel(np.random.default_rng(seed), 2).kernel
        twice = downscale(downscale(image, k2), k2)
        once = downscale(image, k2.to_x4(size=None))
        torch.testing.assert_close(once[..., 6:-6, 6:-6], twice[..., 6:-6, 6:-6], atol=EXACT, rtol=0)
        # the usual 25x25 window loses the tails only
        cropped = downscale(image, k2.to_x4())
        assert float((cropped - twice)[..., 6:-6, 6:-6].abs().max()) < 0.05


def test_images_smaller_than_the_kernel_are_mirrored_more_than_once():
    small = downscale(torch.full((1, 4, 4), 0.5), SRKernel.bicubic(4))
    torch.testing.assert_close(small, torch.full((1, 1, 1), 0.5), atol=FLOAT32, rtol=0)


def test_crop_to_multiple(image):
    assert crop_to_multiple(image, 4).shape == (3, 28, 36)
    assert torch.equal(crop_to_multiple(image, 2), image[:, :30, :36])
    with pytest.raises(InputError, match="needs at least 4x4"):
        crop_to_multiple(image[:, :3], 4)


def lanczos_weights(length: int, wanted: int) -> np.ndarray:
    """(wanted, length): the filter of three lobes as its definition has it, stretched to the new pixels."""
    stretch = length / wanted
    centres = (np.arange(wanted) + 0.5) * stretch - 0.5
    distance = (np.arange(length) - centres[:, None]) / stretch
    weights = np.sinc(distance) * np.sinc(distance / 3) * (np.abs(distance) < 3)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("size", [(31, 40), (15, 22), (42, 31)])
def test_lanczos_shrinks_by_its_definition(size):
    image = np.random.default_rng(0).uniform(-0.5, 1.5, (3, 43, 57))
    down, across = (lanczos_weights(n, m) for n, m in zip(image.shape[1:], size, strict=True))
    shrunk = lanczos_shrink(torch.from_numpy(image), size)
    assert shrunk.dtype == torch.float32
    np.testing.assert_allclose(shrunk.numpy(), down @ image @ across.T, atol=FLOAT32, rtol=0)
