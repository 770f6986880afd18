"""Training a second stage: a few steps on tiny crops."""

import csv

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from skimage import data

from blindsr.configuration import PRESETS, settings_of_preset
from development import everyday_network, train_network
from development.everyday_network import Pool
from srbase.errors import InputError
from tests.few_steps import SMALL_INSTANT


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("photographs")
    Image.fromarray(data.astronaut()[:300, 120:420]).save(made / "p1.png")
    Image.fromarray(data.coffee()[:300, 100:400]).save(made / "p2.png")
    return made


def run(folder, out, kind, steps, *more):
    arguments = [
        folder,
        "--kind",
        kind,
        "--out",
        out,
        "--steps",
        steps,
        "--every",
        2,
        "--side",
        16,
        "--batch",
        2,
    ]
    command = [str(argument) for argument in (*arguments, *more)]
    return CliRunner().invoke(train_network.main, command, catch_exceptions=False)


def logged(out):
    with (out / "log.csv").open(encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module", autouse=True)
def few_small_pictures():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(everyday_network, "FIRST", 2)
        patch.setattr(everyday_network, "PART", {2: (80, 120), 4: (60, 80)})
        patch.setitem(PRESETS, "instant", SMALL_INSTANT)
        yield


@pytest.fixture(scope="module", params=["kernel", "everyday"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory, kind):
    """The folder of a training of two steps."""
    out = tmp_path_factory.mktemp(kind)
    assert run(folder, out, kind, 2, "--layout", "smaller").stdout.strip() == str(out / "network.pth")
    return out


@pytest.mark.slow
def test_what_was_trained_is_a_network_for_the_program(trained, kind):
    restoration = settings_of_preset("instant", network=trained / "network.pth").restoration
    if kind == "kernel":
        assert restoration.network.architecture.startswith("USRNet, 4 iterations")
    else:
        (detail,) = restoration.detail
        assert restoration.network is None
        assert detail.architecture == "detail network for x2, 8 layers of 40 channels"


@pytest.mark.slow
def test_a_checkpoint_of_another_plan_is_refused(folder, trained, kind):
    with pytest.raises(InputError, match=f"is of {kind} x2"):
        run(folder, trained, "everyday" if kind == "kernel" else "kernel", 2)


@pytest.mark.slow
def test_it_goes_on(folder, trained, kind):
    before = torch.load(trained / "network.pth", weights_only=True)
    run(folder, trained, kind, 4, "--layout", "smaller")
    after = torch.load(trained / "network.pth", weights_only=True)
    assert [row["step"] for row in logged(trained)] == [2, 4]
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_one_photograph_leaves_none_to_validate_on(folder, tmp_path):
    alone = tmp_path / "one"
    alone.mkdir()
    (alone / "p1.png").write_bytes((folder / "p1.png").read_bytes())
    with pytest.raises(InputError, match="at least two, or --validate"):
        run(alone, tmp_path / "out", "everyday", 2)


def test_the_loss_is_one_that_can_be_learned(folder, kind):
    plan = train_network.Plan(kind=kind, scale=2, side=16, batch=2, rate=5e-4, layout="smaller", steps=12)
    draw = train_network.crops_of(train_network.photographs(folder, 32), plan, np.random.default_rng(0))
    pairs = [draw() for _ in range(2)]
    torch.manual_seed(0)
    network = train_network.network_of(plan)
    optimiser = torch.optim.Adam(network.parameters(), lr=plan.rate)
    losses = []
    for _ in range(plan.steps):
        loss = train_network.loss_of(network, pairs, plan.scale)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert max(losses[-3:]) < losses[0]


@pytest.mark.parametrize("scale", [2, 4])
def test_the_everyday_network_adds_nothing_at_its_beginning(scale):
    plan = train_network.Plan(kind="everyday", scale=scale, side=16, batch=2, rate=1e-3, layout="", steps=2)
    network, lr, made = train_network.network_of(plan), torch.rand(1, 3, 13, 11), torch.rand(1, 3, 13, 11)
    made = made.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    assert torch.equal(network(lr, made), made)
    assert 50_000 < sum(p.numel() for p in network.parameters()) < 200_000


@pytest.mark.parametrize("scale", [2, 4])
def test_crops_lie_on_one_grid(scale, monkeypatch):
    """The result is like the truth but for what is lost: moved by a pixel it is worse."""
    monkeypatch.setattr(everyday_network, "FIRST", 3)
    pool = Pool([data.astronaut()], scale, 32, np.random.default_rng(0))
    differences = []
    for _ in range(20):
        crop = pool.crop()
        assert crop.lr.shape == (3, 32, 32)
        assert crop.made.shape == crop.truth.shape == (3, 32 * scale, 32 * scale)
        inside = crop.truth[:, 4:-4, 4:-4]
        off = [
            float(((crop.made.roll((by, by), (1, 2))[:, 4:-4, 4:-4] - inside) ** 2).mean())
            for by in (0, 1, -1)
        ]
        differences.append(off)
    right, *moved = np.mean(differences, axis=0)
    assert right < min(moved)


def test_small_photographs_are_refused_for_crops_that_they_cannot_give():
    pool = Pool([data.astronaut()[:90, :90]], 2, 40, np.random.default_rng(0))
    with pytest.raises(InputError, match="no photograph gives pictures of 40 LR pixels"):
        pool.crop()


def test_pairs_join_the_crops(monkeypatch):
    """By their share: all of them are here."""
    monkeypatch.setattr(everyday_network, "PAIRS_SHARE", 1.0)
    black, white = torch.zeros(3, 40, 40, dtype=torch.uint8), torch.ones(3, 80, 80)
    pair = everyday_network.Picture(black, white.half(), (255 * white).to(torch.uint8))
    crop = Pool([data.astronaut()], 2, 32, np.random.default_rng(0), [pair]).crop()
    assert (float(crop.lr.max()), float(crop.truth.min())) == (0, 1)
    assert crop.lr.shape == (3, 32, 32)


def test_pairs_of_a_data_set_are_restored(tmp_path):
    lr, truth = data.astronaut()[:80, :80], data.astronaut()[:160, :160]
    for name, pixels in (("lr_x2/im_1.png", lr), ("gt/im_1.png", truth)):
        (tmp_path / name).parent.mkdir()
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / name)
    whole, stored = everyday_network.restored_pairs([tmp_path], 2)
    assert whole.lr.shape == stored.lr.shape == (3, 80, 80)
    assert whole.made.shape == whole.truth.shape == (3, 160, 160)
    assert torch.equal(whole.truth, torch.from_numpy(truth.copy()).permute(2, 0, 1))
