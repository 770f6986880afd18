"""The size of the code and the shape of its imports.

python -m development.structure [--root CHECKOUT]

Prints, for the installed packages: modules, lines, lines of code (without blank lines, comments and
docstrings), circles of imports, and the modules that are loaded while one small photograph is upscaled.
"""

import ast
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import grimp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

PACKAGES: Final = ("srbase", "kernelgan", "zssr", "blindsr")
RUN: Final = """
import sys, numpy as np, blindsr
blindsr.upscale(np.random.default_rng(0).integers(0, 256, (64, 72, 3), dtype=np.uint8),
                settings=blindsr.settings(zssr_steps=2), device="cpu")
print(sum(m.partition(".")[0] in {"srbase", "kernelgan", "zssr", "blindsr"} for m in sys.modules))
"""


def modules(root: Path) -> Iterator[Path]:
    """The Python files of the packages that are there."""
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


def lines_of_code(path: Path) -> int:
    """Lines that hold code: no blank line, comment or docstring.

    Args:
        path: a Python file.

    Returns:
        Their number.
    """
    with path.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    kinds = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    kinds |= {tokenize.ENCODING, tokenize.ENDMARKER}
    held = {line for t in tokens if t.type not in kinds for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(path.read_bytes())):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            held -= set(range(value.lineno, (value.end_lineno or value.lineno) + 1))
    return len(held)


def circles() -> list[list[str]]:
    """Groups of modules that import one another, imports for types left out; of the checkout that is run."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True)
    names = sorted(graph.modules)
    place = {name: number for number, name in enumerate(names)}
    edges = [(place[a], place[b]) for a in names for b in graph.find_modules_directly_imported_by(a)]
    rows, columns = zip(*edges, strict=True)
    matrix = csr_array(([1] * len(edges), (rows, columns)), shape=(len(names), len(names)))
    count, labels = connected_components(matrix, directed=True, connection="strong")
    groups: list[list[str]] = [[] for _ in range(count)]
    for name, label in zip(names, labels, strict=True):
        groups[label].append(name)
    return [group for group in groups if len(group) > 1]


@click.command(help=__doc__)
@click.option("--root", type=click.Path(exists=True, path_type=Path), default=Path(), help="A checkout.")
def main(root: Path) -> None:
    """The command."""
    total = [0, 0, 0]
    for package in PACKAGES:
        files = [path for path in modules(root) if path.relative_to(root).parts[0] == package]
        if not files:
            continue
        figures = [len(files), sum(len(p.read_text().splitlines()) for p in files)]
        figures.append(sum(map(lines_of_code, files)))
        total = [a + b for a, b in zip(total, figures, strict=True)]
        click.echo(f"{package}: {figures[0]} modules, {figures[1]} lines, {figures[2]} of code")
    click.echo(f"together: {total[0]} modules, {total[1]} lines, {total[2]} of code")
    found = subprocess.run(
        [sys.executable, "-c", RUN], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()
    click.echo(f"modules loaded to upscale a photograph: {found}")
    if root.resolve() == Path().resolve():
        for group in circles():
            click.echo(f"circle: {', '.join(group)}")
        click.echo(f"circles of imports: {len(circles())}")


if __name__ == "__main__":
    main()
