"""What pages say of the results of record in words, and the ablation: by the same files as the tables.

python -m development.claims [RESULTS]
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click
import pandas as pd

from benchmarks.reports.published import ABLATION
from benchmarks.reports.tables import markdown_table
from development.reached import RESULTS, gains

TRUE, GAME, OURS, OFF = "gt+zssr", "kernelgan+zssr", "blindsr", "blindsr-off"
RECURRENCE, TRUE_SRMD = "michaeli-irani+zssr", "gt+srmd"
CHECK: Final = "div2krk-check"


def claims(results: Path) -> dict[str, list[str]]:
    """By page, the words that are to stand there, line breaks aside."""
    krk = gains(results / "div2krk" / "results.csv", [TRUE, GAME, OURS, RECURRENCE, TRUE_SRMD])
    present = gains(results / "present" / "results.csv", [OURS, OFF])
    games = gains(results / "present" / "results.csv", [GAME])
    every = pd.concat([krk[GAME], games[GAME]])
    return {
        "README.md": [_ahead(krk), _blind(krk), _kept_apart(krk), _others(present)],
        "docs/kernelgan.md": [
            _game(krk),
            f"Kodak 01-12 {_two(games[GAME], 'kodak')}",
            f"CLIC {_two(games[GAME], 'clic')}",
            f"{_number(int((every <= 0).sum()))} of these {len(every)} results is under bicubic",
            ablation(results / "ablation" / "results.csv"),
        ],
        "docs/rivals.md": [
            f"on the other eight it does the same ({_mean(krk[RECURRENCE], CHECK, 2)})",
            f"gains what was published at x2 ({_mean(krk[TRUE_SRMD], CHECK, 2)} on the eight)",
        ],
    }


def ablation(path: Path) -> str:
    """Fig. C of the rebuttal: what leaving a constraint out costs, here and there, dB."""
    here = pd.read_csv(path).groupby("method")["psnr_y"].mean().to_dict()
    rows = [(row, next(m for m in row.methods if m in here)) for row in ABLATION if row.scale == 2]
    whole, ours = rows[0]
    told = [
        [row.words, f"{here[method] - here[ours]:+.2f}", f"{row.psnr - whole.psnr:+.2f}"]
        for row, method in rows[1:]
    ]
    return markdown_table(("left out", "here", "published"), told).strip()


def _ahead(krk: pd.DataFrame) -> str:
    more = {scale: (part[OURS] - part[TRUE]) for scale, part in krk.groupby(level="scale")}
    told = [f"{m.mean():.2f} dB at x{s}, better on {(m > 0).sum()} of {len(m)}" for s, m in more.items()]
    return f"by {' and by '.join(told)}"


def _blind(krk: pd.DataFrame) -> str:
    more = krk[OURS] - krk[GAME]
    two, four = (more.xs(scale, level="scale").mean() for scale in (2, 4))
    return f"better on {(more > 0).sum()} of {len(more)}, by {two:.1f} and {four:.1f} dB on average"


def _kept_apart(krk: pd.DataFrame) -> str:
    ours, game, true = (_two(krk[method], CHECK) for method in (OURS, GAME, TRUE))
    return f"{ours}, where KernelGAN + ZSSR has {game} and the true kernel with the papers' ZSSR {true}"


def _others(present: pd.DataFrame) -> str:
    ours, off = (" and ".join(_mean(present[m], d, 2) for d in ("kodak", "clic")) for m in (OURS, OFF))
    return f"gains {ours} at x2 (`--real off`: {off})"


def _game(krk: pd.DataFrame) -> str:
    two, four = (krk[GAME].xs(scale, level="scale") for scale in (2, 4))
    told = [
        f"{values.mean():+.2f}{at} (worst {values.min():+.2f})"
        for values, at in ((two, " dB at x2"), (four, " at x4"))
    ]
    return f"{' and '.join(told)}; {_two(krk[GAME], CHECK)} on the eight kept apart"


def _two(values: "pd.Series[float]", dataset: str) -> str:
    return " and ".join(_mean(values, dataset, scale) for scale in (2, 4))


def _mean(values: "pd.Series[float]", dataset: str, scale: int) -> str:
    return f"{values.groupby(level=['dataset', 'scale']).mean().to_dict()[dataset, scale]:+.2f}"


def _number(count: int) -> str:
    return str(count) if count else "None"


def stands_in(words: str, page: str) -> bool:
    """Whether the words are on the page, wherever its lines break."""
    return " ".join(words.split()) in " ".join(page.split())


@click.command(help=__doc__)
@click.argument("results", type=click.Path(exists=True, path_type=Path), default=RESULTS)
def main(results: Path) -> None:
    """The command."""
    found: Mapping[str, list[str]] = claims(results)
    for page, words in found.items():
        click.echo(f"### {page}\n")
        for one in words:
            click.echo(f"{one}\n")


if __name__ == "__main__":
    main()
