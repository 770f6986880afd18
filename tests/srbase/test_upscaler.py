"""The base upscaler of the ZSSR paper."""

import pytest
import torch

from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel
from srbase.upscaler import bicubic_base


@pytest.mark.parametrize("scale", [2, 4])
def test_it_is_bicubic_interpolation_by_the_kernels_scale(image: torch.Tensor, scale: int) -> None:
    base = bicubic_base(image, SRKernel.bicubic(scale))
    assert torch.equal(base.upscale(image), bicubic_upscale(image, scale))


@pytest.mark.parametrize("scale", [2, 4])
def test_an_lr_pixel_has_no_effect_beyond_its_reach(scale: int) -> None:
    base = bicubic_base(torch.zeros(1, 21, 21), SRKernel.bicubic(scale))
    impulse = torch.zeros(1, 21, 21)
    impulse[0, 10, 10] = 1.0
    columns = base.upscale(impulse)[0].abs().sum(dim=0).nonzero().flatten() // scale - 10
    assert int(columns.abs().max()) == base.reach
