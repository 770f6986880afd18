"""Labels: written and read again, what may stand in one table, and what tells methods apart."""

from dataclasses import replace
from itertools import combinations

import pytest

from benchmarks.label import UNUSED, Label
from benchmarks.methods.base import Method
from benchmarks.methods.registry import METHODS, method
from benchmarks.settings import SETTINGS, named
from srbase.errors import InputError
from tests.benchmarks.bench_fakes import Slow

LABEL = Label("paper", "rcan", "1f0c2a4b", origin="spectral", kernel="9be44101")


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("name", METHODS)
def test_what_is_written_is_read(settings, name):
    label = method(name).label(named(settings, "vdsr"))
    assert Label.parse(str(label)) == label
    assert (label.settings, label.protocol) == (settings, "vdsr")


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (LABEL, "paper:rcan:1f0c2a4b:spectral-9be44101"),
        (replace(LABEL, own=True), "paper:rcan:own-1f0c2a4b:spectral-9be44101"),
        (replace(LABEL, origin="bicubic", kernel=UNUSED), "paper:rcan:1f0c2a4b:bicubic"),
        (
            replace(LABEL, origin="paper-without-sum_to_1"),
            "paper:rcan:1f0c2a4b:paper-without-sum_to_1-9be44101",
        ),
        (Label("quick", "vdsr"), "quick:vdsr:-:-"),
    ],
)
def test_the_text_of_a_label(label, text):
    assert str(label) == text
    assert Label.parse(text) == label


@pytest.mark.parametrize("text", ["", "paper", "paper:rcan:-", "paper:rcan:-:-:-", "paper::-:-", ":rcan:-:-"])
def test_other_texts_are_refused(text):
    with pytest.raises(InputError, match="wanted SETTINGS:PROTOCOL:NETWORK:KERNEL"):
        Label.parse(text)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (LABEL, None),
        (replace(LABEL, settings="quick"), "settings"),
        (replace(LABEL, protocol="vdsr"), "protocols"),
        (replace(LABEL, network="00000000"), "ZSSR settings"),
        (replace(LABEL, network="00000000", own=True), None),  # its own is nobody else's concern
        (replace(LABEL, network=UNUSED), None),
        (replace(LABEL, origin="true", kernel=UNUSED), None),
        (replace(LABEL, kernel="00000000"), None),
    ],
)
def test_what_may_not_stand_in_one_table(other, what):
    assert LABEL.conflict(other) == other.conflict(LABEL) == what


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_methods_of_one_run_may_stand_in_one_table(settings):
    labels = [method(name).label(named(settings)) for name in METHODS]
    assert not any(one.conflict(other) for one, other in combinations(labels, 2))


@pytest.mark.parametrize("settings", ["paper", "default", "instant"])
def test_methods_with_another_network_or_kernel_have_another_label(settings):
    """With the same network too, where only the kernel comes from somewhere else."""
    labels = {name: str(method(name).label(named(settings))) for name in METHODS}
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize(
    ("names", "origins"),
    [
        (("zssr-bicubic", "kernelgan+zssr", "spectral+zssr", "gt+zssr"), 4),
        (("bicubic+default", "kernelgan+default", "spectral+default", "blindsr-gt"), 4),
        (("bicubic+instant", "kernelgan+instant", "spectral+instant", "gt+instant"), 4),
    ],
)
def test_one_network_under_several_kernels(names, origins):
    labels = [method(name).label(named("paper")) for name in names]
    assert len({(label.network, label.own) for label in labels}) == 1
    assert len({label.origin for label in labels}) == origins
    assert len(set(map(str, labels))) == len(names)


def test_a_method_of_nothing_has_a_label_of_nothing():
    assert isinstance(Slow(), Method)
    assert str(Slow().label(named("quick"))) == "quick:rcan:-:-"
