"""Tiles do not show, the ensemble is sound, and back-projection brings the LR image back."""

from dataclasses import replace

import pytest
import torch

from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import bicubic_upscale, downscale
from zssr.config import ZSSRConfig
from zssr.infer import back_project, infer, run_tiled
from zssr.network import ResidualNet, build
from zssr.start import start_for

CONFIG = ZSSRConfig(layers=4, channels=6, precision="float32")
SAME = 1e-6
"""Float32 sums of a few hundred products that a convolution may order differently by size."""


@pytest.fixture
def network() -> ResidualNet:
    return build(CONFIG, 3, torch.Generator().manual_seed(0), torch.device("cpu"))


def run(network: ResidualNet, image: torch.Tensor, kernel: SRKernel, config: ZSSRConfig) -> torch.Tensor:
    return infer(network, image, kernel, start_for(image, kernel, config), config)


def photograph(height: int = 37, width: int = 31) -> torch.Tensor:
    rough = torch.rand((3, height // 3 + 2, width // 3 + 2), generator=torch.Generator().manual_seed(1))
    return bicubic_upscale(rough, 4)[:, :height, :width].clamp(0, 1)


@pytest.mark.parametrize("tile", [7, 16, 32, 74])
def test_tiles_do_not_show(network: ResidualNet, tile: int) -> None:
    start = photograph(74, 62)
    with torch.no_grad():
        whole = network(start[None])[0]
    difference = (run_tiled(network, start, tile) - whole).abs().max()
    assert float(difference / whole.abs().max()) < SAME


def test_the_tile_setting_does_not_change_the_result(network: ResidualNet) -> None:
    image, kernel = photograph(), SRKernel.bicubic(2)
    small = run(network, image, kernel, replace(CONFIG, tile=9))
    large = run(network, image, kernel, replace(CONFIG, tile=512))
    assert small.shape == (3, 74, 62)
    assert float((small - large).abs().max()) < SAME


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
