"""What comes back from an upscaling, and whether it can be written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from blindsr.configuration import Settings
from blindsr.enlargement import Plan
from blindsr.estimation import KernelEstimate
from blindsr.io.convert import Image, Pixels, array_like, require_folder
from blindsr.io.photo import Photo, check_fits, check_writable_name
from blindsr.restoration.blend import Stored
from srbase.imaging.range_limits import clip_keeping_means
from srbase.imaging.resample import resize
from srbase.kernels.kernel import SRKernel
from zssr.solve import Training


@dataclass(frozen=True, eq=False)
class UpscaleResult:
    """An SR image and how it came about.

    ``image``, made when it is asked for, is the array, of the input's data type (a file's depth), with alpha
    where the input has it. ``kernels`` maps each scale that was used to its kernel. ``seconds`` maps each
    stage to its wall time; where kernels of several photographs were estimated together, ``together`` of
    them, the kernel's is a share of it. ``output`` is the file written, if one was asked for. ``source`` is
    the decoded input, ``photo`` the decoded result. ``estimate`` says how the kernel came about (None where
    it was given) and what is believed of the photograph, ``stored`` which JPEG it was, ``trainings`` how each
    of ZSSR's networks was trained. ``plan`` says by which scale the size was reached, ``notes`` what the
    files held or could not hold besides.
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
    together: int = 1

    @cached_property
    def image(self) -> Pixels:
        """The array (H, W) or (H, W, C)."""
        return array_like(self.photo, self.given)


def brought_to_size(source: Photo, large: torch.Tensor, plan: Plan, settings: Settings) -> Photo:
    """The result around the SR image, shrunk where another size than its own was asked for."""
    size = (plan.height, plan.width)
    image = large
    if plan.resized:
        image, saturation = resize(large, size), settings.zssr.saturation
        image = image.clamp(0, 1) if saturation is None else clip_keeping_means(image, saturation)
    alpha = None if source.alpha is None else resize(source.alpha, size).clamp(0, 1)
    return source.with_image(image.cpu(), alpha)


def writable(output: str | os.PathLike[str] | None) -> Path | None:
    """The file of a photograph to be written. Raises InputError where it cannot be."""
    if output is None:
        return None
    check_writable_name(Path(output))
    require_folder(Path(output))
    return Path(output)


def require_room(target: Path | None, source: Photo, plan: Plan) -> None:
    """Raise InputError where the format of the file, if there is one, cannot hold the result's size."""
    if target is None:
        return
    channels = int(source.image.shape[0]) + (source.alpha is not None)
    check_fits(target, plan.width, plan.height, channels=channels, bits=source.bits)
