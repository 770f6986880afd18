"""The network on an accelerator; this runs where there is one."""

import numpy as np
import pytest
import torch

from blindsr.restoration.config import NetworkConfig, network_config
from blindsr.restoration.network.architecture import TINY
from blindsr.restoration.network.detail import Detail
from blindsr.restoration.network.restore import TrainedNetwork
from srbase.imaging.pixels import QUANTISATION
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.random_kernels import random_kernel
from tests.pictures import face
from tests.restoration.network.made import data_steps_alone, random_network, saved

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]
SAME = 5e-3  # about a grey level: convolutions in TF32, over twelve iterations


@pytest.mark.parametrize("scale", [2, 4])
def test_a_card_makes_the_same_picture(scale, tmp_path):
    kernel = random_kernel(np.random.default_rng(1), scale).kernel
    lr = downscale(face(200, 240), kernel)
    network = data_steps_alone()
    stage = TrainedNetwork(NetworkConfig.of(saved(network, tmp_path)))
    ours, theirs = (
        stage.restore(lr.to(place), {scale: kernel}, scale, QUANTISATION).cpu() for place in ("cpu", "cuda")
    )
    assert (ours - theirs).abs().max() < SAME


def test_a_card_adds_the_same_detail():
    lr = downscale(face(200, 240), random_kernel(np.random.default_rng(1)).kernel)
    made = bicubic_upscale(lr, 2).clamp(0, 1)
    ours, theirs = (
        Detail.of(network_config("auto"), torch.device(place)).add(lr.to(place), made.to(place)).cpu()
        for place in ("cpu", "cuda")
    )
    assert (ours - theirs).abs().max() < SAME


def test_the_published_size_runs(tmp_path):
    stage = TrainedNetwork(NetworkConfig.of(saved(random_network(TINY), tmp_path)))
    kernel = random_kernel(np.random.default_rng(1), 2).kernel
    made = stage.restore(torch.rand(3, 300, 400, device="cuda"), {2: kernel}, 2, QUANTISATION)
    assert made.shape == (3, 600, 800)
    assert bool(torch.isfinite(made).all())
