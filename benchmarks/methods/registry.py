"""Methods by name."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.estimators import MICHAELI_IRANI
from benchmarks.methods.base import Method
from benchmarks.methods.combination import COMBINATIONS, Combination
from benchmarks.methods.external import PREFIX, External
from benchmarks.methods.interpolation import Bicubic
from benchmarks.methods.pretrained import WEIGHTS, Pretrained
from benchmarks.methods.program import PROGRAMS, Program
from benchmarks.methods.srmd import SRMD_KERNELS, WithSRMD
from benchmarks.methods.usrnet import PROGRAM, USRNET_KERNELS, ProgramWithUSRNet, WithUSRNet
from benchmarks.methods.zero_shot import (
    ABLATIONS,
    MICHAELI_IRANI_ZSSR,
    BicubicKernel,
    EstimatedKernel,
    TrueKernel,
)
from benchmarks.rivals.pretrained import DAT_LIGHT, PLUS
from blindsr.configuration import ESTIMATORS
from srbase.errors import InputError


def _registry() -> dict[str, Callable[[], Method]]:
    made: dict[str, Callable[[], Method]] = {Bicubic.name: Bicubic, BicubicKernel.name: BicubicKernel}
    for base in ESTIMATORS:
        name = f"{base}+zssr"
        made[name] = partial(EstimatedKernel, name, base)
    made[MICHAELI_IRANI_ZSSR] = partial(EstimatedKernel, MICHAELI_IRANI_ZSSR, MICHAELI_IRANI)
    for name in COMBINATIONS:
        made[name] = partial(Combination, name)
    for name in PROGRAMS:
        made[name] = partial(Program, name)
    made[TrueKernel.name] = TrueKernel
    for name, without in ABLATIONS.items():
        made[name] = partial(EstimatedKernel, name, without=without)
    for name in (DAT_LIGHT, DAT_LIGHT + PLUS):
        made[name] = partial(Pretrained, name)
    return made


METHODS = _registry()
WITH_FILES = (
    *(f"{name}=FILE" for name in (*SRMD_KERNELS, *USRNET_KERNELS, PROGRAM)),
    f"{WEIGHTS}NAME=FILE",
    f"{PREFIX}NAME=DIR",
)


def method(name: str) -> Method:
    """The method of a name, some of them with a file or a folder after ``=``.

    Raises InputError with the known names.
    """
    for prefix in (PREFIX, WEIGHTS):
        if name.startswith(prefix):
            return _of_files(prefix, name.removeprefix(prefix))
    plain, _, file = name.partition("=")
    if plain in SRMD_KERNELS:
        if not file:
            raise InputError(
                f"method '{name}' is incomplete; wanted {plain}=FILE, SRMD's projection of kernels"
            )
        return WithSRMD(plain, Path(file))
    if plain in (*USRNET_KERNELS, PROGRAM):
        if not file:
            raise InputError(f"method '{name}' is incomplete; wanted {plain}=FILE, the weights of a USRNet")
        return ProgramWithUSRNet(Path(file)) if plain == PROGRAM else WithUSRNet(plain, Path(file))
    if name not in METHODS:
        raise InputError(f"method '{name}' is unknown; wanted one of {', '.join((*METHODS, *WITH_FILES))}")
    return METHODS[name]()


def _of_files(prefix: str, rest: str) -> Method:
    label, mark, place = rest.partition("=")
    if not (mark and label and place):
        wanted = next(name for name in WITH_FILES if name.startswith(prefix))
        raise InputError(f"method '{prefix}{rest}' is incomplete; wanted {wanted}")
    if label in (*METHODS, *SRMD_KERNELS, *USRNET_KERNELS, PROGRAM):
        kind = prefix.removesuffix(":")
        raise InputError(f"{kind} name '{label}' is that of a built-in method; wanted another")
    return External(label, Path(place)) if prefix == PREFIX else Pretrained(label, place)


def methods(names: Sequence[str]) -> list[Method]:
    """The methods of these names, each once."""
    found = [method(name) for name in dict.fromkeys(names)]
    twice = {m.name for m in found if sum(m.name == other.name for other in found) > 1}
    if twice:
        raise InputError(f"method '{twice.pop()}' is named twice; wanted different names")
    return found
