"""From an image to its analysis: what kind of picture it is, its kernel, and how it is to be restored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import torch

from blindsr.adaptation import estimator_for_size, settings_for_tones
from blindsr.analysis.borders import find_bars
from blindsr.analysis.config import AnalysisConfig
from blindsr.analysis.features import picture_features
from blindsr.analysis.kind import PHOTO, Kind, classify_kind
from blindsr.analysis.storage import StoredJPEG, stored_jpeg
from blindsr.configuration import Estimator, Settings, with_kind
from blindsr.io.file_evidence import FileEvidence
from blindsr.restoration.expected_loss import (
    Combination,
    bicubic_alone,
    combine,
    experience,
    kernel_alone,
    kernel_features,
)
from blindsr.restoration.inverse import kernel_inverse
from blindsr.spectral.antisymmetric import with_antisymmetric_part
from blindsr.spectral.config import SpectralConfig
from blindsr.spectral.estimate import GAUSSIAN, SpectralEstimate, estimate_spectral
from kernelgan.config import KernelGANConfig
from kernelgan.estimate import STAGE, GANRun, estimate_kernels
from srbase.imaging.image import require_image
from srbase.imaging.resample import mirror_pad
from srbase.imaging.tones import Tones, tones_of
from srbase.kernels.kernel import SRKernel, require_scale
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.device import resolve_device, timed
from srbase.runtime.threads import one_thread
from srbase.runtime.torch_state import initial_torch_state, usable

KERNEL_SCALE: Final = 2
"""The x2 kernel is estimated; all others follow from it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Analysis:
    """What an LR image shows of its own making.

    Attributes:
        kernel: the x2 kernel, 13x13 and centred.
        spectral: the fit of the power spectrum, where one was made.
        gan: KernelGAN's training, where it was the estimator.
        kind: what kind of picture it is.
        jpeg: the JPEG that the image was stored as, where its noise matters.
        combination: how it is to be restored, and what that is expected to gain; None where the settings
            analyse nothing, and of drawings and pixel art.
        earlier_factor: of an earlier upscaling; None where nothing shows.
        seconds: wall time; of images that were analysed together, the share of one.
    """

    kernel: SRKernel
    kind: Kind = PHOTO
    spectral: SpectralEstimate | None = None
    gan: GANRun | None = None
    jpeg: StoredJPEG | None = None
    combination: Combination | None = None
    earlier_factor: float | None = None
    seconds: float = 0.0

    @property
    def noise_std(self) -> float:
        """Standard deviation of each channel's noise, image in working tones; 0 where it was not measured."""
        return 0.0 if self.spectral is None else self.spectral.noise_variance**0.5


@initial_torch_state()
def analyse(
    images: Sequence[torch.Tensor],
    scale: int = KERNEL_SCALE,
    *,
    file_evidence: Sequence[FileEvidence | None] | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
) -> list[Analysis]:
    """The first half of :func:`blindsr.pipeline.upscale` alone, for images of any sizes; KernelGANs train
    together.

    It is called where a kernel is wanted, so that each image is taken for a photograph.

    Args:
        images: each as :func:`blindsr.pipeline.upscale` takes one; all are on the device at once.
        scale: from LR to HR, 2 or 4.
        file_evidence: of each image.
        settings: of the run; None: the default.
        seed: of each image's random numbers, so that each has the kernel that it has alone, to rounding.
        device: where to compute.
        on_progress: called with each step of the work.

    Returns:
        One for each image.

    Raises:
        InputError: before any work, for the first image that cannot be used.
        ArithmeticError: where a training diverged.
    """
    settings = with_kind(settings or Settings(), "photo")
    place = resolve_device(device)
    require_scale(scale)
    for image in images:
        require_image(image)
    inside: list[torch.Tensor] = []
    evidence: list[FileEvidence | None] = []
    of_files = [None] * len(images) if file_evidence is None else file_evidence
    for image, of_file in zip(images, of_files, strict=True):
        image = usable(image).to(place, torch.float32)
        bars = find_bars(image, settings.bars)
        inside.append(bars.inside(image))
        evidence.append(of_file and bars.inside_of_file(of_file, (image.shape[1], image.shape[2])))
    rngs = [torch.Generator().manual_seed(seed) for _ in inside]
    return analyse_on_device(inside, scale, evidence, settings, rngs, on_progress) if inside else []


