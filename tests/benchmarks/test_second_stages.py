"""What fills the interface of second stages."""

import pytest
import torch

from benchmarks.rivals import second_stages
from benchmarks.rivals.second_stages import WithSRMDCodes
from benchmarks.rivals.srmd import SRMDConfig
from blindsr.restoration.config import NetworkConfig
from blindsr.restoration.network.restore import TrainedNetwork
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.second_stage import SecondStage
from tests.pictures import face
from tests.restoration.network.made import data_steps_alone, saved
from zssr.config import ZSSRConfig
from zssr.second_stage import ZeroShot


@pytest.fixture(params=["ZSSR", "USRNet", "SRMD"])
def stage(request, tmp_path, monkeypatch) -> SecondStage:
    if request.param == "ZSSR":
        return ZeroShot(ZSSRConfig(max_steps=0))
    if request.param == "USRNet":
        return TrainedNetwork(NetworkConfig.of(saved(data_steps_alone(iterations=2), tmp_path)))
    monkeypatch.setattr(
        second_stages, "super_resolve_srmd", lambda image, kernel, *_: bicubic_upscale(image, kernel.scale)
    )
    return WithSRMDCodes(torch.zeros(15, 225).numpy(), SRMDConfig())


@pytest.mark.parametrize("scale", [2, 4])
def test_picture_kernels_and_noise_to_picture(stage, scale):
    kernel = SRKernel.bicubic(scale)
    lr = downscale(face(148, 136), kernel).clamp(0, 1)
    before = lr.clone()
    made = stage.restore(lr, {scale: kernel}, scale, QUANTISATION, rng=torch.Generator().manual_seed(0))
    assert made.shape == (3, 148, 136)
    assert 0 <= made.min() < made.max() <= 1
    assert torch.equal(lr, before)
    assert (downscale(made, kernel) - lr).abs().mean() < 0.03
