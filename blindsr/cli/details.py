"""``--details``: the kernels of a run, and a JSON that explains it."""

import json
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blindsr.cli.words import belief_as_record
from blindsr.io import atomic
from blindsr.version import ALGORITHM, VERSION

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from blindsr.configuration import Settings
    from srbase.kernels.kernel import SRKernel

RECORD = "run.json"
KERNEL_ENDINGS = (".mat", ".npy", ".png")
LIBRARIES = ("torch", "torchvision", "numpy", "scipy", "pillow", "imageio")


@dataclass(frozen=True)
class Request:
    """What was asked for: everything that the result depends on."""

    source: Path
    seed: int
    device: str
    device_name: str
    kernel: Path | None
    settings: "Settings"


def files(folder: Path, scale: int, *, estimated: bool) -> list[Path]:
    """Every file that the details of a run at this scale consist of."""
    scales = sorted({2, scale}) if estimated else [scale]
    return [folder / RECORD, *(folder / f"kernel_x{s}{ending}" for s in scales for ending in KERNEL_ENDINGS)]


def write_kernels(folder: Path, kernels: Mapping[int, "SRKernel"], *, replace: bool) -> None:
    """Write each kernel as ``kernel_x2.mat``, ``.npy`` and ``.png`` into the folder."""
    from blindsr.io.kernel_files import write_kernel

    for scale, kernel in kernels.items():
        for ending in KERNEL_ENDINGS:
            write_kernel(folder / f"kernel_x{scale}{ending}", kernel, replace=replace)


def write_record(
    folder: Path, request: Request, result: "UpscaleResult", output: Path, *, replace: bool
) -> None:
    """Write ``run.json`` into the folder."""
    text = json.dumps(_plain(record(request, result, output)), indent=2, allow_nan=False)
    atomic.write(folder / RECORD, (text + "\n").encode(), replace=replace)


def record(request: Request, result: "UpscaleResult", output: Path) -> dict[str, Any]:
    """The content of ``run.json``."""
    from blindsr.configuration import fingerprint, tree  # which loads torch, and --help needs none

    _, height, width = result.source.image.shape
    gan = None if result.analysis is None else result.analysis.gan
    return {
        "blindsr": VERSION,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}},
        "platform": platform.platform(),
        "device": {"name": request.device, "description": request.device_name},
        "input": {
            "path": str(request.source),
            "sha256": result.source.sha256,
            "width": width,
            "height": height,
            "bits": result.source.bits,
        },
        "output": {
            "path": str(output),
            "width": result.plan.width,
            "height": result.plan.height,
            "shrunk_bicubically": result.plan.resized,
        },
        "scale": result.plan.scale,
        "notes": result.notes,
        "seed": request.seed,
        "algorithm": ALGORITHM,
        "settings_hash": fingerprint(request.settings),
        "settings": tree(request.settings),
        "kernel": _kernel(request, result),
        "belief": belief_as_record(result.analysis),
        "seconds": {**result.seconds, "total": sum(result.seconds.values())},
        "losses": {
            "kernelgan": None if gan is None else gan.history,
            "zssr": [
                {"scale": training.scale, "steps": training.steps, "history": training.history}
                for training in result.trainings
            ],
        },
    }


def _kernel(request: Request, result: "UpscaleResult") -> dict[str, Any]:
    return {
        "from": "estimated" if request.kernel is None else str(request.kernel),
        "by_scale": {
            scale: {
                "shape": kernel.shape,
                "centre_offset": kernel.centre_offset.tolist(),
                "covariance": kernel.covariance.tolist(),
            }
            for scale, kernel in result.kernels.items()
        },
    }


def _plain(value: Any) -> Any:
    """The value in JSON's types; a number that is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
