"""The game as a whole: what is left of it, what it tells, and what leads it."""

import numpy as np
import pytest
import torch

from kernelgan.config import GANConfig
from kernelgan.game import Played, play
from srbase.progress import Progress
from tests.few_steps import WITH_A_KERNEL
from tests.pictures import face

SMALL = GANConfig(steps=6, channels=8, restarts=2, **WITH_A_KERNEL)


def played(config: GANConfig = SMALL, image: torch.Tensor | None = None, **more: object) -> Played:
    rng = torch.Generator().manual_seed(0)
    (found,) = play([face(67, 75) if image is None else image], config, rngs=[rng], **more)  # type: ignore[arg-type]
    return found


def test_a_kernel_for_each_restart_and_they_differ() -> None:
    first, second = (kernel.array for kernel in played().kernels)
    assert first.shape == second.shape == (13, 13)
    assert np.abs(first - second).max() > 0


def test_the_last_report_is_left_to_the_caller() -> None:
    reports: list[Progress] = []
    config = GANConfig(steps=101, channels=2, generator_crop=32, discriminator_crop=16)
    found = played(config, on_step=reports.append)
    assert [(report.step, report.total, report.done) for report in reports] == [
        (50, 101, False),
        (100, 101, False),
    ]
    assert {len(values) for values in found.history.values()} == {3}  # and at the end
    assert found.last == {name: values[-1] for name, values in found.history.items()}


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    played(GANConfig(steps=2, channels=4, noise_std=0.01))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_gray_image_is_a_colour_image_of_three_equal_channels() -> None:
    gray = face(67, 75, channels=1)
    one, three = (played(image=image).kernels[0].array for image in (gray, gray.expand(3, -1, -1)))
    np.testing.assert_array_equal(one, three)


def test_games_that_diverge_leave_no_kernel() -> None:
    config = GANConfig(steps=6, channels=8, restarts=2, learning_rate=1e30)
    assert played(config).kernels == ()


class Towards:
    """A lead that pulls G's kernel to one that lies in a corner of the window."""

    def __init__(self, weight: float) -> None:
        self.weight, self.begun = weight, 0
        self.wanted = torch.zeros(13, 13)
        self.wanted[3:5, 8:10] = 0.25

    def begin(self, filters: list[torch.Tensor]) -> list[torch.Tensor]:
        self.begun += 1
        return filters

    def __call__(self, kernel: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"lead": self.weight * (kernel - self.wanted).square().sum(dim=(1, 2))}


@pytest.mark.parametrize("restarts", [1, 2])
def test_a_lead_is_asked_to_begin_once_and_pulls(restarts: int) -> None:
    def distances(weight: float) -> tuple[float, ...]:
        lead = Towards(weight)
        config = GANConfig(steps=30, channels=8, restarts=restarts, learning_rate=2e-3)
        history = played(config, lead=lead).history["lead"]
        assert lead.begun == 1
        return tuple(value / weight for value in history)

    weak, strong = distances(1e-6), distances(1e3)
    assert strong[-1] < 0.5 * weak[-1]
