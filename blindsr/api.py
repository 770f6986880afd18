"""The public Python API: photographs as NumPy arrays or files, kernels as arrays or files.

An image is a path, a decoded :class:`blindsr.imaging.photo.Photo`, or an array (H, W) or (H, W, C) with C
from 1 to 4 (gray, gray and alpha, RGB, RGB and alpha) of uint8, uint16 or floats in 0..1.
Arrays come back with the data type that went in; gray stays gray, alpha is kept. What cannot be used
raises :class:`blindsr.InputError` before any training starts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from blindsr import pipeline
from blindsr.enlargement import Enlargement, Plan
from blindsr.errors import InputError
from blindsr.imaging import kernel_files, metrics
from blindsr.imaging.kernel import SCALES, SRKernel
from blindsr.imaging.metrics import Protocol, Scores
from blindsr.imaging.photo import (
    Photo,
    check_fits,
    check_writable_name,
    from_pixels,
    read_photo,
    write_photo,
)
from blindsr.imaging.pixels import quantise
from blindsr.imaging.random_kernels import random_kernel as draw_kernel
from blindsr.imaging.resample import crop_to_multiple, downscale, resize
from blindsr.pipeline import OnKernels
from blindsr.presets import Settings, settings_for
from blindsr.progress import OnProgress, silent
from blindsr.restore import Stored
from kernelgan.estimate import KernelEstimate
from zssr.saturation import clip_keeping_means
from zssr.solve import Training

Pixels = npt.NDArray[Any]
Image = str | os.PathLike[str] | Photo | Pixels
Kernel = SRKernel | str | os.PathLike[str] | Pixels


@dataclass(frozen=True, eq=False)
class UpscaleResult:
    """An SR image and how it came about.

    ``image``, made when it is asked for, is the array, of the input's data type (a file's depth), with alpha
    where the input has it. ``kernels`` maps each scale that was used to its kernel. ``seconds`` maps each
    stage to its wall time. ``output`` is the file written, if one was asked for. ``source`` is the decoded
    input, ``photo`` the decoded result. ``estimate`` says how the kernel came about (None where it was
    given) and what is believed of the photograph, ``stored`` which JPEG it was, ``trainings`` how each of
    ZSSR's networks was trained. ``plan`` says by which scale the size was reached, ``notes`` what the files
    held or could not hold besides.
    """

    kernels: Mapping[int, SRKernel]
    seconds: Mapping[str, float]
    output: Path | None
    source: Photo
    photo: Photo
    estimate: KernelEstimate | None
    stored: Stored | None
    trainings: tuple[Training, ...]
    plan: Plan
    notes: tuple[str, ...]
    given: Image  # what was asked to be upscaled

    @cached_property
    def image(self) -> Pixels:
        """The array (H, W) or (H, W, C)."""
        return _array_like(self.photo, self.given)


def upscale(
    image: Image,
    scale: float = 2,
    *,
    width: int | None = None,
    height: int | None = None,
    kernel: Kernel | None = None,
    output: str | os.PathLike[str] | None = None,
    seed: int = 0,
    device: str = "auto",
    settings: Settings | None = None,
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> UpscaleResult:
    """Super-resolve one photograph, blindly or with a kernel that is known.

    image: see the module. scale: 2, 4 or a number from 1.5 to 4; or the result's ``width`` or ``height`` in
    pixels, or both for a box that it fits into. Between x2 and x4 the next larger is computed, then shrunk
    as MATLAB's imresize does. kernel: for the scale that is computed (an :class:`SRKernel` of x2 is also
    taken at x4); None estimates it. output: a file to write, replaced if it exists; its ending
    chooses the format; 16 bits, the colour profile and EXIF are kept, floats are written with 16 bits.
    device: auto, cpu, cuda, cuda:N or mps. The same seed on a CPU gives the same bytes.

    >>> import blindsr, numpy as np
    >>> small = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    >>> quick = blindsr.settings(kernelgan_steps=2, zssr_steps=2)  # the defaults take minutes
    >>> result = blindsr.upscale(small, scale=2, settings=quick, device="cpu")
    >>> result.image.shape, result.image.dtype.name, result.kernels[2].shape
    ((128, 160, 3), 'uint8', (13, 13))
    """
    target = None if output is None else Path(output)
    if target is not None:
        check_writable_name(target)
        _require_folder(target)
    source = _photo(image)
    down, across = source.image.shape[1:]
    plan = Enlargement(factor=scale, width=width, height=height).plan(across, down)
    if target is not None:
        check_fits(target, plan.width, plan.height, channels=_channels(source), bits=source.bits)
    run = pipeline.upscale(
        source.image,
        plan.scale,
        kernel=_kernel(kernel, plan.scale),
        jpeg=source.jpeg,
        settings=settings,
        seed=seed,
        device=device,
        on_progress=on_progress,
        on_kernels=on_kernels,
    )
    photo = _brought_to_size(source, run.image, plan, settings or Settings())
    notes = write_photo(target, photo) if target is not None else ()
    parts = (target, source, photo, run.estimate, run.stored, run.trainings, plan, source.notes + notes)
    return UpscaleResult(run.kernels, run.seconds, *parts, given=image)


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
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    if output is not None:
        kernel_files.check_kernel_name(Path(output))
        _require_folder(Path(output))
    photo = _photo(image)
    known = pipeline.found(
        photo.image,
        scale,
        jpeg=photo.jpeg,
        settings=settings,
        seed=seed,
        device=device,
        on_progress=on_progress,
    )
    kernel = pipeline.kernels_for(known.estimate.kernel, scale)[scale]
    if output is not None:
        kernel_files.write_kernel(Path(output), kernel)
    return kernel


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
    result = degraded(_photo(image), scale, kernel=kernel)
    if output is not None:
        write_photo(Path(output), result)
    return _array_like(result, image)


def degraded(photo: Photo, scale: int = 2, *, kernel: Kernel | None = None) -> Photo:
    """The same of a decoded photograph, with all that belongs to it."""
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    blur = _kernel(kernel, scale)
    if blur is not None and blur.scale != scale:
        raise InputError(f"kernel is for x{blur.scale}; wanted one for x{scale}")
    small = _shrink(photo.image, scale) if blur is None else downscale(photo.image, blur)
    alpha = None if photo.alpha is None else _shrink(photo.alpha, scale).clamp(0, 1)
    return photo.with_image(small.clamp(0, 1), alpha)


def score(sr: Image, gt: Image, scale: int, *, protocol: Protocol = "rcan") -> Scores:
    """PSNR and SSIM of an SR image against the original, by the protocol of
    :mod:`blindsr.imaging.metrics`; alpha is left out.

    An original whose sides are no multiples of the scale is cropped to them, as it was when its LR
    image was made. Other sizes that differ raise InputError.
    """
    ours, truth = _photo(sr).image, _photo(gt).image
    if ours.shape != truth.shape and min(truth.shape[1:]) >= scale:
        cropped = crop_to_multiple(truth, scale)
        truth = cropped if cropped.shape == ours.shape else truth
    return metrics.score(ours, truth, scale, protocol=protocol)


def read_kernel(path: str | os.PathLike[str], scale: int) -> SRKernel:
    """Read a kernel file (``.mat``, ``.npy``, ``.npz``, ``.txt``, ``.csv``), centred for this scale."""
    return kernel_files.read_kernel(Path(path), scale)


def write_kernel(path: str | os.PathLike[str], kernel: SRKernel) -> None:
    """Write a kernel as ``.mat``, ``.npy``, or a ``.png`` picture for people."""
    kernel_files.write_kernel(Path(path), kernel)


def random_kernel(scale: int = 2, seed: int = 0) -> SRKernel:
    """A random kernel of the DIV2KRK protocol; the same seed gives the same kernel."""
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    return draw_kernel(np.random.default_rng(seed), scale).kernel


settings = settings_for


def _photo(image: Image) -> Photo:
    if isinstance(image, Photo):
        return image
    if isinstance(image, str | os.PathLike):
        return read_photo(Path(image))
    return from_pixels(np.asarray(image))


def _kernel(kernel: Kernel | None, scale: int) -> SRKernel | None:
    if kernel is None or isinstance(kernel, SRKernel):
        return kernel
    if isinstance(kernel, str | os.PathLike):
        return read_kernel(kernel, scale)
    return SRKernel(np.asarray(kernel), scale).centred()


def _brought_to_size(source: Photo, large: torch.Tensor, plan: Plan, settings: Settings) -> Photo:
    """The result around the SR image, shrunk where another size than its own was asked for."""
    size = (plan.height, plan.width)
    image = large
    if plan.resized:
        image, saturation = resize(large, size), settings.zssr.saturation
        image = image.clamp(0, 1) if saturation is None else clip_keeping_means(image, saturation)
    alpha = None if source.alpha is None else resize(source.alpha, size).clamp(0, 1)
    return source.with_image(image.cpu(), alpha)


def _channels(photo: Photo) -> int:
    return int(photo.image.shape[0]) + (photo.alpha is not None)


def _require_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: {path.parent} is no folder; wanted one that is there")


def _shrink(image: torch.Tensor, scale: int) -> torch.Tensor:
    cropped = crop_to_multiple(image, scale)
    return resize(cropped, (cropped.shape[-2] // scale, cropped.shape[-1] // scale))


def _array_like(photo: Photo, image: Image) -> Pixels:
    """The photograph as an array of the data type (and number of axes) that the input has."""
    channels = photo.image if photo.alpha is None else torch.cat([photo.image, photo.alpha])
    if isinstance(image, str | os.PathLike | Photo):
        return quantise(channels, photo.bits)
    given = np.asarray(image)
    if photo.alpha is None and given.ndim == 3 and given.shape[2] in (2, 4):  # alpha, opaque all over
        channels = torch.cat([channels, torch.ones_like(channels[:1])])
    if np.issubdtype(given.dtype, np.floating):
        floats = channels.clamp(0, 1).permute(1, 2, 0).numpy().astype(given.dtype)
        return floats[..., 0] if given.ndim == 2 else floats
    whole = quantise(channels, photo.bits).astype(given.dtype)
    return whole[..., None] if given.ndim == 3 and whole.ndim == 2 else whole