def analyse_on_device(
    images: Sequence[torch.Tensor],
    scale: int,
    file_evidence: Sequence[FileEvidence | None],
    settings: Settings,
    rngs: Sequence[torch.Generator],
    on_progress: OnProgress,
) -> list[Analysis]:
    """The analyses of images without bars that are on the device where the work runs.

    Args:
        images: one or more, (C, H, W) each in 0..1; KernelGANs train together.
        scale: from LR to HR, 2 or 4.
        file_evidence: of each image.
        settings: of the run.
        rngs: of each image.
        on_progress: called with each step of the work.

    Returns:
        One for each image.

    Raises:
        ArithmeticError: where a training diverged.
    """
    spent: dict[str, float] = {}
    with timed("kernel", spent, images[0].device), one_thread():
        tasks = [_Task.of(*pair, settings) for pair in zip(images, file_evidence, strict=True)]
        found = _analysed_tasks(tasks, scale, rngs, on_progress)
    return [replace(analysis, seconds=spent["kernel"] / len(images)) for analysis in found]


def _analysed_tasks(
    tasks: Sequence[_Task], scale: int, rngs: Sequence[torch.Generator], on_progress: OnProgress
) -> list[Analysis]:
    """The analyses without their times; KernelGANs train together."""
    runs: dict[int, GANRun] = {}
    for config in dict.fromkeys(t.estimator for t in tasks if isinstance(t.estimator, KernelGANConfig)):
        chosen = [place for place, task in enumerate(tasks) if task.estimator == config]
        trained = estimate_kernels(
            [tasks[place].working for place in chosen],
            config,
            rngs=[rngs[place] for place in chosen],
            on_step=on_progress,
        )
        runs |= dict(zip(chosen, trained, strict=True))
    found = [task.analysis(scale, runs.get(place)) for place, task in enumerate(tasks)]
    if not runs:
        on_progress(Progress(STAGE, 1, 1, done=True))
    return found


