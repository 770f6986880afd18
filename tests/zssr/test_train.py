"""The training: it learns, tells how, and knows when to stop."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.progress import Progress
from srbase.upscaler import Upscaler, bicubic_base
from tests.no_host import NoHost
from tests.pictures import face
from zssr.config import ZSSRConfig
from zssr.network import ResidualNet, build
from zssr.pairs import Fathers
from zssr.train import History, TrainingStep, Validation, train

KERNEL = SRKernel.bicubic(2)
SMALL = ZSSRConfig(layers=3, channels=8, crop=32, max_steps=60, test_every=20, precision="float32")
SAME = 1e-7  # of mean squared errors of some 1e-3, in float32
ADAMS_ROUNDING = 1e-5  # of weights of some 0.1 after three steps of 1e-3, the fused sums in another order


def parts(config: ZSSRConfig) -> tuple[torch.Tensor, ResidualNet, Upscaler]:
    image = face(53, 45)
    network = build(config, 3, torch.Generator().manual_seed(0), torch.device("cpu"))
    return image, network, bicubic_base(image, KERNEL)


def trained(config: ZSSRConfig) -> tuple[int, History, list[Progress]]:
    image, network, start = parts(config)
    reports: list[Progress] = []
    rng = torch.Generator().manual_seed(1)
    steps, history = train(network, [image], KERNEL, start, config, rng=rng, on_step=reports.append)
    return steps, history, reports


def test_the_error_falls_and_is_told_at_every_test() -> None:
    steps, history, reports = trained(SMALL)
    assert steps == 60
    assert set(history) == {"step", "error", "learning_rate", "loss"}
    assert history["step"] == (20, 40, 60)
    assert history["error"][-1] < 0.5 * history["error"][0]
    assert [(report.step, report.done) for report in reports] == [
        (0, False),
        (20, False),
        (40, False),
        (60, False),
        (60, True),
    ]


def test_a_rate_under_the_last_one_is_the_end() -> None:
    steps, history, reports = trained(replace(SMALL, learning_rate_stop=1.0))
    assert (steps, history) == (0, {})
    assert reports[-1].done


@pytest.mark.parametrize("size", [20, 256])
def test_the_error_is_that_of_the_central_part_from_its_own_son(size: int) -> None:
    config = replace(SMALL, test_size=size)
    image, network, start = parts(config)
    side = min(size, 44)  # 45 pixels, rounded down to the scale
    top, left = (53 - side) // 2, (45 - side) // 2
    part = image[:, top : top + side, left : left + side]
    with torch.no_grad():
        wanted = (network(start.upscale(downscale(part, KERNEL))[None])[0] - part).square().mean()
    found = Validation.of(image, KERNEL, start, config).error(network)
    assert found == pytest.approx(float(wanted), abs=SAME)


@pytest.mark.parametrize("pool", [0, 2])
def test_a_step_is_a_program_of_tensors(pool: int) -> None:
    config = replace(SMALL, pool=pool, window=40)
    image, network, start = parts(config)
    fathers = Fathers([image], KERNEL, start, config, torch.Generator().manual_seed(1))
    lesson = TrainingStep(network, fathers, config)
    before = [parameter.detach().clone() for parameter in network.parameters()]
    lesson()
    with NoHost():
        lesson()
    assert int(lesson.count) == 2
    assert all(not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_steps_are_those_of_pytorchs_adam() -> None:
    image, network, start = parts(SMALL)
    theirs = deepcopy(network)
    lesson, other = (
        TrainingStep(n, Fathers([image], KERNEL, start, SMALL, torch.Generator().manual_seed(1)), SMALL)
        for n in (network, theirs)
    )
    optimiser = torch.optim.Adam(theirs.parameters(), lr=lesson.rate)
    for _ in range(3):
        lesson()
        pair = other.fathers.draw(other.count)
        other.count += 1
        optimiser.zero_grad()
        (pair.weight * (theirs(pair.base) - pair.father).abs()).mean().backward()
        optimiser.step()
    for ours, wanted in zip(network.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(ours, wanted, atol=ADAMS_ROUNDING, rtol=0)
