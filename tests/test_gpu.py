"""The same work on an accelerator; these tests run where there is one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blindsr.configuration import PRESETS, Settings, settings_of_preset
from blindsr.estimation import analyse
from blindsr.pipeline import upscale
from blindsr.restoration.config import InverseConfig
from blindsr.restoration.inverse import kernel_inverse
from kernelgan.config import PAPER
from kernelgan.training import BatchedTraining, InitialDraws
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.runtime.device import replayed
from srbase.upscaler import bicubic_base
from tests.few_steps import few
from tests.kernelgan.reference import SAME_KERNEL, difference, kernels_after, training_in_float64
from zssr.config import ZSSRConfig
from zssr.network import build
from zssr.pairs import Fathers
from zssr.solve import super_resolve
from zssr.train import TrainingStep

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
    pytest.mark.filterwarnings("error::srbase.progress.Notice"),  # a step that could not be captured
]

FEW_STEPS = 5
CAPTURED = 30  # steps of a run that is worth a capture
FLOAT64_ROUNDING = 1e-12  # the same sums in another order
FEW_STEPS_KERNEL = 1e-4  # float32 rounding, grown by a few steps of Adam
FEW_STEPS_WEIGHTS = (
    2e-3  # two of the first steps of Adam, which go by the gradient's sign where it is rounding
)
FEW_STEPS_IMAGE = 0.02  # bfloat16 products and a few steps of Adam
CLOSE_IMAGES = 39.0  # dB between two images of twenty steps that differ by rounding
WIDE_FILTER = 2e-4  # float32 FFTs on either device, images in 0..1


@pytest.fixture
def lr(photograph):
    return torch.from_numpy(photograph).permute(2, 0, 1).float() / 255


@pytest.mark.parametrize("scale", [2, 4])
def test_resampling_is_the_same(scale):
    random = torch.Generator().manual_seed(0)
    image = torch.rand(3, 53, 45, generator=random, dtype=torch.float64)
    kernel = SRKernel.bicubic(scale)
    small = downscale(image, kernel)
    on_gpu = downscale(image.cuda(), kernel)
    assert on_gpu.is_cuda
    assert torch.allclose(on_gpu.cpu(), small, atol=FLOAT64_ROUNDING, rtol=0)


@pytest.mark.parametrize("name", ["spectral", "spectral-symmetric"])
def test_every_estimator_finds_the_same_kernel(lr, name):
    settings = Settings(estimator=few(name), analysis=None)
    kernels = [analyse([lr], settings=settings, device=device)[0].kernel.array for device in ("cpu", "cuda")]
    assert np.abs(kernels[0] - kernels[1]).max() < FEW_STEPS_KERNEL


def test_kernelgan_gives_the_same_kernel(lr):
    config = replace(PAPER, steps=FEW_STEPS, onset=2)
    ours, theirs = (
        kernels_after(training_in_float64([lr.double().to(device)], config, [1]))
        for device in ("cpu", "cuda")
    )
    assert difference(ours, theirs) < SAME_KERNEL


def training(lr: torch.Tensor) -> BatchedTraining:
    config = replace(PAPER, steps=CAPTURED, onset=2)
    draws = InitialDraws.of(lr, config, torch.Generator().manual_seed(0))
    return BatchedTraining([lr.cuda()], [draws], config)


def test_the_captured_step_of_kernelgan_is_the_step(lr):
    """Both differ by what a graph may change: which product cuBLAS takes, and so rounding."""
    one, other = training(lr), training(lr)
    captured = replayed(other.make_step, other.state.tensors(), other.device, steps=CAPTURED)
    assert captured != other.make_step
    for _ in range(FEW_STEPS):
        wanted, found = one.make_step(), captured()
    assert int(other.state.count) == FEW_STEPS
    for ours, theirs in zip(other.state.tensors(), one.state.tensors(), strict=True):
        assert torch.allclose(ours.float(), theirs.float(), atol=FEW_STEPS_KERNEL)
    figures = found.figures()
    for name, value in wanted.figures().items():
        assert torch.allclose(figures[name], value, atol=FEW_STEPS_KERNEL), name


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_the_captured_step_of_the_network_is_the_step(lr, preset):
    config = replace(PRESETS[preset].restoration.zssr, max_steps=CAPTURED, precision="float32")
    weights = []
    for capture in (False, True):
        lesson = lesson_on(lr.cuda(), config)
        learn = lesson.replayed() if capture else lesson
        assert (learn != lesson) == capture
        for _ in range(FEW_STEPS):
            learn()
        assert int(lesson.count) == FEW_STEPS
        weights.append([parameter.detach() for parameter in lesson.network.parameters()])
    for ours, theirs in zip(*weights, strict=True):
        assert torch.allclose(ours, theirs, atol=FEW_STEPS_WEIGHTS)


def lesson_on(image: torch.Tensor, config: ZSSRConfig) -> TrainingStep:
    kernel, rng = SRKernel.bicubic(2), torch.Generator().manual_seed(1)
    network = build(config, 3, rng, image.device)
    fathers = Fathers([image], kernel, bicubic_base(image, kernel), config, rng)
    return TrainingStep(network, fathers, config)


def test_kernels_of_many_images_are_those_of_each_alone(lr):
    config = replace(PAPER, steps=FEW_STEPS, onset=2)
    images = [part.double().cuda() for part in (lr, lr.flip(1), lr[:, :90, :80])]
    together = kernels_after(training_in_float64(images, config, [0, 1, 2]))
    for seed, image in enumerate(images):
        (alone,) = kernels_after(training_in_float64([image], config, [seed]))
        assert difference(together[seed], alone) < SAME_KERNEL


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("scale", [2, 4])
def test_every_preset_makes_the_same_image(lr, preset, scale):
    config = PRESETS[preset].restoration.zssr
    config = replace(config, max_steps=min(config.max_steps, FEW_STEPS))
    kernel = SRKernel.bicubic(2)
    kernels = {s: k for s, k in ((2, kernel), (4, kernel.to_x4())) if s <= scale}
    images = [
        super_resolve(lr.to(device), kernels, scale, config, rng=torch.Generator().manual_seed(1)).image.cpu()
        for device in ("cpu", "cuda")
    ]
    assert images[0].shape == (3, 97 * scale, 113 * scale)
    assert float((images[0] - images[1]).square().mean().sqrt()) < FEW_STEPS_IMAGE


def test_the_whole_program(lr):
    settings = settings_of_preset(zssr_steps=20)
    results = [upscale(lr, settings=settings, device=device).image for device in ("cuda", "cpu")]
    assert results[0].is_cuda
    error = float((results[0].cpu() - results[1]).square().mean())
    assert -10 * np.log10(error) > CLOSE_IMAGES


def test_kernels_of_a_batch_are_those_of_each_alone(lr):
    asked = {"settings": settings_of_preset("paper", kernelgan_steps=CAPTURED), "device": "cuda"}
    images = [lr, lr[:, :90, :80]]
    for image, found in zip(images, analyse(images, **asked), strict=True):
        (alone,) = analyse([image], **asked)
        assert np.abs(found.kernel.array - alone.kernel.array).max() < FEW_STEPS_KERNEL


def test_a_filter_that_rings_far(lr):
    """A motion's inverse, whose spectrum has zeros."""
    array = np.zeros((13, 13))
    array[6:8, 2:11] = 1
    config = InverseConfig(adaptive=None)
    inverse = kernel_inverse(lr, SRKernel(array, 2).centred(), config, weight=config.linear.weight)
    assert inverse.reach > config.linear.radii[0]
    assert float((inverse.upscale(lr.cuda()).cpu() - inverse.upscale(lr)).abs().max()) < WIDE_FILTER
