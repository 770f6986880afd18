"""Estimated kernels on disk: once for each image, setting and seed, shared by the methods."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.estimators import KernelFinder, find_kernels, kernel_fingerprint
from blindsr.io.atomic import written
from srbase.kernels.kernel import SRKernel
from srbase.runtime.device import synchronise

TRUE = "true"


@dataclass(frozen=True)
class KernelStore:
    """A folder ``ROOT/DATASET_xS/IMAGE/`` of kernels named by the estimator's fingerprint and the seed.

    A kernel lies there as ``.npy`` (float64, exact) with a ``.json`` that says how long it took and
    for which pixels; the json comes last, so that half an entry does not count.
    """

    root: Path
    dataset: str
    scale: int

    def path(self, image: str, key: str) -> Path:
        """The file of a kernel; ``key`` is ``true`` or from :func:`estimate_key`."""
        return self.root / f"{self.dataset}_x{self.scale}" / image / f"{key}.npy"

    def estimate(
        self, image: str, lr: torch.Tensor, config: KernelFinder, seed: int
    ) -> tuple[SRKernel, float]:
        """The x2 kernel of ``lr`` and the seconds of its making, from disk where it is there."""
        path, digest = self.path(image, estimate_key(kernel_fingerprint(config), seed)), _digest(lr)
        known = _known(path, digest)
        if known is not None:
            return known
        started = time.perf_counter()
        (kernel,) = find_kernels([lr], config, seed=seed, scale=self.scale)
        synchronise(lr.device)
        seconds = time.perf_counter() - started
        self._write(path, kernel, {"seconds": seconds, "lr_sha256": digest, "seed": seed})
        return SRKernel(kernel.array, 2), seconds  # to the last bit what the next run reads

    def estimate_many(self, images: Mapping[str, torch.Tensor], config: KernelFinder, seed: int) -> int:
        """Estimate the kernels of LR images, by name, that are not here yet, side by side; each counts its
        share of the seconds. How many were made."""
        key = estimate_key(kernel_fingerprint(config), seed)
        digests = {name: _digest(lr) for name, lr in images.items()}
        new = [name for name in images if _known(self.path(name, key), digests[name]) is None]
        if not new:
            return 0
        started = time.perf_counter()
        kernels = find_kernels([images[name] for name in new], config, seed=seed, scale=self.scale)
        synchronise(images[new[0]].device)
        shared = {"seconds": (time.perf_counter() - started) / len(new), "seed": seed, "together": len(new)}
        for name, kernel in zip(new, kernels, strict=True):
            self._write(self.path(name, key), kernel, {**shared, "lr_sha256": digests[name]})
        return len(new)

    def keep_true(self, image: str, kernel: SRKernel) -> None:
        """Lay the true kernel of this scale beside the estimates, for the galleries."""
        path = self.path(image, TRUE)
        if not path.with_suffix(".json").exists():
            self._write(path, kernel, {"scale": kernel.scale})

    def _write(self, path: Path, kernel: SRKernel, facts: dict[str, float | int | str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written(path) as temporary:
            np.save(temporary, kernel.array)
        with written(path.with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _digest(lr: torch.Tensor) -> str:
    return hashlib.sha256(lr.cpu().numpy().tobytes()).hexdigest()


def _known(path: Path, digest: str) -> tuple[SRKernel, float] | None:
    """The entry, if it is whole and of these pixels."""
    entry = read_entry(path)
    if entry is None or entry[1]["lr_sha256"] != digest:
        return None
    return SRKernel(entry[0], 2), float(entry[1]["seconds"])


def estimate_key(kernel: str, seed: int) -> str:
    """The name of an estimated x2 kernel: the fingerprint of its estimator, and the seed."""
    return f"{kernel}_seed{seed}"


def read_entry(path: Path) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], dict[str, str]] | None:
    """The array and the facts of an entry, or None where it is not whole."""
    try:
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return np.load(path), facts
    except (OSError, ValueError, EOFError):
        return None
