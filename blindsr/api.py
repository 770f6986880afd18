"""The public Python API: photographs as NumPy arrays or files, kernels as arrays or files.

:mod:`blindsr.io.convert` says what an image and a kernel may be. Arrays come back with the data type that
went in. What cannot be used raises :class:`blindsr.InputError` before any training starts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from blindsr import estimation, pipeline
from blindsr.configuration import Settings as Settings
from blindsr.configuration import settings_of_preset, with_choices
from blindsr.degradation import degraded
from blindsr.enlargement import Enlargement, Plan
from blindsr.estimation import Analysis as Analysis
from blindsr.io import kernel_files
from blindsr.io.convert import Image, Kernel, Pixels, array_like, kernel_of, photo_of, require_parent_folder
from blindsr.io.kernel_layouts import Layout
from blindsr.io.photo import Photo, check_fits, check_writable_name, write_photo
from blindsr.names import KindChoice, Real
from blindsr.pipeline import OnKernels, Upscaled
from blindsr.summary import network_summary, summary
from srbase.errors import InputError as InputError
from srbase.imaging import metrics
from srbase.imaging.metrics import Protocol
from srbase.imaging.metrics import Scores as Scores
from srbase.imaging.range_limits import clip_keeping_means
from srbase.imaging.resample import crop_to_multiple, lanczos_shrink, nearest, resize
from srbase.kernels.kernel import SRKernel as SRKernel
from srbase.kernels.kernel import require_scale
from srbase.kernels.random_kernels import random_kernel as draw_kernel
from srbase.progress import OnProgress, silent
from srbase.progress import Progress as Progress
from srbase.runtime.torch_state import initial_torch_state
from srbase.second_stage import SecondStage as SecondStage
from zssr.solve import Training


@dataclass(frozen=True, eq=False, kw_only=True)
class UpscaleResult:
    """An SR image and how it came about.

    Attributes:
        kernels: by scale, those that were used.
        seconds: wall time of each stage.
        output: the file written, where one was asked for.
        source: the decoded input.
        photo: the decoded result.
        analysis: of the input: its kernel, origin and JPEG; None where the kernel was given.
        trainings: ZSSR's, coarse to fine.
        networks: the part in the result, 0..1, of each trained network that was asked for, by its
            architecture in words.
        plan: by which scale the size was reached.
        notes: lines for people: what was found in the photograph, and what the files held or could not hold
            besides.
        given: what was asked to be upscaled.
    """

    kernels: Mapping[int, SRKernel]
    seconds: Mapping[str, float]
    output: Path | None
    source: Photo
    photo: Photo
    analysis: Analysis | None
    trainings: tuple[Training, ...]
    networks: Mapping[str, float]
    plan: Plan
    notes: tuple[str, ...]
    given: Image

    @cached_property
    def image(self) -> Pixels:
        """The array (H, W) or (H, W, C), of the input's data type (a file's depth), with its alpha; made when
        it is asked for."""
        return array_like(self.photo, self.given)


@initial_torch_state()
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
    real: Real | None = None,
    kind: KindChoice | None = None,
    trust: float | None = None,
    network: str | os.PathLike[str] | None = None,
    second_stage: SecondStage | None = None,
    analysis: Analysis | None = None,
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
) -> UpscaleResult:
    """Super-resolve one photograph, blindly or with a kernel that is known. The same seed on a CPU gives the
    same bytes.

    Args:
        image: a path, a decoded photograph or an array.
        scale: 2, 4 or a number from 1.5 to 4. Between x2 and x4 the next larger one is computed, then shrunk
            by Lanczos.
        width: the result's, pixels, in place of a scale.
        height: the same; both give the box that the result fits into.
        kernel: for the scale that is computed (an :class:`SRKernel` of x2 is also taken at x4); None: it is
            estimated.
        output: a file to write or replace, its format by its ending; of floats with 16 bits.
        seed: of all random numbers.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        settings: of the run, from :func:`settings`; None: the default.
        real: ``on``: a camera took the photograph as it is; ``off``: it was downscaled by a blur kernel and
            nothing else, whose inverse is used fully; ``auto``: the analysis decides. None: as the settings
            say.
        kind: ``photo``, ``drawing`` (flat areas stay flat) or ``pixels`` (nearest neighbour), whatever the
            image shows; ``auto``: it is classified. None: as the settings say.
        trust: blend, 0 (bicubic interpolation) to 1 (the full restoration). None: as the settings say.
        network: a file of weights: of a USRNet, for pictures whose kernel is certain, or of a detail network
            of ``make network``, for all others; ``auto``: the detail networks of the package. None: as the
            settings say.
        second_stage: an object that undoes the kernel in place of ZSSR.
        analysis: of an earlier result at this scale, for a photograph that was made in the same way: its
            kernel and its way of restoration are used, and nothing is estimated.
        on_progress: called with each step of the work.
        on_kernels: called with the kernels by scale as soon as they are known.

    Returns:
        The result.

    Raises:
        InputError: for what cannot be used, before any training.
        ArithmeticError: where a training diverged.

    >>> import blindsr, numpy as np
    >>> small = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    >>> quick = blindsr.settings(zssr_steps=2)
    >>> result = blindsr.upscale(small, scale=2, settings=quick, device="cpu")
    >>> result.image.shape, result.image.dtype.name, result.kernels[2].shape
    ((128, 160, 3), 'uint8', (13, 13))
    """
    target, source = _writable(output), photo_of(image)
    plan = Enlargement(factor=scale, width=width, height=height).plan(*source.image.shape[:0:-1])
    _require_room(target, source, plan)
    chosen = with_choices(settings or Settings(), real=real, kind=kind, trust=trust, network=network)
    run = pipeline.upscale(
        source.image,
        plan.scale,
        kernel=kernel_of(kernel, plan.scale),
        file_evidence=source.file_evidence,
        settings=chosen,
        seed=seed,
        device=device,
        on_progress=on_progress,
        on_kernels=on_kernels,
        second_stage=second_stage,
        analysis=analysis,
    )
    photo = _brought_to_size(source, run, plan, chosen)
    return UpscaleResult(
        kernels=run.kernels,
        seconds=run.seconds,
        output=target,
        source=source,
        photo=photo,
        analysis=run.analysis,
        trainings=run.trainings,
        networks=run.networks,
        plan=plan,
        notes=(
            *summary(run.analysis, chosen.restoration.trust),
            *network_summary(run.networks),
            *source.notes,
            *(write_photo(target, photo) if target is not None else ()),
        ),
        given=image,
    )


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
    """Estimate the downscaling kernel that made a photograph: the one that :func:`upscale` would use.

    Args:
        image: a path, a decoded photograph or an array.
        scale: 2 or 4.
        output: a ``.mat``, ``.npy`` or ``.png`` file to write.
        seed: of all random numbers.
        device: where to compute.
        settings: of the run; None: the default.
        on_progress: called with each step of the work.

    Returns:
        The kernel, 13x13 for x2, 25x25 for x4.

    Raises:
        InputError: for what cannot be used.
        ArithmeticError: where a training diverged.
    """
    if output is not None:
        kernel_files.check_kernel_name(Path(output))
        require_parent_folder(Path(output))
    (kernel,) = estimate_kernels(
        [image], scale, seed=seed, device=device, settings=settings, on_progress=on_progress
    )
    if output is not None:
        kernel_files.write_kernel(Path(output), kernel)
    return kernel


@initial_torch_state()
def estimate_kernels(
    images: Sequence[Image],
    scale: int = 2,
    *,
    seed: int = 0,
    device: str = "auto",
    settings: Settings | None = None,
    on_progress: OnProgress = silent,
) -> list[SRKernel]:
    """Estimate the kernels of several photographs together.

    With KernelGAN on a graphics card many take little longer than one; a CPU gains nothing. All photographs
    are in memory at once.

    Args:
        images: paths, decoded photographs or arrays.
        scale: 2 or 4.
        seed: of each photograph's random numbers: each kernel is the one that :func:`estimate_kernel` gives,
            to rounding.
        device: where to compute.
        settings: of the run; None: the default.
        on_progress: called with each step of the work.

    Returns:
        One kernel for each photograph.

    Raises:
        InputError: for the first photograph that cannot be used.
        ArithmeticError: where a training diverged.
    """
    require_scale(scale)
    photos = [photo_of(image) for image in images]
    found = estimation.analyse(
        [photo.image for photo in photos],
        scale,
        file_evidence=[photo.file_evidence for photo in photos],
        settings=settings,
        seed=seed,
        device=device,
        on_progress=on_progress,
    )
    return [pipeline.kernels_for(analysis.kernel, scale)[scale] for analysis in found]


@initial_torch_state()
def degrade(
    image: Image,
    scale: int = 2,
    *,
    kernel: Kernel | None = None,
    output: str | os.PathLike[str] | None = None,
) -> Pixels:
    """Make a low-resolution image: by a kernel, or bicubically (as MATLAB's imresize) without one.

    Args:
        image: a path, a decoded photograph or an array; it is cropped at the bottom and right to a multiple
            of the scale first.
        scale: 2 or 4.
        kernel: for this scale.
        output: a file to write.

    Returns:
        The array, of the input's data type.

    Raises:
        InputError: for what cannot be used.
    """
    result = degraded(photo_of(image), scale, kernel=kernel)
    if output is not None:
        write_photo(Path(output), result)
    return array_like(result, image)


@initial_torch_state()
def score(
    sr: Image, gt: Image, scale: int, *, protocol: Protocol = "rcan", crop_border: int | None = None
) -> Scores:
    """PSNR and SSIM of an SR image against the original (:mod:`srbase.imaging.metrics`); alpha is left out.

    Args:
        sr: the SR image.
        gt: the original. Where its sides are no multiples of the scale, it is cropped to them.
        scale: from LR to HR.
        protocol: how luma is rounded.
        crop_border: pixels left out at each border; None: the scale.

    Returns:
        The scores.

    Raises:
        InputError: for images of other sizes, and for FITS or DICOM whose values have another range.
    """
    photos = photo_of(sr), photo_of(gt)
    if photos[0].values != photos[1].values:
        raise InputError("the images have values of two scales; wanted two of one, or floats in 0..1")
    ours, truth = (photo.image for photo in photos)
    if ours.shape != truth.shape and min(truth.shape[1:]) >= scale:
        cropped = crop_to_multiple(truth, scale)
        truth = cropped if cropped.shape == ours.shape else truth
    return metrics.score(ours, truth, scale, protocol=protocol, crop_border=crop_border)


def read_kernel(path: str | os.PathLike[str], scale: int) -> SRKernel:
    """Read a kernel file.

    Args:
        path: ``.mat``, ``.npy``, ``.npz``, ``.txt`` or ``.csv``.
        scale: 2 or 4.

    Returns:
        The kernel, centred for this scale.

    Raises:
        InputError: for a file that cannot be used.
    """
    return kernel_files.read_kernel(Path(path), scale)


def write_kernel(path: str | os.PathLike[str], kernel: SRKernel, *, layout: Layout = "kernelgan") -> None:
    """Write a kernel.

    Args:
        path: ``.mat``, ``.npy``, or ``.png``, a picture for people.
        kernel: what to write.
        layout: of a ``.mat`` file, for the program that is to read it: ``kernelgan``, ``fkp``, ``usrnet`` or
            ``kair`` (:mod:`blindsr.io.kernel_layouts`).

    Raises:
        InputError: for a name or a place that cannot be used.
    """
    kernel_files.write_kernel(Path(path), kernel, layout=layout)


def random_kernel(scale: int = 2, seed: int = 0) -> SRKernel:
    """Draw a random kernel of the DIV2KRK protocol.

    Args:
        scale: 2 or 4.
        seed: the same one gives the same kernel.

    Returns:
        The kernel.

    Raises:
        InputError: for another scale.
    """
    require_scale(scale)
    return draw_kernel(np.random.default_rng(seed), scale).kernel


settings = settings_of_preset


def _brought_to_size(source: Photo, run: Upscaled, plan: Plan, settings: Settings) -> Photo:
    """The result around the SR image, shrunk where another size than its own was asked for."""
    size, image = (plan.height, plan.width), run.image
    if run.analysis is not None and run.analysis.kind.name == "pixels":
        alpha = None if source.alpha is None else nearest(source.alpha, size)
        return source.with_image((nearest(image, size) if plan.resized else image).cpu(), alpha)
    if plan.resized:
        image, saturation = lanczos_shrink(image, size), settings.restoration.zssr.saturation
        image = image.clamp(0, 1) if saturation is None else clip_keeping_means(image, saturation)
    alpha = None if source.alpha is None else resize(source.alpha, size).clamp(0, 1)
    return source.with_image(image.cpu(), alpha)


def _writable(output: str | os.PathLike[str] | None) -> Path | None:
    """The file of a photograph to be written. Raises InputError where it cannot be."""
    if output is None:
        return None
    check_writable_name(Path(output))
    require_parent_folder(Path(output))
    return Path(output)


def _require_room(target: Path | None, source: Photo, plan: Plan) -> None:
    """Raise InputError where the format of the file, if there is one, cannot hold the result's size."""
    if target is None:
        return
    channels = int(source.image.shape[0]) + (source.alpha is not None)
    check_fits(target, plan.width, plan.height, channels=channels, bits=source.bits)
