"""The public Python API: photographs as NumPy arrays or files, kernels as arrays or files.

:mod:`blindsr.io.convert` says what an image and a kernel may be. Arrays come back with the data type that
went in. What cannot be used raises :class:`blindsr.InputError` before any training starts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blindsr import pipeline
from blindsr.configuration import Settings as Settings
from blindsr.configuration import settings_for
from blindsr.degradation import degraded
from blindsr.enlargement import Enlargement
from blindsr.io import kernel_files
from blindsr.io.convert import Image, Kernel, Pixels, array_like, kernel_of, photo_of, require_folder
from blindsr.io.kernel_layouts import Layout
from blindsr.io.photo import write_photo
from blindsr.pipeline import Found as Found
from blindsr.pipeline import OnKernels
from blindsr.result import UpscaleResult as UpscaleResult
from blindsr.result import brought_to_size, require_room, writable
from srbase.errors import InputError as InputError
from srbase.imaging import metrics
from srbase.imaging.metrics import Protocol
from srbase.imaging.metrics import Scores as Scores
from srbase.imaging.resample import crop_to_multiple
from srbase.kernels.kernel import SCALES
from srbase.kernels.kernel import SRKernel as SRKernel
from srbase.kernels.random_kernels import random_kernel as draw_kernel
from srbase.progress import OnProgress, silent
from srbase.progress import Progress as Progress
from srbase.runtime.torch_state import initial_torch_state


@initial_torch_state()
def upscale(
    image: Image,
    scale: float = 2,
    *,
    width: int | None = None,
    height: int | None = None,
    kernel: Kernel | None = None,
    known: Found | None = None,
    output: str | os.PathLike[str] | None = None,
    seed: int = 0,
    device: str = "auto",
    settings: Settings | None = None,
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> UpscaleResult:
    """Super-resolve one photograph, blindly or with a kernel that is known.

    image: a path, a decoded photograph or an array. scale: 2, 4 or a number from 1.5 to 4; or the result's
    ``width`` or ``height`` in pixels, or both for a box that it fits into. Between x2 and x4 the next larger
    is computed, then shrunk as MATLAB's imresize does. kernel: for the scale that is computed (an
    :class:`SRKernel` of x2 is also taken at x4); None estimates it. known: what :func:`find_kernels` found in
    the image with this seed and settings. output: a file to write or replace, its format by its ending; of
    floats with 16 bits. device: auto, cpu, cuda, cuda:N or mps. The same seed on a CPU gives the same bytes.

    >>> import blindsr, numpy as np
    >>> small = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    >>> quick = blindsr.settings(kernelgan_steps=2, zssr_steps=2)
    >>> result = blindsr.upscale(small, scale=2, settings=quick, device="cpu")
    >>> result.image.shape, result.image.dtype.name, result.kernels[2].shape
    ((128, 160, 3), 'uint8', (13, 13))
    """
    target, source = writable(output), photo_of(image)
    plan = Enlargement(factor=scale, width=width, height=height).plan(*source.image.shape[:0:-1])
    require_room(target, source, plan)
    run = pipeline.upscale(
        source.image,
        plan.scale,
        kernel=kernel_of(kernel, plan.scale),
        known=known,
        told=source.told,
        settings=settings,
        seed=seed,
        device=device,
        on_progress=on_progress,
        on_kernels=on_kernels,
    )
    photo = brought_to_size(source, run.image, plan, settings or Settings())
    notes = source.notes + (write_photo(target, photo) if target is not None else ())
    parts = (target, source, photo, run.estimate, run.stored, run.trainings, plan, notes)
    return UpscaleResult(run.kernels, run.seconds, *parts, given=image, together=run.together)


@initial_torch_state()
def estimate_kernel(
    image: Image,
    scale: int = 2,
    *,
    output: str | os.PathLike[str] | None = None,
    seed: int = 0,
    device: str = "auto",
    settings: Settings | None = None,
    on_progress: OnProgress = silent,
) -> SRKernel:
    """The downscaling kernel that made this photograph: 13x13 for x2, 25x25 for x4.

    output: a ``.mat``, ``.npy`` or ``.png`` file to write. The same seed gives the kernel that
    :func:`upscale` would use.
    """
    if output is not None:
        kernel_files.check_kernel_name(Path(output))
        require_folder(Path(output))
    (known,) = find_kernels(
        [image], scale, settings=settings, on_progress=on_progress, seed=seed, device=device
    )
    kernel = known.kernel(scale)
    if output is not None:
        kernel_files.write_kernel(Path(output), kernel)
    return kernel


@initial_torch_state()
def find_kernels(
    images: Sequence[Image],
    scale: int = 2,
    *,
    seed: int = 0,
    device: str = "auto",
    settings: Settings | None = None,
    on_progress: OnProgress = silent,
) -> list[Found]:
    """What :func:`upscale` takes as ``known``, of several photographs, whose kernels are estimated together.

    On a graphics card many take little longer than one; a CPU gains nothing. scale: the one to be computed, 2
    or 4. All photographs are in memory at once; the first that cannot be used raises. ``found.kernel(scale)``
    is the kernel that :func:`estimate_kernel` gives with the same seed, to rounding.
    """
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    photos = [photo_of(image) for image in images]
    return pipeline.found(
        [photo.image for photo in photos],
        scale,
        told=[photo.told for photo in photos],
        settings=settings,
        seed=seed,
        device=device,
        on_progress=on_progress,
    )


@initial_torch_state()
def degrade(
    image: Image,
    scale: int = 2,
    *,
    kernel: Kernel | None = None,
    output: str | os.PathLike[str] | None = None,
) -> Pixels:
    """Make a low-resolution image: by a kernel, or bicubically (as MATLAB's imresize) without one.

    The image is cropped to a multiple of the scale first, at the bottom and right.
    """
    result = degraded(photo_of(image), scale, kernel=kernel)
    if output is not None:
        write_photo(Path(output), result)
    return array_like(result, image)


@initial_torch_state()
def score(sr: Image, gt: Image, scale: int, *, protocol: Protocol = "rcan") -> Scores:
    """PSNR and SSIM of an SR image against the original, by the protocol of
    :mod:`srbase.imaging.metrics`; alpha is left out.

    An original whose sides are no multiples of the scale is cropped to them. Other sizes raise InputError.
    """
    ours, truth = photo_of(sr).image, photo_of(gt).image
    if ours.shape != truth.shape and min(truth.shape[1:]) >= scale:
        cropped = crop_to_multiple(truth, scale)
        truth = cropped if cropped.shape == ours.shape else truth
    return metrics.score(ours, truth, scale, protocol=protocol)


def read_kernel(path: str | os.PathLike[str], scale: int) -> SRKernel:
    """Read a kernel file (``.mat``, ``.npy``, ``.npz``, ``.txt``, ``.csv``), centred for this scale."""
    return kernel_files.read_kernel(Path(path), scale)


def write_kernel(path: str | os.PathLike[str], kernel: SRKernel, *, layout: Layout = "kernelgan") -> None:
    """Write a kernel as ``.mat``, ``.npy``, or a ``.png`` picture for people.

    layout: of a ``.mat`` file, for the program that is to read it: ``kernelgan``, ``fkp``, ``usrnet`` or
    ``kair`` (:mod:`blindsr.io.kernel_layouts`).
    """
    kernel_files.write_kernel(Path(path), kernel, layout=layout)


def random_kernel(scale: int = 2, seed: int = 0) -> SRKernel:
    """A random kernel of the DIV2KRK protocol; the same seed gives the same kernel."""
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    return draw_kernel(np.random.default_rng(seed), scale).kernel


settings = settings_for
