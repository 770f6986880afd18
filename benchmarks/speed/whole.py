"""The whole program: commands in processes of their own, and kernels and images on a graphics card."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from benchmarks.speed.pictures import SIZES, photograph, picture
from blindsr.configuration import PRESETS
from blindsr.estimation import analyse
from blindsr.pipeline import upscale
from srbase.errors import InputError
from srbase.runtime.device import synchronise

AT_ONCE: Final = 100  # kernels

WATCH: Final = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Runs a command from a small process: from a large one it would inherit the mark of what that held."""


@dataclass(frozen=True)
class Run:
    """Wall seconds, and the most memory that a process of it (or, on a graphics card, the card) held at once,
    bytes; None where it is not known."""

    seconds: float
    memory: float | None


def command(arguments: Sequence[str]) -> Run:
    """``blindsr ARGUMENTS`` in a process of its own. Raises InputError where it fails."""
    started = time.perf_counter()
    words = [sys.executable, "-c", WATCH, sys.executable, "-m", "blindsr", *arguments]
    ended = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    if ended.returncode:
        reason = (ended.stderr.strip() or "failed").splitlines()[-1]
        raise InputError(f"blindsr {' '.join(arguments)}: {reason}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(time.perf_counter() - started, int(ended.stdout) * unit)


def upscaled(source: Path, preset: str, scale: int, device: str) -> Run:
    """The command on a photograph."""
    result = source.with_name("result.png")
    options = ["-s", str(scale), "--preset", preset, "--device", device, "--overwrite", "-q"]
    try:
        return command(["upscale", str(source), "-o", str(result), *options])
    finally:
        result.unlink(missing_ok=True)


def folder_of(folder: Path, count: int, preset: str, device: str, jobs: int) -> Run:
    """The command on a folder of small photographs."""
    many = folder / "many"
    many.mkdir(exist_ok=True)
    source = photograph(folder, "0.1").read_bytes()
    for number in range(count):
        (many / f"{number}.jpg").write_bytes(source)
    options = ["--preset", preset, "--device", device, "--overwrite", "-q", "--jobs", str(jobs)]
    return command(["upscale", str(many), "-o", str(folder / "results"), *options])


def in_process(megapixels: str, preset: str, device: torch.device) -> Run:
    """Blind x2 once the device is warm, without files: what the work alone takes."""
    image = picture(*SIZES[megapixels])
    upscale(picture(96, 96), settings=PRESETS[preset], device=str(device))  # libraries load
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    started = time.perf_counter()
    upscale(image, settings=PRESETS[preset], device=str(device))
    synchronise(device)
    seconds = time.perf_counter() - started
    held = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return Run(seconds, held)


def kernels(count: int, device: torch.device) -> Run:
    """The paper's KernelGAN on so many images at once."""
    images = [picture(384, 256).roll(7 * n, 2).to(device) for n in range(count)]
    synchronise(device)
    started = time.perf_counter()
    analyse(images, settings=PRESETS["paper"], device=str(device))
    synchronise(device)
    held = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return Run(time.perf_counter() - started, held)