@dataclass(frozen=True, eq=False)
class _Task:
    """One image to be analysed: in working tones, with the settings that follow them, and its estimator
    (None: it is too small for any, or no photograph)."""

    working: torch.Tensor
    kind: Kind
    jpeg: StoredJPEG | None
    file_evidence: FileEvidence
    settings: Settings
    estimator: Estimator | None
    spectra: dict[int, SpectralEstimate] = field(default_factory=dict)

    @classmethod
    def of(cls, image: torch.Tensor, file_evidence: FileEvidence | None, settings: Settings) -> _Task:
        evidence, config = file_evidence or FileEvidence(), settings.analysis
        jpeg = None if config is None else stored_jpeg(image, evidence.jpeg, config)
        tones = measure_tones(image, jpeg, settings)
        working, adapted = tones.working(image), settings_for_tones(settings, tones)
        kind = _kind(working, config)
        estimator = None
        if kind.name == "photo":
            estimator = estimator_for_size(adapted, (image.shape[1], image.shape[2]))
        evidence = replace(evidence, jpeg=None if jpeg is None else jpeg.tables)
        return cls(working, kind, jpeg, evidence, adapted, estimator)

    def analysis(self, scale: int, gan: GANRun | None) -> Analysis:
        """The analysis; ``gan``: KernelGAN's result, which then gives the kernel."""
        config, tables = self.settings.analysis, self.file_evidence.jpeg
        if self.estimator is None:
            kernel = SRKernel.bicubic(KERNEL_SCALE)
            if self.kind.name != "photo":
                return Analysis(kernel=kernel, kind=self.kind, jpeg=self.jpeg)
            return Analysis(kernel=kernel, jpeg=self.jpeg, combination=bicubic_alone(scale))
        if config is None and gan is not None:
            return Analysis(kernel=gan.kernel, gan=gan)
        fit, spectral = self.fit, self.spectrum(scale)
        combination, earlier_factor = self._combination(spectral, scale)
        kernel = SRKernel(spectral.kernel, KERNEL_SCALE) if gan is None else gan.kernel
        worth = combination is None or self.settings.restoration.kernel_share(combination.kernel) > 0
        if gan is None and fit.antisymmetric and spectral.family == GAUSSIAN and tables is None and worth:
            # A recognised shape is exact, another picture hardly depends on the kernel, and a JPEG's edges
            # are those of its compression.
            inverse = partial(kernel_inverse, config=self.settings.edges)
            kernel = with_antisymmetric_part(self.working, kernel, fit.antisymmetric, inverse)
        return Analysis(
            kernel=kernel,
            kind=self.kind,
            spectral=spectral,
            gan=gan,
            jpeg=self.jpeg,
            combination=combination,
            earlier_factor=earlier_factor,
        )

    @property
    def fit(self) -> SpectralConfig:
        """Settings of the spectral fit, which is made beside KernelGAN too."""
        if isinstance(self.estimator, SpectralConfig):
            return self.estimator
        return self.settings.spectral_fit

    def spectrum(self, scale: int) -> SpectralEstimate:
        """The spectral estimate, which is made once for each scale."""
        if scale not in self.spectra:
            pixels, tables = self.working.cpu().numpy(), self.file_evidence.jpeg
            self.spectra[scale] = estimate_spectral(pixels, self.fit, scale=scale, jpeg=tables)
        return self.spectra[scale]

    def kernel_error(self, scale: int) -> float:
        """The standard error of half the trace of the kernel's covariance, HR px^2; infinite where nothing
        shows it."""
        if self.estimator is None or min(self.working.shape[1:]) < self.fit.smallest_image:
            return math.inf
        return self.spectrum(scale).half_trace_std

    def _combination(self, spectral: SpectralEstimate, scale: int) -> tuple[Combination | None, float | None]:
        """How the image is to be restored, and the factor of an earlier upscaling."""
        config = self.settings.analysis
        if config is None:
            return None, None
        if config.assume == "computer":
            return kernel_alone(scale), None
        image, least = self.working, 2 * config.features.window
        for dim in (-2, -1):  # features are local: a narrow image has those of its mirror images
            missing = max(0, least - image.shape[dim])
            image = mirror_pad(image, dim, missing // 2, missing - missing // 2)
        seen = picture_features(image, config.features, jpeg=self.file_evidence.jpeg)
        features = dict(zip(seen.names, seen.values, strict=True)) | kernel_features(spectral)
        size = (self.working.shape[1], self.working.shape[2])
        as_taken = self.file_evidence.is_camera_size(size)
        camera = config.assume == "camera" or as_taken
        # a mosaic of colours has a period of two pixels too
        factor = None if as_taken else seen.earlier_factor
        rule = self.settings.restoration.expected_loss
        return combine(experience(scale), features, rule, kernel_allowed=not camera), factor


def _kind(image: torch.Tensor, config: AnalysisConfig | None) -> Kind:
    """What kind of picture an image is. What a camera took or a kernel made small is a photograph."""
    if config is None or (config.picture == "auto" and config.assume != "auto"):
        return PHOTO
    return classify_kind(image, config.kinds, config.picture)


@initial_torch_state()
def analyse_clearest(
    images: Iterable[tuple[torch.Tensor, FileEvidence | None]],
    scale: int,
    *,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
) -> tuple[int, Analysis]:
    """The analysis of several images that were made in one way, of pages of a stack: of the one that shows
    its kernel best.

    That is the one in which the spectrum tells the width of the kernel with the smallest standard error.
    Drawings and pixel art tell nothing of it, nor do images that are too small.

    Args:
        images: each as :func:`blindsr.pipeline.upscale` takes one, with its file evidence; at least one. They
            are taken one at a time.
        scale: from LR to HR, 2 or 4.
        settings: of the run; None: the default.
        seed: of all random numbers.
        device: where to compute.
        on_progress: called with each step of the work.

    Returns:
        The place of the image, and its analysis; of the first one where none shows a kernel.

    Raises:
        InputError: for the first image that cannot be used.
        ArithmeticError: where a training diverged.
    """
    settings, place = settings or Settings(), resolve_device(device)
    best, index, clearest, seconds = math.inf, 0, None, 0.0
    spent: dict[str, float] = {}
    require_scale(scale)
    for number, (image, of_file) in enumerate(images):
        require_image(image)
        image = usable(image).to(place, torch.float32)
        with timed("clearest", spent, place), one_thread():
            bars = find_bars(image, settings.bars)
            evidence = of_file and bars.inside_of_file(of_file, (image.shape[1], image.shape[2]))
            task = _Task.of(bars.inside(image), evidence, settings)
            if number == 1:  # one image alone needs no comparison
                assert clearest is not None
                best = clearest.kernel_error(scale)
            if clearest is None:
                clearest = task
            elif (error := task.kernel_error(scale)) < best:
                best, index, clearest = error, number, task
        seconds += spent["clearest"]
    assert clearest is not None
    with timed("kernel", spent, place), one_thread():
        rngs = [torch.Generator().manual_seed(seed)]
        (analysis,) = _analysed_tasks([clearest], scale, rngs, on_progress)
    return index, replace(analysis, seconds=seconds + spent["kernel"])


def measure_tones(image: torch.Tensor, jpeg: StoredJPEG | None, settings: Settings) -> Tones:
    """The scale of an image's tones.

    Args:
        image: (C, H, W) in 0..1.
        jpeg: the JPEG that it was stored as; its noise is known in the levels of the file, so its tones stay
            as they are.
        settings: of the run.

    Returns:
        What brings the image to working tones and back.
    """
    return Tones() if jpeg is not None else tones_of(image, settings.tones)
