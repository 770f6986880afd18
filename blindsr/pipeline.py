"""Photograph to kernel to SR image: the whole story on one page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import torch

from blindsr.adaptation import estimator_for_size, settings_for_size, settings_for_tones
from blindsr.analysis.borders import find_bars
from blindsr.analysis.config import AnalysisConfig
from blindsr.analysis.features import picture_features
from blindsr.analysis.kind import PHOTO, Kind, classify_kind
from blindsr.analysis.storage import StoredJPEG, stored_jpeg
from blindsr.configuration import Estimator, Settings, with_kind
from blindsr.io.file_evidence import FileEvidence
from blindsr.restoration.blend import restore
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
from srbase.errors import InputError
from srbase.imaging.image import require_image
from srbase.imaging.resample import mirror_pad
from srbase.imaging.tones import Tones, tones_of
from srbase.kernels.kernel import SCALES, SRKernel
from srbase.progress import OnProgress, Progress, silent
from srbase.runtime.device import resolve_device, timed
from srbase.runtime.threads import one_thread
from srbase.runtime.torch_state import initial_torch_state, usable
from srbase.second_stage import SecondStage
from zssr.solve import Training

OnKernels = Callable[[Mapping[int, SRKernel]], None]

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
        enlarged: the factor by which it was enlarged before; None where nothing shows.
        seconds: wall time; of images that were analysed together, the share of one.
    """

    kernel: SRKernel
    kind: Kind = PHOTO
    spectral: SpectralEstimate | None = None
    gan: GANRun | None = None
    jpeg: StoredJPEG | None = None
    combination: Combination | None = None
    enlarged: float | None = None
    seconds: float = 0.0

    @property
    def noise_std(self) -> float:
        """Standard deviation of each channel's noise, image in working tones; 0 where it was not measured."""
        return 0.0 if self.spectral is None else self.spectral.noise_variance**0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Upscaled:
    """An SR image and what made it.

    Attributes:
        image: (C, s*H, s*W) in 0..1.
        kernels: by scale, those that were used.
        analysis: of the LR image; None where the kernel was given.
        trainings: ZSSR's, coarse to fine.
        seconds: wall time of each stage.
    """

    image: torch.Tensor
    kernels: Mapping[int, SRKernel]
    analysis: Analysis | None
    trainings: tuple[Training, ...]
    seconds: Mapping[str, float]


@initial_torch_state()
def upscale(
    image: torch.Tensor,
    scale: int = 2,
    *,
    kernel: SRKernel | None = None,
    file_evidence: FileEvidence | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    on_progress: OnProgress = silent,
    on_kernels: OnKernels | None = None,
    second_stage: SecondStage | None = None,
    analysis: Analysis | None = None,
) -> Upscaled:
    """Estimate the kernel of an LR image, then super-resolve with it. The same seed on a CPU gives the same
    bytes.

    Args:
        image: (C, H, W) in 0..1, C 1 or 3; it is only read.
        scale: 2 or 4.
        kernel: for this scale, in place of an estimate; at x4 an x2 kernel is also accepted and composed, and
            an x4 kernel makes one direct step.
        file_evidence: what the image's file says of its history. Where it holds no JPEG tables, the pixels
            are examined for those of an earlier JPEG.
        settings: of the run; None: the default.
        seed: of all random numbers.
        device: where to compute (:func:`srbase.runtime.device.resolve_device`).
        on_progress: called with each step of the work.
        on_kernels: called with the kernels by scale as soon as they are known.
        second_stage: what undoes the kernel, in place of ZSSR.
        analysis: of another image that was made as this one, at this scale: its kernel and its way of
            restoration are used.

    Returns:
        The SR image with what made it.

    Raises:
        InputError: before any work, for what cannot be used.
        ArithmeticError: where a training diverged.
    """
    settings = settings or Settings()
    place = resolve_device(device)
    check(image, scale, kernel)
    if analysis is not None and kernel is not None:
        raise InputError("a kernel and an analysis are given; wanted one of them")
    image = usable(image).to(place, torch.float32)
    bars = find_bars(image, settings.bars)
    if bars and file_evidence is not None:
        file_evidence = bars.inside_of_file(file_evidence, (image.shape[1], image.shape[2]))
    inside = bars.inside(image)
    run = _upscaled(
        inside, scale, kernel, file_evidence, settings, seed, on_progress, on_kernels, second_stage, analysis
    )
    return replace(run, image=bars.around(run.image, image, scale)) if bars else run


