"""The options of ``blindsr upscale`` that results depend on, and the batch that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from blindsr.cli import outputs
from blindsr.cli.planning import Found
from blindsr.cli.session import Session, usage
from blindsr.enlargement import Enlargement
from srbase.errors import InputError

if TYPE_CHECKING:
    from blindsr.cli.batch import Batch
    from blindsr.cli.request import Request
    from blindsr.configuration import Settings


@dataclass(frozen=True)
class Asked:
    """The options that a result depends on."""

    enlargement: Enlargement
    settings: "Settings"
    seed: int
    device: str
    kernel_file: Path | None
    overwrite: bool
    here: bool  # the device is this machine's


def batch_of(
    session: Session,
    asked: Asked,
    found: Found,
    planned: Sequence[outputs.Job],
    output: Path | None,
    originals: Path | None,
) -> "Batch":
    """The batch over the photographs. Raises InputError where options contradict one another."""
    from blindsr import api
    from blindsr.cli.batch import Batch
    from blindsr.cli.request import Request
    from srbase.runtime.device import describe, resolve_device

    with usage():
        place = resolve_device(asked.device) if asked.here else None
        scale = asked.enlargement.scale
        if asked.kernel_file is not None and scale is None:
            raise InputError("a kernel is for one scale; wanted -s instead of --width or --height")
    kernel = None if asked.kernel_file is None else api.read_kernel(asked.kernel_file, scale or 2)
    request = Request(
        asked.enlargement,
        asked.settings,
        asked.seed,
        str(place or asked.device),
        describe(place) if place else f"the workers' device ({asked.device})",
        kernel,
        asked.kernel_file,
        overwrite=asked.overwrite,
        noted=found.several,
    )
    folder = None
    if found.several and planned:
        folder = output or planned[0].output.parent
    elif originals is not None and planned:
        folder = planned[0].output.parent
    return Batch(session, request, _headline(asked, request), folder, originals)


def _headline(asked: Asked, request: "Request") -> str:
    from blindsr.configuration import name_of

    enlargement, restoration = asked.enlargement, asked.settings.restoration
    zssr = restoration.zssr
    size = enlargement.suffix.lstrip("_")
    estimator = f"the {name_of(asked.settings.estimator)} estimator"
    source = estimator if asked.kernel_file is None else str(asked.kernel_file)
    begins = "bicubic interpolation" if restoration.inverse is None else "the kernel's inverse"
    steps = f"at most {zssr.max_steps} steps" if zssr.max_steps else "untrained"
    network = f"ZSSR (from {begins}, {steps}{', for noise' if zssr.noise_std else ''})"
    return f"{size} on {request.device_name}, seed {asked.seed}; kernel by {source}; {network}"
