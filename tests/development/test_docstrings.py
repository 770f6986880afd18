"""Docstrings in Markdown."""

import pytest

pytest.importorskip("griffe")

from development.docstrings import shown


def test_roles_become_code():
    assert (
        shown("An :class:`~blindsr.SRKernel`, see :mod:`blindsr`.") == "An `blindsr.SRKernel`, see `blindsr`."
    )


def test_examples_become_a_block_and_what_follows_does_not():
    text = "Sums.\n\n>>> 1 + 1\n2\n>>> 1 + 2\n3\n\nAnd more."
    assert shown(text) == "Sums.\n\n```python\n>>> 1 + 1\n2\n>>> 1 + 2\n3\n```\n\nAnd more."
