"""What a run asks of each photograph, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blindsr.cli import details as run_details
from blindsr.cli import outputs

if TYPE_CHECKING:
    from blindsr.configuration import Settings
    from blindsr.enlargement import Enlargement
    from srbase.kernels.kernel import SRKernel

DONE, SKIPPED, FAILED = "done", "skipped", "failed"


@dataclass(frozen=True)
class Request:
    """What is asked for, the same for every photograph of a run."""

    enlargement: "Enlargement"
    settings: "Settings"
    seed: int
    device: str
    device_name: str
    kernel: "SRKernel | None" = None
    kernel_file: Path | None = None
    overwrite: bool = False
    noted: bool = False  # in the manifest of each output folder

    @property
    def fingerprint(self) -> str:
        """Of all that a result depends on, besides its photograph."""
        from blindsr.configuration import fingerprint

        cells = None if self.kernel is None else [self.kernel.scale, self.kernel.array.tolist()]
        kind = self.device.partition(":")[0]
        return fingerprint([self.enlargement, self.settings, self.seed, kind, cells])

    def for_record(self, source: Path) -> run_details.Request:
        """As ``run.json`` tells it."""
        return run_details.Request(
            source, self.seed, self.device, self.device_name, self.kernel_file, self.settings
        )


@dataclass(frozen=True)
class Outcome:
    """How it ended. ``path`` is the result's, ``trace`` a failure's traceback."""

    job: outputs.Job
    status: str
    path: Path | None = None
    width: int = 0
    height: int = 0
    scale: int = 0
    error: str = ""
    trace: str = ""
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "input": str(self.job.source),
            "output": None if self.path is None else str(self.path),
            "status": self.status,
            "width": self.width or None,
            "height": self.height or None,
            "scale": self.scale or None,
            "seconds": dict(self.seconds),
            "notes": list(self.notes),
            "error": self.error or None,
            "report": None if self.job.page is None else str(self.job.page.path),
        }
