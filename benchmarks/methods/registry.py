"""Methods by name."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.methods.base import Method
from benchmarks.methods.combination import COMBINATIONS, Combination
from benchmarks.methods.external import PREFIX, External
from benchmarks.methods.interpolation import Bicubic
from benchmarks.methods.zero_shot import (
    ABLATIONS,
    KERNELGAN_ZSSR,
    BicubicKernel,
    EstimatedKernel,
    TrueKernel,
)
from blindsr.errors import InputError
from kernelgan.config import ESTIMATORS


def _registry() -> dict[str, Callable[[], Method]]:
    made: dict[str, Callable[[], Method]] = {Bicubic.name: Bicubic, BicubicKernel.name: BicubicKernel}
    made[KERNELGAN_ZSSR] = partial(EstimatedKernel, KERNELGAN_ZSSR)
    for base in ESTIMATORS:
        name = f"kernelgan-{base}+zssr"
        made[name] = partial(EstimatedKernel, name, base)
    for name in COMBINATIONS:
        made[name] = partial(Combination, name)
    made[TrueKernel.name] = TrueKernel
    for name, without in ABLATIONS.items():
        made[name] = partial(EstimatedKernel, name, without=without)
    return made


METHODS = _registry()


def method(name: str) -> Method:
    """The method of a name, or of ``external:NAME=DIR``. Raises InputError with the known names."""
    if name.startswith(PREFIX):
        label, mark, folder = name.removeprefix(PREFIX).partition("=")
        if not (mark and label and folder):
            raise InputError(f"method '{name}' is incomplete; wanted {PREFIX}NAME=DIR")
        if label in METHODS:
            raise InputError(f"external name '{label}' is that of a built-in method; wanted another")
        return External(label, Path(folder))
    if name not in METHODS:
        raise InputError(
            f"method '{name}' is unknown; wanted one of {', '.join(METHODS)} or {PREFIX}NAME=DIR"
        )
    return METHODS[name]()


def methods(names: Sequence[str]) -> list[Method]:
    """The methods of these names, each once."""
    found = [method(name) for name in dict.fromkeys(names)]
    twice = {m.name for m in found if sum(m.name == other.name for other in found) > 1}
    if twice:
        raise InputError(f"method '{twice.pop()}' is named twice; wanted different names")
    return found
