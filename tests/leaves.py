"""Every number of a tree of settings, however deep, and the same tree with one of them changed."""

import dataclasses
from collections.abc import Iterator
from itertools import chain
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from srbase.errors import InputError

Path = tuple[str | int, ...]
"""Names of fields and places in tuples, from the root to a leaf."""


def is_settings(value: object) -> bool:
    """Whether it is an instance of a dataclass."""
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def leaves(settings: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all fields that hold no settings themselves; of a tuple of settings, of each."""
    if is_settings(settings):
        for field in dataclasses.fields(settings):
            yield from leaves(getattr(settings, field.name), (*path, field.name))
    elif isinstance(settings, tuple) and any(map(is_settings, settings)):
        for place, item in enumerate(settings):
            yield from leaves(item, (*path, place))
    else:
        yield path


def written(path: Path) -> str:
    """The path as one word."""
    return ".".join(map(str, path))


def changed(settings: Any, path: Path) -> Any:
    """The settings with another value at the leaf: the first of some that the classes on the way accept."""
    for value in _others(settings, path):
        try:
            return _with(settings, path, value)
        except InputError:
            continue
    raise AssertionError(f"no other value is known for {written(path)}")


def at(settings: Any, path: Path) -> Any:
    """What lies at the path."""
    for step in path:
        settings = settings[step] if isinstance(step, int) else getattr(settings, step)
    return settings


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _with(settings: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*settings[:step], _with(settings[step], rest, value), *settings[step + 1 :])
    return dataclasses.replace(settings, **{step: _with(getattr(settings, step), rest, value)})


def _others(settings: Any, path: Path) -> Iterator[Any]:
    """Other values of the leaf's type; where it may be switched on or off, that."""
    now = at(settings, path)
    allowed = get_type_hints(type(at(settings, path[:-1])))[str(path[-1])]
    for kind in _alternatives(allowed):
        if dataclasses.is_dataclass(kind):
            yield _made(kind)
        elif now is None and get_origin(kind) is tuple and dataclasses.is_dataclass(get_args(kind)[0]):
            yield (_made(get_args(kind)[0]),)
        elif get_origin(kind) is Literal:
            yield from (word for word in get_args(kind) if word != now)
        elif kind is float and now is None:
            yield 0.5
    if isinstance(now, bool):
        yield not now
    elif isinstance(now, int | float):
        yield from _numbers(now)
    elif isinstance(now, tuple):
        for place in range(len(now)):
            yield from ((*now[:place], other, *now[place + 1 :]) for other in _numbers(now[place]))
        yield from ((), now[:-1])


def _made(kind: Any) -> Any:
    """An instance with its fields' names where it has no defaults."""
    return kind(**{field.name: field.name for field in dataclasses.fields(kind) if _is_required(field)})


def _numbers(now: Any) -> Iterator[Any]:
    kind = type(now)
    yield from (kind(now + 1), kind(now - 1)) if kind is int else (now + 1e-3, now - 1e-3, now * 0.999)


def _alternatives(allowed: Any) -> Iterator[Any]:
    if get_origin(allowed) in (Union, UnionType):
        return chain.from_iterable(map(_alternatives, get_args(allowed)))
    return iter((allowed,))
