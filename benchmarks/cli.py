"""The command line of the harness: parse, call, print."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from blindsr.errors import InputError

REPORTS = {
    "table1": "methods by scale: mean and deviation over runs, published values beside ours",
    "wins": "the share of images on which ours has the higher PSNR, baseline by baseline (Fig. B)",
    "ablation": "each constraint switched off in turn (Fig. C)",
    "bicubic": "LR made by bicubic shrinking: estimated against true kernel (Fig. A)",
    "kernels": "true and estimated kernels side by side, with what they gain",
    "zssr": "ZSSR alone with the bicubic kernel, beside its published row",
    "accuracy": "ways to the kernel by ways to the image, the true kernel among the former",
    "robustness": "gains by kernel family, noise and JPEG quality: all data sets in one table",
}
FINISHED, SOME_FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """0 done, 1 bad input or some image failed, 2 usage, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        return code
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return SOME_FAILED
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    make = commands.add_parser("make-dataset", help="make a data set in the layout of DIV2KRK")
    source = make.add_mutually_exclusive_group(required=True)
    source.add_argument("--hr", type=Path, help="folder of HR images, or a data set")
    source.add_argument("--sample", action="store_true", help="crops of photographs of scikit-image")
    make.add_argument("--out", type=Path, required=True, help="new folder")
    make.add_argument("--scale", type=int, nargs="+", default=[2, 4], choices=[2, 4])
    make.add_argument("--seed", type=int, default=0)
    make.add_argument("--limit", type=int, help="only the first so many images")
    make.add_argument("--protocol", default="div2krk", help="div2krk, bicubic, disc, ... (see protocols.py)")
    make.set_defaults(command=_make_dataset)

    check = commands.add_parser("check-dataset", help="verify pairs, kernels and alignment of a data set")
    check.add_argument("data", type=Path)
    check.add_argument("--limit", type=int, help="regenerate only the first so many images")
    check.set_defaults(command=_check_dataset)

    run = commands.add_parser("run", help="run methods on a data set; goes on where it was stopped")
    run.add_argument("--data", type=Path, required=True)
    run.add_argument("--scale", type=int, nargs="+", default=[2], choices=[2, 4])
    run.add_argument("--methods", nargs="+", required=True, help="names, or external:NAME=DIR")
    run.add_argument("--settings", default="paper", help="paper (default) or quick")
    run.add_argument("--protocol", default="rcan", choices=["rcan", "vdsr"], help="of the metrics")
    run.add_argument("--runs", type=int, default=1, help="independent runs; run N has seed SEED + N - 1")
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--out", type=Path, required=True, help="results file (CSV)")
    run.add_argument("--limit", type=int, help="only the first so many images")
    run.add_argument("--device", default="auto")
    run.add_argument("--jobs", type=int, default=1, help="processes side by side")
    run.add_argument("--threads", type=int, help="threads of torch in each (default: 1 with several jobs)")
    run.add_argument("--keep", type=Path, help="folder for SR images and kernels")
    run.add_argument("--turn-kernels", action="store_true", help="stored kernels are turned by 180 degrees")
    run.add_argument("--retry-failed", action="store_true", help="do failed rows again")
    run.set_defaults(command=_run)

    for name, text in REPORTS.items():
        report = commands.add_parser(name, help=text, description=text)
        report.add_argument("--results", type=Path, required=True, help="results file of 'run'")
        report.add_argument("--out", type=Path, required=True, help="folder for CSV, Markdown and PNG")
        report.add_argument("--dataset", help="only this data set (default: each in turn)")
        report.set_defaults(command=_report, report=name)

    crops = commands.add_parser("crops", help="the same part of an image by every method, side by side")
    crops.add_argument("--data", type=Path, required=True)
    crops.add_argument("--kept", type=Path, required=True, help="folder that 'run --keep' filled")
    crops.add_argument("--methods", nargs="+", required=True)
    crops.add_argument("--scale", type=int, default=2, choices=[2, 4])
    crops.add_argument("--limit", type=int, help="only the first so many images")
    crops.add_argument("--out", type=Path, required=True, help="folder for the picture")
    crops.set_defaults(command=_crops)
    return parser


def _make_dataset(options: argparse.Namespace) -> int:
    from benchmarks.data.make import MakeConfig, from_folder, make
    from benchmarks.data.sample import sample

    config = MakeConfig(scales=tuple(options.scale), seed=options.seed, protocol=options.protocol)
    sources = sample(options.limit) if options.sample else from_folder(options.hr, options.limit)
    for done, name in enumerate(make(sources, options.out, config), 1):
        print(f"[{done}/{len(sources)}] {name}", file=sys.stderr)
    print(options.out)
    return FINISHED


def _check_dataset(options: argparse.Namespace) -> int:
    from benchmarks.data.check import check

    findings = check(options.data, options.limit)
    for finding in findings:
        print(finding.text)
    return FINISHED if all(finding.good for finding in findings) else SOME_FAILED


def _run(options: argparse.Namespace) -> int:
    from benchmarks.methods.registry import methods
    from benchmarks.run import RunConfig, State, run
    from benchmarks.settings import named

    def show(state: State) -> None:
        row = state.row
        score = f"{row.psnr_y:.2f} dB" if row.psnr_y is not None else row.status
        seconds = f"{(row.kernel_seconds or 0) + (row.sr_seconds or 0):.1f} s"
        print(
            f"[{state.done}/{state.total}] {row.dataset} {row.image} x{row.scale} {row.method} "
            f"run {row.run}: {score}, {seconds}; {_clock(state.remaining_seconds)} left",
            file=sys.stderr,
            flush=True,
        )

    config = RunConfig(
        data=options.data,
        out=options.out,
        scales=tuple(options.scale),
        methods=tuple(methods(options.methods)),
        settings=named(options.settings, options.protocol),
        runs=options.runs,
        seed=options.seed,
        limit=options.limit,
        device=options.device,
        jobs=options.jobs,
        threads=options.threads,
        keep=options.keep,
        turned=options.turn_kernels,
        retry_failed=options.retry_failed,
    )
    summary = run(config, show)
    print(
        f"{summary.made} rows made ({summary.failed} failed), {summary.known} known, "
        f"{_clock(summary.seconds)}; loading and scoring {summary.harness_seconds:.1f} s",
        file=sys.stderr,
    )
    print(options.out)
    return SOME_FAILED if summary.failed else FINISHED


def _report(options: argparse.Namespace) -> int:
    from benchmarks.reports.results import chosen

    module: Any = import_module(f"benchmarks.reports.{options.report}")
    options.out.mkdir(parents=True, exist_ok=True)
    found = chosen(options.results, options.dataset)
    if hasattr(module, "write_all"):  # a table that spans data sets
        paths = module.write_all(found, options.out)
    else:
        paths = [path for rows in found for path in module.write(rows, options.out)]
    for path in paths:
        print(path)
    return FINISHED


def _crops(options: argparse.Namespace) -> int:
    from benchmarks.reports.crops import write

    options.out.mkdir(parents=True, exist_ok=True)
    print(write(options.data, options.kept, options.methods, options.scale, options.out, options.limit))
    return FINISHED


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
