"""Settings come from above: no step of the work makes up its own where it needs them.

A ``Config()`` at the point of use is a number that no settings tree holds, so that no record would tell of
it. They are made where they are declared: as fields of other settings, in modules of settings, in presets.
"""

import ast
from collections.abc import Set
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("srbase", "blindsr", "kernelgan", "zssr")
MODULES_OF_SETTINGS = {"config.py", "configuration.py"}
SOURCES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.name not in MODULES_OF_SETTINGS
)
MADE_OF_OPTIONS = {Path("blindsr/cli/serve.py"): {"ServeConfig"}}
"""Settings that a command makes of its own options: nothing lies above a command."""


def _dataclasses(tree: ast.AST) -> set[str]:
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list)
    }


@cache
def settings_classes() -> frozenset[str]:
    """The classes whose names end in Config, and all dataclasses of the modules named config."""
    names: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            found = _dataclasses(ast.parse(path.read_text("utf-8")))
            names |= {name for name in found if path.name == "config.py" or name.endswith("Config")}
    return frozenset(names)


def made(source: str, names: Set[str]) -> list[str]:
    """``line: call`` of each call of one of the classes, but for the defaults of a class's fields and for
    named constants of the module."""
    tree = ast.parse(source)
    fields = {
        id(call)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for statement in owner.body
        if isinstance(statement, ast.AnnAssign)
        for call in ast.walk(statement)
    } | {id(call) for line in tree.body if isinstance(line, ast.AnnAssign) for call in ast.walk(line)}
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and id(node) not in fields and _name(node.func) in names
    ]


def _name(called: ast.expr) -> str:
    """The last word of what is called: ``X`` of ``X()`` and of ``config.X()``."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_settings_are_made_at_the_point_of_use(path):
    names = settings_classes() - MADE_OF_OPTIONS.get(path, set())
    assert made((ROOT / path).read_text("utf-8"), names) == []


@pytest.mark.parametrize("path", MADE_OF_OPTIONS, ids=str)
def test_what_is_allowed_is_needed(path):
    assert made((ROOT / path).read_text("utf-8"), MADE_OF_OPTIONS[path])


def test_the_classes_are_found():
    assert {
        "ConstraintConfig",
        "AntisymmetricConfig",
        "ZSSRConfig",
        "JPEGGridConfig",
        "SaturationConfig",
    } <= settings_classes()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(config=None):\n    config = config or FitConfig()", 1),
        ("def f():\n    return config.FitConfig(steps=3)", 1),
        ("def f(config=FitConfig()): pass", 1),
        ("class A:\n    fit: FitConfig = field(default_factory=FitConfig)", 0),
        ("class A:\n    fit: FitConfig = field(default=FitConfig(steps=3))", 0),
        ("class A:\n    def f(self):\n        return FitConfig()", 1),
        ("def f(config: FitConfig) -> FitConfig:\n    return replace(config, steps=3)", 0),
    ],
)
def test_the_search_itself(source, found):
    assert len(made(source, {"FitConfig"})) == found
