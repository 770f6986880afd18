"""The command line of the harness: parse, call, print."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks import report_commands
from benchmarks.options import DATA_SET, FINISHED, INTERRUPTED, PATH, SOME_FAILED, USAGE, limit, scales, seed
from srbase.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """0 done, 1 bad input or some image failed, 2 usage, 130 interrupted."""
    try:
        code = cli.main(arguments, prog_name="python -m benchmarks", standalone_mode=False)
        return int(code or FINISHED)
    except InputError as error:
        click.echo(f"error: {error}", err=True)
        return SOME_FAILED
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; the same command goes on from here", err=True)
        return INTERRUPTED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The tables of the papers: data sets, runs, reports."""


for _command in report_commands.commands():
    cli.add_command(_command)


@cli.command("make-dataset", short_help="Make a data set in the layout of DIV2KRK.")
@click.option("--hr", type=PATH, help="Folder of HR images, or a data set.")
@click.option("--sample", is_flag=True, help="Instead of --hr: crops of photographs of scikit-image.")
@click.option("--patterns", is_flag=True, help="Instead of --hr: regular scenes, stars, text.")
@click.option("--out", type=PATH, required=True, help="New folder.")
@scales((2, 4))
@seed
@limit
@click.option("--protocol", default="div2krk", show_default=True, help="How LR is made, see protocols.py.")
def make_dataset(
    hr: Path | None,
    sample: bool,
    patterns: bool,
    out: Path,
    scale: tuple[int, ...],
    seed: int,
    limit: int | None,
    protocol: str,
) -> int:
    """Make a data set from HR photographs, from the sample, or from patterns."""
    from benchmarks.data import make
    from benchmarks.data import patterns as scenes
    from benchmarks.data import sample as samples

    if (hr is not None) + sample + patterns != 1:
        raise click.UsageError("wanted one of --hr, --sample and --patterns")
    config = make.MakeConfig(scales=scale, seed=seed, protocol=protocol)
    if hr is not None:
        sources = make.from_folder(hr, limit)
    else:
        sources = samples.sample(limit) if sample else scenes.patterns(limit)
    for done, name in enumerate(make.make(sources, out, config), 1):
        click.echo(f"[{done}/{len(sources)}] {name}", err=True)
    click.echo(out)
    return FINISHED


@cli.command(short_help="How fast, and how much memory, on this machine.")
@click.option("--out", type=PATH, required=True, help="Folder for NAME.csv and NAME.md.")
@click.option("--name", required=True, help="Of the machine, as a file name.")
@click.option("--device", default="auto", show_default=True)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.Choice(["0.1", "0.7", "3", "12"]),
    default=["0.1", "0.7", "3", "12"],
    show_default=True,
    help="Megapixels of the photographs for whole commands; may be given more than once.",
)
@click.option("--x4/--no-x4", "scale_4", default=False, help="The largest photograph at x4 too (minutes).")
@click.option("--stages/--no-stages", default=True, help="The stages beside their slow forms.")
def speed(out: Path, name: str, device: str, sizes: tuple[str, ...], scale_4: bool, stages: bool) -> int:
    """Measure every stage beside its slow form, and whole commands by megapixel."""
    import shlex
    import sys

    from benchmarks.speed import machine as machines
    from benchmarks.speed import run, table
    from srbase.runtime.device import resolve_device

    out.mkdir(parents=True, exist_ok=True)
    machine = machines.measure(resolve_device(device))
    asked = run.Asked(sizes, scale_4, stages)
    command = f"python -m benchmarks {shlex.join(sys.argv[1:])}"
    lines = []
    for line in run.measured(machine, asked, lambda text: click.echo(text, err=True)):
        lines.append(line)
        table.write(out / name, machine, command, lines)  # what is known is not lost
    for path in table.write(out / name, machine, command, lines):
        click.echo(path)
    return FINISHED


