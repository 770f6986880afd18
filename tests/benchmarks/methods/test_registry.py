"""Methods by name, and what each is allowed to see."""

import pytest

from benchmarks.methods import zero_shot
from benchmarks.methods.base import Given
from benchmarks.methods.registry import METHODS, method, methods
from benchmarks.settings import SETTINGS, named
from blindsr.configuration import ESTIMATORS, PRESETS, fingerprint
from srbase.errors import InputError


def test_every_method_of_the_issue_is_there():
    wanted = {"bicubic", "zssr-bicubic", "kernelgan+zssr", "spectral+zssr", "gt+zssr"}
    assert wanted | set(zero_shot.ABLATIONS) <= set(METHODS)
    for name in METHODS:
        assert method(name).name == name


def test_an_unknown_method_lists_the_known_ones():
    with pytest.raises(
        InputError, match=r"method 'edsr' is unknown; wanted one of bicubic, zssr-bicubic, .*DIR"
    ):
        methods(["bicubic", "edsr"])


def test_only_the_upper_bounds_see_true_kernels():
    bounds = {name for name in METHODS if method(name).needs_true_kernels}
    assert bounds == {"gt+zssr", "blindsr-gt", "gt+instant"}
    assert "gt" not in Given.__dataclass_fields__


def test_the_labels_of_methods():
    labels = {name: str(method(name).label(named("paper"))) for name in METHODS}
    network = fingerprint(SETTINGS["paper"].restoration)
    assert labels["bicubic"] == "paper:rcan:-:-"
    assert labels["zssr-bicubic"] == f"paper:rcan:{network}:bicubic"
    assert labels["gt+zssr"] == f"paper:rcan:{network}:true"
    assert (
        labels["kernelgan+zssr"] == f"paper:rcan:{network}:kernelgan-{fingerprint(ESTIMATORS['kernelgan'])}"
    )
    ours = PRESETS["default"]
    assert labels["blindsr"].startswith("paper:rcan:own-")
    assert labels["blindsr"].endswith(f":spectral-{fingerprint(ours.estimator)}")
    assert len({labels[name] for name in ("blindsr", "blindsr-real", "blindsr-off", "bicubic+default")}) == 4
    assert str(method("bicubic").label(named("quick", "vdsr"))) == "quick:vdsr:-:-"
    assert str(method("gt+zssr").label(named("quick"))) != labels["gt+zssr"]
