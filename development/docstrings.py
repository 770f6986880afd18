"""Docstrings as the API reference shows them: an extension of griffe, which mkdocs.yml names.

Sphinx's roles become links or code, and doctests become blocks of code.
"""

import re
from typing import Any, Final

import griffe

ROLE: Final = re.compile(r":(?:class|func|meth|mod|data|attr):`~?([\w.]+)`")
DOCTEST: Final = re.compile(r"(?:^>>> .*\n?(?:^(?!>>>)\S.*\n?)*)+", re.MULTILINE)


def shown(text: str) -> str:
    """The docstring in Markdown.

    >>> shown("See :func:`blindsr.api.upscale`.")
    'See `blindsr.api.upscale`.'
    """
    text = ROLE.sub(r"`\1`", text)
    return DOCTEST.sub(lambda match: f"```python\n{match.group().rstrip()}\n```\n", text)


class Markdown(griffe.Extension):
    """Rewrites every docstring that is loaded."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:  # noqa: ARG002
        """Called by griffe for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = shown(obj.docstring.value)
