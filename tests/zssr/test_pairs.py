"""Sons are made by the kernel after the flip; fathers are unharmed crops of the image."""

import pytest
import torch

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.upscaler import Upscaler, bicubic_base
from zssr.config import ZSSRConfig
from zssr.pairs import Fathers, crop_side
from zssr.symmetry import SYMMETRIES

NOISE = 0.1
FIRST = torch.tensor([0])  # the step
SPREAD = 0.15  # relative: of 192 numbers a deviation is known to 5 %


def make(
    images: list[torch.Tensor], kernel: SRKernel, config: ZSSRConfig, base: Upscaler | None = None
) -> Fathers:
    start = base or bicubic_base(images[0], kernel)
    return Fathers(images, kernel, start, config, torch.Generator().manual_seed(9))


def image(height: int = 37, width: int = 31) -> torch.Tensor:
    return torch.rand((3, height, width), generator=torch.Generator().manual_seed(0))


def slanted(scale: int = 2) -> SRKernel:
    axis = torch.arange(13.0) - 6.5
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return SRKernel(torch.exp(-(y**2 + 1.5 * x * y + x**2)).double().numpy(), 2)


@pytest.mark.parametrize("scale", [2, 4])
def test_a_son_is_the_father_downscaled_and_interpolated(scale: int) -> None:
    kernel = slanted() if scale == 2 else slanted().to_x4()
    fathers = make([image()], kernel, ZSSRConfig(crop=16))
    pair = fathers.draw(FIRST)
    assert pair.father.shape == pair.base.shape == (1, 3, 16, 16)
    assert pair.weight.shape == (1, 1, 16, 16)
    assert torch.equal(pair.base, bicubic_upscale(downscale(pair.father, kernel), scale))


def test_fathers_are_turned_crops_of_the_image() -> None:
    picture = image()[:1]
    fathers = make([picture], slanted(), ZSSRConfig(crop=16))
    seen = set()
    windows = picture.unfold(1, 16, 1).unfold(2, 16, 1)  # (1, 22, 16, 16, 16)
    for step in range(60):
        father = fathers.draw(torch.tensor([step])).father[0]
        for index, symmetry in enumerate(SYMMETRIES):
            upright = symmetry.undo(father)
            if bool((windows == upright[:, None, None]).all(dim=(0, 3, 4)).any()):
                seen.add(index)
                break
        else:
            pytest.fail("a father is no crop of the image")
    assert seen == set(range(8))


def test_a_pool_cuts_crops_from_whole_pairs() -> None:
    picture = image(61, 57)
    linear = kernel_inverse(picture, slanted(), InverseConfig(adaptive=None))
    fathers = make([picture], slanted(), ZSSRConfig(crop=16, window=40, pool=3), linear)
    assert len(fathers.pool) == 3
    for whole in fathers.pool:
        son = downscale(whole.father[0], slanted())
        assert torch.equal(whole.base[0], linear.upscale(son))
    pair = fathers.draw(FIRST)
    assert pair.base.shape == pair.father.shape == (1, 3, 16, 16)
    for whole in fathers.pool:
        father, start = (part[0].unfold(1, 16, 1).unfold(2, 16, 1) for part in (whole.father, whole.base))
        found = (father == pair.father[0][:, None, None]).all(dim=(0, 3, 4)).nonzero().tolist()
        if found:
            y, x = found[0]
            assert torch.equal(start[:, y, x], pair.base[0])
            break
    else:
        pytest.fail("a pair is cut from no window of the pool")


def test_without_augmentation_fathers_stay_upright() -> None:
    picture = image()
    fathers = make([picture], slanted(), ZSSRConfig(crop=16, augment=False))
    windows = picture.unfold(1, 16, 1).unfold(2, 16, 1)
    for step in range(20):
        father = fathers.draw(torch.tensor([step])).father[0]
        assert bool((windows == father[:, None, None]).all(dim=(0, 3, 4)).any())


def test_noise_is_on_the_son_only() -> None:
    config = ZSSRConfig(crop=16, noise_std=NOISE, augment=False)
    picture = image(16, 16)  # the crop is all of it
    pair = make([picture], slanted(), config).draw(FIRST)
    assert torch.equal(pair.father[0], picture)
    clean = bicubic_upscale(downscale(picture, slanted()), 2)
    interpolation = bicubic_upscale(torch.eye(64).reshape(64, 1, 8, 8), 2).reshape(64, 256).T
    noise = torch.linalg.lstsq(interpolation, (pair.base[0] - clean).reshape(3, 256).T).solution
    assert float(noise.std()) == pytest.approx(NOISE, rel=SPREAD)


def test_the_loss_weight_follows_the_gradient_with_mean_1() -> None:
    fathers = make([image()], slanted(), ZSSRConfig())
    assert float(fathers.weights[0].mean()) == pytest.approx(1, abs=1e-5)
    assert float(fathers.weights[0].std()) > 0.1
    flat = make([torch.full((3, 37, 31), 0.5)], slanted(), ZSSRConfig())
    assert bool((flat.weights[0] == 1).all())


def test_every_father_is_drawn() -> None:
    dark, bright = torch.zeros(3, 21, 25), torch.ones(3, 43, 37)
    fathers = make([dark, bright], slanted(), ZSSRConfig(crop=16))
    means = {float(fathers.draw(torch.tensor([step])).father.mean()) for step in range(30)}
    assert means == {0.0, 1.0}


def test_crops_fit_the_image_and_the_scale() -> None:
    assert crop_side(image(), 128, 2) == 30
    assert crop_side(image(), 128, 4) == 28
    assert crop_side(image(), 16, 4) == 16
