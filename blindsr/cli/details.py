"""``--details``: the kernels of a photograph, and ``run.json``, the record of how its result was made."""

import json
import math
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blindsr.cli.jobs import Job, Request
from blindsr.io import atomic
from blindsr.names import KERNELS_WRITTEN
from blindsr.summary import restoration_record
from blindsr.version import ALGORITHM, VERSION

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult
    from srbase.kernels.kernel import SRKernel

RECORD = "run.json"
LIBRARIES = ("torch", "torchvision", "numpy", "scipy", "pillow", "imageio")


def files(folder: Path, scale: int, *, estimated: bool) -> list[Path]:
    """All files that the details of a run have.

    Args:
        folder: Where they go.
        scale: The scale that is computed, 2 or 4, not the one asked for.
        estimated: Whether the kernel is estimated; then there is an x2 kernel at x4 too.

    Returns:
        Their paths.
    """
    scales = sorted({2, scale}) if estimated else [scale]
    return [folder / RECORD, *(folder / f"kernel_x{s}{ending}" for s in scales for ending in KERNELS_WRITTEN)]


def write_kernels(folder: Path, kernels: Mapping[int, "SRKernel"], *, replace: bool) -> None:
    """Write each kernel into the folder as ``kernel_x2`` (or x4), in every format that there is for kernels.

    Args:
        folder: It exists.
        kernels: By scale.
        replace: Replace files that exist.
    """
    from blindsr.io.kernel_files import write_kernel

    for scale, kernel in kernels.items():
        for ending in KERNELS_WRITTEN:
            write_kernel(folder / f"kernel_x{scale}{ending}", kernel, replace=replace)


def write_record(folder: Path, content: Mapping[str, Any], *, replace: bool) -> None:
    """Write ``run.json`` into the folder.

    Args:
        folder: It exists.
        content: From :func:`record`.
        replace: Replace a file that exists.
    """
    text = json.dumps(_plain(content), indent=2, allow_nan=False)
    atomic.write(folder / RECORD, (text + "\n").encode(), replace=replace)


def record(job: Job, request: Request, result: "UpscaleResult") -> dict[str, Any]:
    """The content of ``run.json``.

    Args:
        job: The photograph.
        request: What was asked of it.
        result: What was made.

    Returns:
        Values of JSON's types or near them; :func:`write_record` makes them plain.
    """
    _, height, width = result.source.image.shape
    from blindsr.configuration import fingerprint, tree

    gan = None if result.analysis is None else result.analysis.gan
    return {
        "blindsr": VERSION,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}},
        "platform": platform.platform(),
        "device": {"name": request.device, "description": request.device_name},
        "input": {
            "path": str(job.source),
            "sha256": result.source.sha256,
            "width": width,
            "height": height,
            "bits": result.source.bits,
        },
        "output": {
            "path": str(job.output),
            "width": result.plan.width,
            "height": result.plan.height,
            "shrunk": result.plan.resized,
        },
        "scale": result.plan.scale,
        "notes": result.notes,
        "seed": request.seed,
        "algorithm": ALGORITHM,
        "settings_hash": fingerprint(request.settings),
        "settings": tree(request.settings),
        "kernel": {
            "from": "estimated" if job.kernel_file is None else str(job.kernel_file),
            "by_scale": {scale: kernel_figures(kernel) for scale, kernel in result.kernels.items()},
        },
        "restoration": restoration_record(result.analysis),
        "seconds": {**result.seconds, "total": sum(result.seconds.values())},
        "losses": {
            "kernelgan": None if gan is None else gan.history,
            "zssr": [
                {"scale": training.scale, "steps": training.steps, "history": training.history}
                for training in result.trainings
            ],
        },
    }


def kernel_figures(kernel: "SRKernel") -> dict[str, Any]:
    """Size, centre and covariance of a kernel, in JSON's types.

    Args:
        kernel: Any.
    """
    return {
        "shape": list(kernel.shape),
        "centre_offset": kernel.centre_offset.tolist(),
        "covariance": kernel.covariance.tolist(),
    }


def _plain(value: Any) -> Any:
    """The value in JSON's types; NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@cache
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
