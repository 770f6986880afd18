"""What a run has to do: ``Job`` for one photograph, ``Request`` for all of them, ``Outcome`` of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from blindsr.configuration import Settings
    from blindsr.enlargement import Enlargement, Plan
    from blindsr.names import Layout
    from srbase.kernels.kernel import SRKernel

DONE: Final = "done"
SKIPPED: Final = "skipped"
BUSY: Final = "busy"
FAILED: Final = "failed"
"""Statuses of an outcome: made by this run; finished before; being made by another process; failed."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of ``--report``: its file, the page that lists it, and the photograph's original."""

    path: Path
    index: Path | None = None
    original: Path | None = None

    def resolved(self) -> "Page":
        """The same files as absolute paths."""
        index, original = (None if path is None else path.resolve() for path in (self.index, self.original))
        return Page(path=self.path.resolve(), index=index, original=original)


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """One photograph: what to read and what to write.

    Attributes:
        source: The photograph.
        output: The result: an image, or for ``blindsr kernel`` a kernel.
        copies: Further files of the same kernel, in other formats.
        details: Folder for the kernels and ``run.json``.
        page: The page to make.
        kernel_file: Where the given kernel was read from; None: the kernel is estimated.
        kernel: The given kernel.
        plan: The scale and the result's size, from the head of the file; None: known once it is decoded.
    """

    source: Path
    output: Path
    copies: tuple[Path, ...] = ()
    details: Path | None = None
    page: Page | None = None
    kernel_file: Path | None = None
    kernel: "SRKernel | None" = None
    plan: "Plan | None" = None

    @property
    def folders(self) -> list[Path]:
        """The folders that are written to."""
        files = [self.output, *self.copies, *([] if self.page is None else [self.page.path])]
        return [path.parent for path in files] + ([] if self.details is None else [self.details])


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of every photograph of a run.

    Attributes:
        enlargement: The size of the results.
        settings: Every number that the results depend on.
        seed: Of each photograph's random numbers.
        device: Name of the device.
        device_name: For people.
        overwrite: Replace files that exist.
        batch: The output folders have a manifest and lock files.
        layout: Of ``.mat`` files, if the results are kernels; None: they are images.
        file_format: Ending of a file that is written to standard output.
        pages: Number of the page that is used, or ``all`` pages, of each file; None: its only or first one.
    """

    enlargement: "Enlargement"
    settings: "Settings"
    seed: int
    device: str
    device_name: str
    overwrite: bool = False
    batch: bool = False
    layout: "Layout | None" = None
    file_format: str = ".png"
    pages: "int | str | None" = None

    @property
    def page(self) -> int | None:
        """The number of the page that is used; None where none was named."""
        return self.pages if isinstance(self.pages, int) else None

    @property
    def replaces(self) -> bool:
        """Whether files beside the results are replaced: in a batch those without a result are left-overs."""
        return self.overwrite or self.batch

    @property
    def makes_kernels(self) -> bool:
        """Whether the results are kernels."""
        return self.layout is not None

    def fingerprint(self, kernel: "SRKernel | None") -> str:
        """A hash of all that a result depends on besides its photograph.

        Args:
            kernel: The photograph's given kernel; None if it is estimated.
        """
        from blindsr.configuration import fingerprint

        cells = None if kernel is None else [kernel.scale, kernel.array.tolist()]
        kind = self.device.partition(":")[0]
        parts = [self.enlargement, self.settings, self.seed, kind, cells, self.layout]
        parts += [] if self.pages is None else [self.pages]
        # the filter of sizes between is no setting, and ALGORITHM would void the results of x2 and x4 too
        parts += [] if self.enlargement.factor == self.enlargement.scale else ["shrunk by Lanczos"]
        return fingerprint(parts)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the work on a photograph ended.

    Attributes:
        job: The photograph.
        status: ``DONE``, ``SKIPPED``, ``BUSY`` or ``FAILED``.
        paths: The files written.
        plan: The result's size.
        figures: Further entries for ``--json``.
        error: Of a failure, one line.
        trace: Its traceback.
        notes: Lines about the photograph.
        seconds: Wall time of each stage.
    """

    job: Job
    status: str
    paths: tuple[Path, ...] = ()
    plan: "Plan | None" = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    trace: str = ""
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    def fields(self, path: Path | None) -> dict[str, Any]:
        """The JSON object of one of its files (None: it has none)."""
        return {
            "input": str(self.job.source),
            "output": None if path is None else str(path),
            "status": self.status,
            "width": None if self.plan is None else self.plan.width,
            "height": None if self.plan is None else self.plan.height,
            "scale": None if self.plan is None else self.plan.scale,
            "seconds": dict(self.seconds),
            "notes": list(self.notes),
            "error": self.error or None,
            "report": None if self.job.page is None else str(self.job.page.path),
            **self.figures,
        }
