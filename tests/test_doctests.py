"""What the docstrings show is what happens."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import benchmarks
import blindsr
import kernelgan
import srbase
import zssr

MODULES = sorted(
    name
    for package in (benchmarks, blindsr, kernelgan, srbase, zssr)
    for name in (
        package.__name__,
        *(found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")),
    )
    if not name.endswith("__main__")
)
SHOWN = {"blindsr.api", "srbase.imaging.image", "blindsr.provenance"}
"""Modules whose examples a reader is sent to."""


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(import_module(name), optionflags=doctest.FAIL_FAST)
    assert result.failed == 0
    assert result.attempted or name not in SHOWN


def test_the_modules_that_show_something_are_there():
    assert set(MODULES) >= SHOWN
