"""``blindsr upscale --scheduler``: photographs on the workers of a running scheduler."""

import numpy as np
import pytest
from distributed import LocalCluster
from PIL import Image

from blindsr.cli.main import run
from tests.warm import quick_workers

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.mark.slow
def test_a_folder_on_workers_is_what_it_is_here(tmp_path, monkeypatch, photograph, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for number in (1, 2):
        Image.fromarray(np.rot90(photograph, number)).save(tmp_path / "in" / f"{number}.png")
    command = ["upscale", "in", "--preset", "instant", "--device", "cpu", "-q"]
    assert run([*command, "-o", "here"]) == 0
    with quick_workers(), LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as running:
        assert run([*command, "-o", "there", "--scheduler", running.scheduler_address]) == 0
    for name in ("1_x2.png", "2_x2.png"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_no_scheduler_is_one_line(tmp_path, monkeypatch, photograph, capsys):
    monkeypatch.setattr("blindsr.cluster.CONNECT_SECONDS", 0.2)
    Image.fromarray(photograph).save(tmp_path / "a.png")
    command = ["upscale", str(tmp_path / "a.png"), "--preset", "instant", "--scheduler", "tcp://127.0.0.1:1"]
    assert run(command) == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