def _upscaled(
    image: torch.Tensor,
    scale: int,
    kernel: SRKernel | None,
    file_evidence: FileEvidence | None,
    settings: Settings,
    seed: int,
    on_progress: OnProgress,
    on_kernels: OnKernels | None,
    second_stage: SecondStage | None,
    analysis: Analysis | None,
) -> Upscaled:
    """Of an image without bars, on the device where the work runs."""
    rng = torch.Generator().manual_seed(seed)
    seconds: dict[str, float] = {}
    if analysis is not None:
        kernel, jpeg = analysis.kernel, analysis.jpeg
    elif kernel is None:
        (analysis,) = _analysed([image], scale, [file_evidence], settings, [rng], on_progress)
        kernel, seconds["kernel"] = analysis.kernel, analysis.seconds
        jpeg = analysis.jpeg
    else:
        tables = None if file_evidence is None else file_evidence.jpeg
        jpeg = None if settings.analysis is None else stored_jpeg(image, tables, settings.analysis)
    kernels = kernels_for(kernel, scale)
    if on_kernels is not None:
        on_kernels(kernels)
    kind = PHOTO if analysis is None else analysis.kind
    if kind.name == "photo":
        settings = settings_for_size(settings, (image.shape[1], image.shape[2]), scale)
    with timed("sr", seconds, image.device):
        tones = _tones(image, jpeg, settings)
        config = settings_for_tones(settings, tones, kernel_is_known=analysis is None).restoration
        result, trainings = restore(
            tones.working(image),
            kernels,
            scale,
            config,
            None if analysis is None else analysis.combination,
            jpeg,
            kind=kind,
            noisy=analysis is not None and analysis.noise_std > config.quiet,
            rng=rng,
            on_step=on_progress,
            limits=tones.limits,
            second_stage=second_stage,
        )
    result = tones.original(result)
    return Upscaled(image=result, kernels=kernels, analysis=analysis, trainings=trainings, seconds=seconds)


def _tones(image: torch.Tensor, jpeg: StoredJPEG | None, settings: Settings) -> Tones:
    """The image's tones. The noise of a JPEG is known in the levels of its file: its tones stay as they
    are."""
    return Tones() if jpeg is not None else tones_of(image, settings.tones)


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
    """The first half of :func:`upscale` alone, for images of any sizes; KernelGANs are trained together.

    It is called where a kernel is wanted, so that each image is taken for a photograph.

    Args:
        images: each as :func:`upscale` takes one; all are on the device at once.
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
    for image in images:
        check(image, KERNEL_SCALE, None)
    inside: list[torch.Tensor] = []
    evidence: list[FileEvidence | None] = []
    of_files = [None] * len(images) if file_evidence is None else file_evidence
    for image, of_file in zip(images, of_files, strict=True):
        image = usable(image).to(place, torch.float32)
        bars = find_bars(image, settings.bars)
        inside.append(bars.inside(image))
        evidence.append(of_file and bars.inside_of_file(of_file, (image.shape[1], image.shape[2])))
    rngs = [torch.Generator().manual_seed(seed) for _ in inside]
    return _analysed(inside, scale, evidence, settings, rngs, on_progress) if inside else []


def _analysed(
    images: Sequence[torch.Tensor],
    scale: int,
    file_evidence: Sequence[FileEvidence | None],
    settings: Settings,
    rngs: Sequence[torch.Generator],
    on_progress: OnProgress,
) -> list[Analysis]:
    """Of one image or more without bars, on the device where the work runs; KernelGANs train together."""
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
        tones = _tones(image, jpeg, settings)
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
        combination, enlarged = self._combination(spectral, scale)
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
            enlarged=enlarged,
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
        """How the image is to be restored, and the factor by which it was enlarged before."""
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
        enlarged = None if as_taken else seen.enlarged  # a mosaic of colours has a period of two pixels too
        rule = self.settings.restoration.expected_loss
        return combine(experience(scale), features, rule, kernel_allowed=not camera), enlarged


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
        images: each as :func:`upscale` takes one, with its file evidence; at least one. They are taken one at
            a time.
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
    for number, (image, of_file) in enumerate(images):
        check(image, scale, None)
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


def kernels_for(kernel: SRKernel, scale: int) -> dict[int, SRKernel]:
    """The kernels that a run at a scale uses.

    Args:
        kernel: of this scale, or of x2.
        scale: 2 or 4.

    Returns:
        By scale: an x2 kernel also gives the x4 one.

    Raises:
        InputError: for a kernel of another scale.
    """
    if kernel.scale == 2 and scale == 4:
        return {2: kernel, 4: kernel.to_x4()}
    if kernel.scale != scale:
        raise InputError(f"kernel is for x{kernel.scale}; wanted one for x{scale}")
    return {scale: kernel}


def check(image: torch.Tensor, scale: int, kernel: SRKernel | None) -> None:
    """Raise InputError now for what would fail later.

    Args:
        image: (C, H, W).
        scale: 2 or 4.
        kernel: a known one, or None.

    Raises:
        InputError: for another scale, an image that is none, or a kernel of another scale.
    """
    if scale not in SCALES:
        raise InputError(f"scale is {scale}; wanted 2 or 4")
    require_image(image)
    if kernel is not None:
        kernels_for(kernel, scale)
