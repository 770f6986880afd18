"""``blindsr doctor``: versions, devices and file formats of this installation."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Final

import click

from blindsr.cli import options, progress
from blindsr.cli.session import Session, pass_session
from blindsr.version import ALGORITHM, VERSION

LIBRARIES: Final = (
    *("torch", "torchvision", "numpy", "scipy", "pillow", "tifffile", "imageio", "scikit-image"),
    *("click", "rich", "natsort", "pillow-heif", "rawpy", "imagecodecs", "astropy", "pydicom"),
)
EXTRAS: Final = {
    "heif": ("pillow_heif",),
    "raw": ("rawpy",),
    "tiff": ("imagecodecs",),
    "science": ("astropy", "pydicom"),
}
"""Optional dependencies: the extra's name and the modules that it brings."""

EXAMPLES = """\b
Examples:
  blindsr doctor
  blindsr doctor --json | jq .devices
"""


@click.command(short_help="Print versions, devices and file formats.", epilog=EXAMPLES)
@options.as_json
@options.loudness
@pass_session
def command(session: Session) -> int:
    """Print the versions of blindsr and its libraries, the devices, and the file formats that can be read and
    written here. Add it to a bug report.
    """
    with progress.loading(session):
        facts = report()
    lines = [f"blindsr {facts['blindsr']} (algorithm {facts['algorithm']}), Python {facts['python']}"]
    lines.append(facts["platform"])
    lines += [f"{name} {installed or 'is not installed'}" for name, installed in facts["libraries"].items()]
    for name, words in facts["devices"].items():
        lines.append(f"device {name}: {words}")
    lines.append(
        f"threads: {facts['threads']} of {facts['cores']} cores; bfloat16 is {facts['bfloat16']} here"
    )
    lines += [f"{verb}: {', '.join(facts[verb])}" for verb in ("reads", "writes", "cannot read")]
    session.result("\n".join(lines), **facts)
    return session.code


def report() -> dict[str, Any]:
    """What the command prints, in JSON's types."""
    import torch

    from srbase.runtime.device import describe, has_fast_bfloat16, resolve_device

    place = resolve_device("auto")
    devices = {"cpu": platform.processor() or platform.machine()}
    devices |= {
        f"cuda:{index}": torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())
    }
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple silicon"
    reads, lacks, writes = _formats()
    return {
        "blindsr": VERSION,
        "algorithm": ALGORITHM,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "devices": devices,
        "auto": f"{place} ({describe(place)})",
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count() or 1,
        "bfloat16": "fast" if has_fast_bfloat16(place) else "slow",
        "reads": reads,
        "writes": writes,
        "cannot read": lacks or ["-"],
    }


def _formats() -> tuple[list[str], list[str], list[str]]:
    """Names of the formats that can be read here, those that need something more, and the writable ones."""
    from PIL import Image

    from blindsr.io.formats import FORMATS

    Image.init()
    reads, lacks = [], []
    for kind in FORMATS:
        if kind.extra and not _installed(kind.extra):
            lacks.append(f"{kind.name} (pip install 'blindsr[{kind.extra}]')")
        elif kind.pillow and kind.name != "MPO" and kind.pillow not in Image.OPEN:
            lacks.append(f"{kind.name} (this Pillow is without it)")
        else:
            reads.append(kind.name)
    if not _installed("tiff"):
        lacks.append("compressed TIFF of 16 bits but for Deflate (pip install 'blindsr[tiff]')")
    return reads, lacks, [kind.name for kind in FORMATS if kind.writable]


def _installed(extra: str) -> bool:
    return all(find_spec(module) is not None for module in EXTRAS[extra])


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
