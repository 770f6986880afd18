"""The measurements measure what they say: costs by hand, oracles that do the same, failures that are told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.speed import clock, machine, run, whole
from benchmarks.speed.clock import cost_of, seconds_of
from benchmarks.speed.layered import LayeredGame
from benchmarks.speed.machine import Machine
from benchmarks.speed.pictures import SIZES, made_small, photograph, picture
from benchmarks.speed.run import MANY, Asked, measured, of_stage
from benchmarks.speed.stages import Stage, stages
from benchmarks.speed.table import Measured, write
from benchmarks.speed.whole import Run
from blindsr.io.photo import read_photo
from kernelgan.config import KernelGANConfig
from srbase.errors import InputError
from srbase.imaging.gradient import gradient_magnitude
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from tests.kernelgan.reference import g_by_layers

CPU = torch.device("cpu")
SAME = 1e-5  # float32: grey levels in 0..1 through FFTs and sums of 169 products
MACHINE = Machine("a machine", CPU, threads=2, matrix=1e12, copy=1e10)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "ROUNDS", 1)
    monkeypatch.setattr(clock, "LEAST_SECONDS", 1e-3)


def test_a_product_costs_what_it_costs() -> None:
    a, b = torch.rand(30, 40), torch.rand(40, 50)
    cost = cost_of(lambda: (a @ b)[:, 2:])
    assert cost.operations == 2 * 30 * 40 * 50
    assert cost.moved == 4 * (30 * 40 + 40 * 50 + 30 * 50)  # and nothing for the view


def test_the_slower_takes_longer() -> None:
    large, small = torch.rand(600, 600), torch.rand(20, 20)
    slow, fast = seconds_of([lambda: large @ large, lambda: small @ small])
    assert slow > fast > 0


@pytest.mark.slow
def test_every_stage_and_its_slow_form_do_the_same(monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.speed.stages.SIDE", 192)
    found = {stage.name: stage for stage in stages(CPU)}
    assert any("KernelGAN" in name for name in found)
    compared = [stage.difference for stage in found.values() if stage.difference is not None]
    assert len(compared) == 2
    assert max(compared) < SAME
    for stage in found.values():
        line = of_stage(stage, MACHINE)
        assert line.seconds > 0
        assert line.moved
        assert (line.slow_seconds is not None) == (stage.slow is not None)


def test_a_stage_of_many_tells_of_each() -> None:
    a = torch.rand(64, 64)
    line = of_stage(Stage("products", lambda: [a @ a for _ in range(4)], count=4), MACHINE)
    assert line.operations == 2 * 64**3


def test_the_layered_generator_is_the_generator() -> None:
    game = LayeredGame(KernelGANConfig(channels=6), CPU)
    filters = [layer.get_parameter("weight") for layer in game.generator]
    wanted = g_by_layers(game.crop[0], filters)
    assert torch.allclose(game._shrunk(game.crop)[0], wanted, atol=SAME)
    kernel = game._kernel()
    by_kernel = torch.nn.functional.conv2d(game.crop.transpose(0, 1), kernel[None, None], stride=2)
    assert torch.allclose(by_kernel[:, 0], wanted, atol=SAME)


def test_the_layered_game_trains_both() -> None:
    game = LayeredGame(KernelGANConfig(channels=6), CPU)
    networks = [*game.generator.parameters(), *game.discriminator.parameters()]
    before = [parameter.detach().clone() for parameter in networks]
    game.make_step()
    moved = [not torch.equal(a, b) for a, b in zip(before, networks, strict=True)]
    assert sum(moved) > len(moved) // 2


@pytest.mark.parametrize(("width", "height"), [(384, 256), (1300, 700)])
def test_pictures_are_of_the_size_and_repeat_by_mirroring(width: int, height: int) -> None:
    image = picture(width, height)
    assert image.shape == (3, height, width)
    if width > 1024:
        assert torch.equal(image[:, :, 511], image[:, :, 512])
        assert torch.equal(image[:, :, 0], image[:, :, 1024])


def test_a_photograph_is_a_jpeg_of_so_many_megapixels(tmp_path) -> None:
    path = photograph(tmp_path, "0.1")
    assert path.suffix == ".jpg"
    assert read_photo(path).image.shape[:0:-1] == SIZES["0.1"]


@pytest.mark.slow
def test_a_picture_that_is_made_small_is_a_png_of_the_size(tmp_path) -> None:
    path = made_small(tmp_path, "0.1")
    assert path.suffix == ".png"
    found = read_photo(path).image
    assert found.shape[:0:-1] == SIZES["0.1"]
    blurred = downscale(picture(768, 512), SRKernel(np.ones((1, 1)), 2))
    assert gradient_magnitude(found).mean() < gradient_magnitude(blurred).mean()


def test_a_command_that_fails_is_told() -> None:
    with pytest.raises(InputError, match=r"blindsr upscale --nonsense: .*No such option"):
        whole.command(["upscale", "--nonsense"])


def test_what_is_measured_is_told_and_every_command_reads_a_file_that_is_there(monkeypatch) -> None:
    commands, told = [], []

    def command(words) -> Run:
        source = Path(words[1])
        assert source.is_file() or len(list(source.iterdir())) == MANY
        commands.append((source.suffix, words))
        return Run(seconds=8.0, memory=5.0)

    monkeypatch.setattr(whole, "command", command)
    monkeypatch.setattr(run, "stages", lambda device: [Stage("a product", lambda: torch.rand(9, 9).sum())])
    lines = list(measured(MACHINE, Asked(("0.1",), scale_4=True), told.append))
    assert [line.work for line in lines] == told
    assert told[0] == "a product"
    assert len(commands) == len(told) - 1 == 7
    assert {suffix for suffix, _ in commands} == {".jpg", ".png", ""}
    assert sum(words[words.index("-s") + 1] == "4" for _, words in commands if "-s" in words) == 2
    assert {line.seconds for line in lines[1:]} == {8.0, 8.0 / MANY}
    alone = list(measured(MACHINE, Asked((), scale_4=False, stages=False), told.append))
    assert alone == []


def test_the_machine_tells_its_rates(monkeypatch) -> None:
    monkeypatch.setattr(machine, "SIDE", {"cpu": 64})
    monkeypatch.setattr(machine, "COPIED", {"cpu": 1 << 16})
    found = machine.measure(CPU)
    assert found.matrix > 0
    assert found.copy > 0
    assert found.name
    words = found.words
    assert f"{found.threads} threads; torch {torch.__version__}" in words
    assert "GFLOP/s of float32 products" in words


@pytest.mark.slow
def test_a_command_is_timed_and_its_memory_is_its_own() -> None:
    held = bytearray(600_000_000)  # of this process, which does not count
    held[::4096] = b"x" * len(held[::4096])
    run = whole.command(["--version"])
    assert run.seconds > 0
    assert run.memory is not None
    assert 1e7 < run.memory < 3e8


def test_the_table(tmp_path) -> None:
    lines = [
        Measured(work="a", seconds=0.002, slow="b", slow_seconds=0.006, difference=2e-7, of_matrix=0.5),
        Measured(work="c", seconds=12.4, memory=2.5e9),
    ]
    paths = write(tmp_path / "m", MACHINE, "the command", lines)
    assert [path.name for path in paths] == ["m.csv", "m.md"]
    frame = pd.read_csv(paths[0])
    assert list(frame["seconds"]) == [0.002, 12.4]
    text = paths[1].read_text()
    assert "| a | 2 ms | 3.0 | b | 2e-07 | 50% |  |  |" in text
    assert "| c | 12 s |  |  |  |  |  | 2.50 GB |" in text
    assert "`the command`" in text
