"""Tiles do not show, the ensemble is sound, and back-projection brings the LR image back."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from srbase.progress import Notice
from srbase.upscaler import BaseUpscaler, Upscaler, bicubic_base
from zssr.config import ZSSRConfig
from zssr.infer import LEAST_TILE, back_project, infer, seen
from zssr.network import ResidualNet, build

CONFIG = ZSSRConfig(layers=4, channels=6, precision="float32")
SAME = 8e-6
"""Float32 sums of some thousand products that a convolution may order differently by size, values near 1, ten
times over where values are brought into the range."""
HELD = 4e-5
"""The same after projections onto the range, which amplify rounding: a hundredth of a grey level."""
SEAM = 1e-3
"""What the linear inverse's tail beyond its reach adds, a quarter of a grey level, in float32."""


def slanted() -> SRKernel:
    return random_kernel(np.random.default_rng(3)).kernel


@pytest.fixture
def network() -> ResidualNet:
    return build(CONFIG, 3, torch.Generator().manual_seed(0), torch.device("cpu"))


def linear_base(image: torch.Tensor, kernel: SRKernel) -> Upscaler:
    return kernel_inverse(image, kernel, InverseConfig(adaptive=None))


def run(
    network: ResidualNet,
    image: torch.Tensor,
    kernel: SRKernel,
    config: ZSSRConfig,
    base: BaseUpscaler = bicubic_base,
) -> torch.Tensor:
    return infer(network, image, kernel, base(image, kernel), config)


def photograph(height: int = 37, width: int = 31) -> torch.Tensor:
    rough = torch.rand((3, height // 3 + 2, width // 3 + 2), generator=torch.Generator().manual_seed(1))
    return bicubic_upscale(rough, 4)[:, :height, :width].clamp(0, 1)


def in_tiles(
    network: ResidualNet,
    image: torch.Tensor,
    kernel: SRKernel,
    config: ZSSRConfig,
    base: BaseUpscaler = bicubic_base,
) -> torch.Tensor:
    """The result in tiles, none of which sees the whole image."""
    rim = seen(network, kernel, base(image, kernel), config)
    assert config.tile // kernel.scale + 2 * rim < max(image.shape)
    return run(network, image, kernel, config, base)


@pytest.mark.slow
@pytest.mark.parametrize(("back_projections", "size"), [(0, (67, 61)), (2, (39, 141))])
@pytest.mark.parametrize("tile", [14, 40])
def test_tiles_do_not_show(
    network: ResidualNet, tile: int, back_projections: int, size: tuple[int, int]
) -> None:
    image, kernel = photograph(*size), slanted()
    config = replace(CONFIG, back_projections=back_projections)
    small = in_tiles(network, image, kernel, replace(config, tile=tile))
    large = run(network, image, kernel, replace(config, tile=1024))
    assert small.shape == (3, 2 * size[0], 2 * size[1])
    assert float((small - large).abs().max()) < HELD


class SmallMemory:
    """A start that finds the memory full above so many pixels."""

    reach = 2

    def __init__(self, most: int) -> None:
        self.most = most

    def upscale(self, image: torch.Tensor) -> torch.Tensor:
        if image.shape[1] * image.shape[2] > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return bicubic_upscale(image, 2)


def test_where_memory_ends_tiles_are_halved_and_that_is_said(network: ResidualNet) -> None:
    image, kernel = photograph(401, 90), slanted()
    config = replace(CONFIG, tile=512)
    with pytest.warns(Notice, match="in tiles of 256 pixels"):
        halved = infer(network, image, kernel, SmallMemory(250 * 90), config)
    whole = infer(network, image, kernel, SmallMemory(10**6), config)
    assert float((halved - whole).abs().max()) < HELD


@pytest.mark.filterwarnings("ignore::srbase.progress.Notice")
def test_memory_that_holds_no_tile_at_all_is_an_error(network: ResidualNet) -> None:
    with pytest.raises(torch.OutOfMemoryError):
        infer(network, photograph(), slanted(), SmallMemory(1), replace(CONFIG, tile=2 * LEAST_TILE))


@pytest.mark.parametrize("shuffle", [1, 2])
@pytest.mark.parametrize(("scale", "size"), [(2, (121, 37)), (4, (37, 121))])
def test_tiles_of_the_inverse_do_not_show(scale: int, size: tuple[int, int], shuffle: int) -> None:
    image, kernel = photograph(*size), random_kernel(np.random.default_rng(3), scale).kernel
    config = replace(CONFIG, zero_residual=True, back_projections=0, shuffle=shuffle)
    network = build(config, 3, torch.Generator().manual_seed(0), torch.device("cpu"))
    small = in_tiles(network, image, kernel, replace(config, tile=40 * scale), linear_base)
    large = run(network, image, kernel, replace(config, tile=1024), linear_base)
    assert float((small - large).abs().max()) < SEAM


def test_every_tile_is_told(network: ResidualNet) -> None:
    image, kernel, reports = photograph(), SRKernel.bicubic(2), []
    config = replace(CONFIG, tile=40)
    infer(network, image, kernel, bicubic_base(image, kernel), config, reports.append)
    assert [(report.stage, report.step, report.total) for report in reports] == [
        ("image x2", n, 4) for n in (1, 2, 3, 4)
    ]
    assert [report.done for report in reports] == [False, False, False, True]


def test_a_symmetric_kernel_makes_the_result_commute_with_flips(network: ResidualNet) -> None:
    image, kernel = photograph(), SRKernel.bicubic(2)
    upright = run(network, image, kernel, CONFIG)
    flipped = run(network, image.flip(-1), kernel, CONFIG).flip(-1)
    assert float((upright - flipped).abs().max()) < 10 * SAME  # eight passes and a median
    alone = replace(CONFIG, self_ensemble=False)
    single = run(network, image, kernel, alone)
    single_flipped = run(network, image.flip(-1), kernel, alone).flip(-1)
    assert float((single - single_flipped).abs().max()) > 1e-3  # the ensemble is what made it commute


def test_back_projection_brings_the_lr_image_back() -> None:
    image, kernel = photograph(), SRKernel.bicubic(2)
    start = bicubic_upscale(image, 2)

    def off(sr: torch.Tensor) -> float:
        return float((downscale(sr, kernel) - image).square().mean())

    errors = [off(back_project(start, image, kernel, n)) for n in (0, 1, 2, 8)]
    assert errors[0] > errors[1] > errors[2] > errors[3]
    assert torch.equal(back_project(start, image, kernel, 0), start)


def test_the_result_is_in_range(network: ResidualNet) -> None:
    result = run(network, (photograph() > 0.5).float(), SRKernel.bicubic(2), CONFIG)
    assert float(result.min()) >= 0
    assert float(result.max()) <= 1
