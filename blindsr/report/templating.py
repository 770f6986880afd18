"""The templates that pages are made from, and what every page holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from markupsafe import Markup

from blindsr.version import VERSION

HERE: Final = Path(__file__).parent


def render(
    template: str,
    *,
    besides: Path | None = None,
    pictures_from: str = "data:",
    connect_to: str = "'none'",
    **values: Any,
) -> str:
    """Fill a template.

    Args:
        template: its name.
        besides: a folder of further templates and assets.
        pictures_from: where pictures may come from, as a content security policy says it.
        connect_to: where scripts may send requests, likewise; nothing else may come from anywhere.
        values: of its variables; all text in them is escaped.

    Returns:
        The page as HTML.
    """
    policy = {"pictures_from": pictures_from, "connect_to": connect_to}
    return _environment(besides).get_template(template).render(version=VERSION, **policy, **values)


@cache
def _environment(besides: Path | None) -> Environment:
    loaders: list[BaseLoader] = [PackageLoader("blindsr.report")]
    folders = [HERE / "assets"]
    if besides is not None:
        loaders.insert(0, FileSystemLoader(besides))
        folders.insert(0, besides)

    def asset(name: str) -> Markup:
        """A script, a style sheet or a licence, as it is."""
        path = next(folder / name for folder in folders if (folder / name).is_file())
        return Markup(path.read_text(encoding="utf-8").strip())

    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    return environment
