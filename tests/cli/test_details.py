"""``run.json``: what a result depends on is in it, to the last number."""

import json

import pytest

from blindsr.cli.details import files
from blindsr.configuration import PRESETS, fingerprint, settings_of_preset, tree
from blindsr.io.kernel_files import write_kernel
from blindsr.version import ALGORITHM, VERSION
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel
from tests.leaves import at, leaves
from zssr.solve import SRResult


@pytest.fixture
def no_network(monkeypatch):
    """The super-resolution is interpolation: only the record matters."""

    def interpolate(image, kernels, scale, config, **_):
        return SRResult(bicubic_upscale(image, scale), ())

    monkeypatch.setattr("zssr.second_stage.super_resolve", interpolate)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("real", ["auto", "on", "off"])
def test_run_json_holds_the_whole_tree_of_settings(work, blindsr, preset, real):
    """And its fingerprint, so that two runs can be told apart or alike by one word."""
    settings = settings_of_preset(preset, real=real)
    write_kernel(work / "k.mat", SRKernel.bicubic(2))
    options = ("--preset", preset, "--real", real)
    assert (
        blindsr("upscale", "lr.png", "-k", "k.mat", "--details", "run", "--device", "cpu", *options)[0] == 0
    )
    run = json.loads((work / "run" / "run.json").read_text())
    assert run["settings"] == json.loads(json.dumps(tree(settings)))
    assert run["settings_hash"] == fingerprint(settings)
    assert (run["blindsr"], run["algorithm"]) == (VERSION, ALGORITHM)
    for path in leaves(settings):
        found = run["settings"]
        for step in path:
            found = found.get(step) if isinstance(found, dict) else found[step]  # optional ones may lack
        value = at(settings, path)
        assert found == (list(value) if isinstance(value, tuple) else value)


def test_details_of_a_run_that_trains_nothing(work, upscale):
    assert upscale("lr.png", "--details", "run", "--real", "off")[0] == 0
    run = json.loads((work / "run" / "run.json").read_text())
    assert run["kernel"]["from"] == "estimated"
    restoration = run["restoration"]
    assert (restoration["kernel_weight"], restoration["camera_weight"]) == (1, 0)
    assert restoration["jpeg"] is None
    assert run["losses"]["kernelgan"] is None
    assert run["losses"]["zssr"] == [{"scale": 2, "steps": 0, "history": {}}]


@pytest.mark.parametrize(("estimated", "scale", "kernels"), [(True, 4, 2), (False, 4, 1), (True, 2, 1)])
def test_the_files_are_told_before_they_are_written(tmp_path, estimated, scale, kernels):
    told = files(tmp_path, scale, estimated=estimated)
    assert len(told) == len(set(told)) == 1 + 3 * kernels
    assert told[0] == tmp_path / "run.json"