@cli.command(short_help="Everyday pictures: what the presets gain on each kind.")
@click.option("--hr", type=PATH, help="Folder of large photographs.  [default: four of scikit-image]")
@click.option("--out", type=PATH, required=True, help="Folder for everyday.csv and everyday.md.")
@click.option("--preset", "presets", multiple=True, default=["instant"], show_default=True)
@click.option("--network", type=PATH, help="A trained network: the presets are measured with it too.")
@click.option("--rival", "rivals", multiple=True, help="dat-light or waifu2x.  [default: none]")
@scales((2,), ("1.5", "2", "3", "4"))
@limit
def everyday(
    hr: Path | None,
    out: Path,
    presets: tuple[str, ...],
    network: Path | None,
    rivals: tuple[str, ...],
    scale: tuple[float, ...],
    limit: int | None,
) -> int:
    """Make web pictures, sharpened, grainy, enlarged and drawn ones, and upscale them."""
    from benchmarks.everyday import command

    for factor in scale:
        for kind in command.make_rows(hr, out, factor, presets, limit, network=network, rivals=rivals):
            click.echo(f"x{factor:g} {kind}", err=True)
    click.echo(out / command.TABLE)
    return FINISHED


@cli.command("check-dataset", short_help="Verify pairs, kernels and alignment of a data set.")
@click.argument("data", type=PATH)
@limit
def check_dataset(data: Path, limit: int | None) -> int:
    """Check what lies in DATA; with --limit, only so many images are made again."""
    from benchmarks.data.check import check

    findings = check(data, limit)
    for finding in findings:
        click.echo(finding.text)
    return FINISHED if all(finding.good for finding in findings) else SOME_FAILED


@cli.command(short_help="Run methods on a data set; goes on where it was stopped.")
@click.argument("methods", metavar="METHOD...", nargs=-1, required=True)
@DATA_SET
@scales((2,))
@click.option("--settings", default="paper", show_default=True, help="paper, quick, default or instant.")
@click.option(
    "--protocol",
    default="rcan",
    show_default=True,
    type=click.Choice(["rcan", "vdsr"]),
    help="Of the metrics.",
)
@click.option("--runs", type=int, default=1, show_default=True, help="Run N has seed SEED + N - 1.")
@seed
@click.option("--out", type=PATH, required=True, help="Results file (CSV).")
@limit
@click.option("--device", default="auto", show_default=True)
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes side by side.")
@click.option("--threads", type=int, help="Of torch in each process.  [default: 1 with several processes]")
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler, whose workers make the rows.")
@click.option("--keep", type=PATH, help="Folder for SR images and kernels.")
@click.option("--turn-kernels", "turned", is_flag=True, help="Stored kernels are turned by 180 degrees.")
@click.option("--retry-failed", is_flag=True, help="Do failed rows again.")
def run(
    methods: tuple[str, ...],
    scale: tuple[int, ...],
    settings: str,
    protocol: Any,
    jobs: int,
    threads: int | None,
    scheduler: str | None,
    **rest: Any,
) -> int:
    """Make the missing rows of a results file: every METHOD on every image."""
    from benchmarks import run as runs
    from benchmarks.methods.registry import methods as named_methods
    from benchmarks.settings import named
    from blindsr.cluster import Cluster

    config = runs.RunConfig(
        methods=tuple(named_methods(methods)),
        scales=scale,
        settings=named(settings, protocol),
        cluster=Cluster(jobs=jobs, threads=threads, scheduler=scheduler),
        **rest,
    )
    summary = runs.run(config, _show)
    click.echo(
        f"{summary.made} rows made ({summary.failed} failed), {summary.known} known, "
        f"{_clock(summary.seconds)}; loading and scoring {summary.harness_seconds:.1f} s",
        err=True,
    )
    click.echo(config.out)
    return SOME_FAILED if summary.failed else FINISHED


def _show(state: Any) -> None:
    row = state.row
    score = f"{row.psnr_y:.2f} dB" if row.psnr_y is not None else row.status
    seconds = f"{(row.kernel_seconds or 0) + (row.sr_seconds or 0):.1f} s"
    click.echo(
        f"[{state.done}/{state.total}] {row.dataset} {row.image} x{row.scale} {row.method} "
        f"run {row.run}: {score}, {seconds}; {_clock(state.remaining_seconds)} left",
        err=True,
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
