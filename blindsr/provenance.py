"""What a result depends on: a tree of settings, in plain values and as a hash.

Settings are frozen dataclasses whose fields are numbers, strings, tuples, None or settings again. Nothing is
left out, so that a change of any number, however deep, changes the hash.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from blindsr.version import ALGORITHM

KIND: Final = "kind"
"""Under this name each branch of the tree says which type of settings it is."""
DIGITS: Final = 8
"""Hexadecimal digits of a fingerprint: two different settings share one in four billion."""


def tree(settings: Any) -> Any:
    """The settings as JSON's types: each dataclass a mapping that begins with its ``kind``.

    >>> from blindsr.restoration.config import LinearConfig
    >>> tree(LinearConfig(radii=(4,)))["kind"], tree(LinearConfig(radii=(4,)))["radii"]
    ('LinearConfig', [4])
    """
    if dataclasses.is_dataclass(settings) and not isinstance(settings, type):
        fields = {field.name: tree(getattr(settings, field.name)) for field in dataclasses.fields(settings)}
        return {KIND: type(settings).__name__, **fields}
    if isinstance(settings, Mapping):
        return {str(name): tree(value) for name, value in settings.items()}
    if isinstance(settings, list | tuple):
        return [tree(item) for item in settings]
    if settings is None or isinstance(settings, bool | int | float | str):
        return settings
    raise TypeError(f"settings hold a {type(settings).__name__}; a record knows no such value")


def fingerprint(settings: Any) -> str:
    """The first digits of the SHA-256 of the whole tree and of :data:`blindsr.version.ALGORITHM`."""
    text = json.dumps({"algorithm": ALGORITHM, "settings": tree(settings)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
