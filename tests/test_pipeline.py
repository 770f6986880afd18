"""The pipeline as a whole: what it gives, what decides it, and what it refuses."""

import warnings
from contextlib import nullcontext
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from blindsr import pipeline
from blindsr.configuration import ESTIMATORS, PRESETS, assuming, settings_of_preset
from blindsr.estimation import analyse
from blindsr.io.file_evidence import FileEvidence
from blindsr.pipeline import kernels_for, upscale
from blindsr.restoration.config import RestorationConfig
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from srbase.kernels.random_kernels import random_kernel
from srbase.progress import Notice, Progress
from tests.few_steps import SMALL, SMALL_INSTANT, SMALL_PAPER, few
from tests.pictures import eight_bits, face, photo, through_jpeg

WIDE = random_kernel(np.random.default_rng(5), 2).kernel
FLAT = 1e-5  # float32, grown by the inverse
TWO_STEPS_OFF = 0.05  # what a network is off that has only just left its start
ALIGNED = 1e-6  # HR pixels; the spline moves the centre exactly, the crop is iterated
WIDEST_OF_NOTHING = 3.5  # HR px^2: each begins with 2.5 or less, and nothing is learned
LEANS = 0.01  # sum of absolute differences from the own half turn; what was found here is 0.05
TOGETHER = 1e-4  # kernel cells: float32 products in another order, grown by a few steps
BLENDED = 1e-6  # float32, values under 1
NORMALISED = 1e-12  # float64, divided by its own sum a second time
BY_KERNELGAN = replace(SMALL, estimator=few("kernelgan", steps=2, channels=8))


@pytest.fixture
def lr():
    return face(65, 71)


@pytest.fixture(scope="module")
def blurred():
    """65x71 of a photograph that was downscaled by a wide kernel: without noise or aliasing."""
    return eight_bits(downscale(photo("coffee", slice(20, 150), slice(40, 182)), WIDE))


@pytest.fixture(scope="module")
def result_of_seed_0():
    return upscale(face(65, 71), settings=SMALL, device="cpu").image


def analysis_of(image, settings=SMALL, **asked):
    (analysis,) = analyse([image], settings=settings, device="cpu", **asked)
    return analysis


def values(analysis):
    """All numbers of its combination."""
    found = asdict(analysis.combination)
    return found | {"filter": found["filter"].tolist()}


def with_estimator(name, settings=SMALL):
    return replace(settings, estimator=few(name, steps=2, channels=8))


def antisymmetric_part(kernel):
    """The sum of absolute differences between a kernel, 13x13 and centred, and its half turn."""
    inner = kernel.array[1:, 1:]
    return np.abs(inner - inner[::-1, ::-1]).sum()


# From an image to its SR image


@pytest.mark.parametrize(("scale", "used"), [(2, [2]), (4, [2, 4])])
def test_the_result_has_its_size_its_kernels_and_trainings_and_the_image_is_only_read(lr, scale, used):
    seen = []
    before = lr.clone()
    result = upscale(lr, scale, settings=SMALL, device="cpu", on_progress=seen.append)
    assert result.image.shape == (3, 65 * scale, 71 * scale)
    assert 0 <= float(result.image.min()) <= float(result.image.max()) <= 1
    assert sorted(result.kernels) == used
    assert [training.scale for training in result.trainings] == used
    assert result.analysis is not None
    assert set(result.seconds) == {"kernel", "sr"}
    stages = list(dict.fromkeys(report.stage for report in seen))
    assert stages == ["kernel", *(stage for s in used for stage in (f"sr x{s}", f"image x{s}"))]
    assert torch.equal(lr, before)


def test_the_seed_decides_and_nothing_else(lr, result_of_seed_0):
    torch.manual_seed(99)  # global state is not read
    assert torch.equal(upscale(lr, settings=SMALL, device="cpu", seed=0).image, result_of_seed_0)
    assert not torch.equal(upscale(lr, settings=SMALL, device="cpu", seed=1).image, result_of_seed_0)


def test_the_number_of_threads_changes_nothing(lr):
    zssr = replace(SMALL.restoration.zssr, tile=80)  # of 142 pixels: several side by side
    settings = replace(SMALL, restoration=replace(SMALL.restoration, zssr=zssr))
    before, images = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            images.append(upscale(lr, settings=settings, device="cpu").image)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*images)


def test_a_given_kernel_is_used_as_it_is(lr):
    kernel = SRKernel.bicubic(2)
    result = upscale(lr, kernel=kernel, settings=SMALL, device="cpu")
    assert result.kernels == {2: kernel}
    assert result.analysis is None
    assert set(result.seconds) == {"sr"}


@pytest.mark.parametrize(
    ("settings", "kernel"),
    [
        (SMALL, SRKernel.bicubic(2)),
        (SMALL, None),
        (with_estimator("spectral-symmetric"), None),
        (BY_KERNELGAN, None),
        (SMALL_PAPER, None),
    ],
    ids=["a known kernel", "spectral", "spectral-symmetric", "kernelgan", "paper"],
)
def test_half_the_trust_is_half_way_to_bicubic_interpolation(lr, settings, kernel):
    lr = 0.4 + 0.2 * lr  # nothing leaves the range
    half = replace(settings, restoration=replace(settings.restoration, trust=0.5))
    full, blended = (upscale(lr, kernel=kernel, settings=s, device="cpu").image for s in (settings, half))
    bicubic = bicubic_upscale(lr, 2)
    assert not torch.equal(full, bicubic)
    assert (blended - (full + bicubic) / 2).abs().max() < BLENDED


@pytest.mark.parametrize(("settings", "off"), [(SMALL, TWO_STEPS_OFF), (PRESETS["instant"], FLAT)])
def test_a_flat_image_stays_flat(settings, off):
    """There is nothing to learn from, and little is made up."""
    result = upscale(torch.full((3, 65, 71), 0.4), settings=settings, device="cpu").image
    assert float((result - 0.4).abs().max()) < off


def test_the_smallest_images_that_are_promised_work():
    noise = torch.rand((1, 64, 64), generator=torch.Generator().manual_seed(0))
    for scale, side in ((2, 16), (4, 32)):
        kernel = SRKernel.bicubic(scale)
        result = upscale(noise[:, :side, :side], scale, kernel=kernel, settings=SMALL, device="cpu")
        assert result.image.shape == (1, scale * side, scale * side)
    assert upscale(noise, 2, settings=SMALL, device="cpu").image.shape == (1, 128, 128)


# The analysis, which estimates the kernel


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("channels", [1, 3])
def test_each_estimator_gives_a_centred_kernel_of_13_cells(name, channels):
    kernel = analysis_of(face(65, 71, channels), with_estimator(name)).kernel
    assert kernel.shape == (13, 13)
    assert kernel.scale == 2
    assert np.abs(kernel.centre_offset).max() < ALIGNED


@pytest.mark.parametrize("name", ESTIMATORS)
def test_whatever_the_estimator_the_kind_of_picture_is_analysed(lr, name):
    analysis = analysis_of(lr, assuming(with_estimator(name), "auto"))
    assert analysis.combination is not None
    assert analysis.spectral is not None
    assert (analysis.gan is not None) == (name == "kernelgan")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_kind_of_picture_does_not_depend_on_the_estimator(lr, name):
    ours, wanted = (
        analysis_of(lr, assuming(with_estimator(n), "auto")) for n in (name, "spectral-symmetric")
    )
    assert values(ours) == values(wanted)
    assert ours.earlier_factor == wanted.earlier_factor


@pytest.mark.parametrize("scale", [2, 4])
def test_a_picture_taken_as_downscaled_is_restored_by_its_kernel_alone(lr, scale):
    analysis = analysis_of(lr, assuming(SMALL, "computer"), scale=scale)
    chosen = analysis.combination
    assert (chosen.scale, chosen.kernel, chosen.camera, chosen.gain) == (scale, 1.0, 0.0, None)
    assert not chosen.filter.any()
    assert analysis.earlier_factor is None


def test_of_a_cameras_photograph_no_kernel_is_inverted_and_nothing_is_trained(lr):
    result = upscale(lr, settings=assuming(SMALL, "camera"), device="cpu")
    assert result.analysis.combination.kernel == 0
    assert result.trainings == ()


@pytest.mark.parametrize("size", [(65, 71), (71, 65)])
def test_a_photograph_in_the_size_that_its_camera_took_is_a_cameras(blurred, size):
    """The file tells it; of this one, which was downscaled, the features tell the opposite."""
    auto = assuming(SMALL, "auto")
    silent, other, told = (
        analysis_of(blurred, auto, file_evidence=[FileEvidence(taken=taken)])
        for taken in (None, (4000, 6000), size)
    )
    assert silent.combination.kernel > 0
    assert values(other) == values(silent)
    assert told.combination.kernel == 0
    assert values(told) == values(analysis_of(blurred, assuming(SMALL, "camera")))


def test_where_a_picture_is_known_to_be_downscaled_its_size_says_nothing(lr):
    analysis = analysis_of(lr, assuming(SMALL, "computer"), file_evidence=[FileEvidence(taken=(65, 71))])
    assert analysis.combination.kernel == 1


def test_on_noise_no_network_is_trained(blurred):
    noise = torch.randn(blurred.shape, generator=torch.Generator().manual_seed(0))
    noisy = eight_bits((blurred + 8 / 255 * noise).clamp(0, 1))
    limit = RestorationConfig().quiet
    settings = replace(SMALL, restoration=replace(SMALL.restoration, quiet=limit))
    quiet, loud = (upscale(image, settings=settings, device="cpu") for image in (blurred, noisy))
    assert quiet.analysis.noise_std < limit < loud.analysis.noise_std
    steps = [[training.steps for training in run.trainings] for run in (quiet, loud)]
    assert steps == [[SMALL.restoration.zssr.max_steps], [0]]


def test_without_a_spectral_estimate_no_noise_is_known(lr):
    assert analysis_of(lr, SMALL_PAPER).noise_std == 0.0


@pytest.mark.parametrize("name", ESTIMATORS)
def test_without_an_analysis_nothing_is_said_of_the_kind_of_picture_or_storage(lr, name):
    analysis = analysis_of(lr, replace(with_estimator(name), analysis=None))
    assert analysis.combination is None
    assert analysis.jpeg is None
    assert (analysis.gan is not None) == (name == "kernelgan")


def test_paper_analyses_nothing():
    image, tables = through_jpeg(face(65, 71), 60)
    silent, told = (
        upscale(image, settings=SMALL_PAPER, file_evidence=evidence, device="cpu")
        for evidence in (None, FileEvidence(jpeg=tables, taken=(65, 71)))
    )
    assert (told.analysis.spectral, told.analysis.combination, told.analysis.jpeg) == (None, None, None)
    assert torch.equal(told.image, silent.image)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_same_seed_gives_the_same_kernel_and_the_image_is_only_read(lr, name):
    before = lr.clone()
    first, again = (analysis_of(lr, with_estimator(name)).kernel.array for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert torch.equal(lr, before)


def test_another_seed_gives_another_kernel_of_kernelgan(lr):
    first, other = (analysis_of(lr, SMALL_PAPER, seed=seed).kernel.array for seed in (0, 1))
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("name", ["spectral", "spectral-symmetric"])
def test_a_flat_image_gives_no_wide_kernel(name):
    kernel = analysis_of(torch.full((3, 65, 71), 0.5), with_estimator(name)).kernel
    assert np.abs(kernel.centre_offset).max() < ALIGNED
    assert np.abs(kernel.covariance).max() < WIDEST_OF_NOTHING


def test_the_antisymmetric_part_is_of_the_estimator_that_reads_edges():
    drawn = random_kernel(np.random.default_rng(1)).kernel
    image = eight_bits(downscale(face(257, 241), drawn))
    analysis = analysis_of(image)
    assert antisymmetric_part(analysis.kernel) > LEANS
    symmetric = SRKernel(analysis.spectral.kernel, 2)
    assert antisymmetric_part(symmetric) < ALIGNED
    assert np.array_equal(
        analysis_of(image, with_estimator("spectral-symmetric")).kernel.array, symmetric.array
    )


def test_a_recognised_shape_is_the_kernel_as_it_is():
    small = eight_bits(downscale(photo("coffee"), SRKernel.bicubic(2)))
    analysis = analysis_of(small)
    assert analysis.spectral.family == "bicubic"
    np.testing.assert_array_equal(analysis.kernel.array, SRKernel.bicubic(2).array)


def test_a_cameras_photograph_keeps_the_symmetric_kernel(lr):
    analysis = analysis_of(lr, assuming(SMALL, "camera"))
    assert analysis.combination.kernel == 0
    np.testing.assert_allclose(analysis.kernel.array, analysis.spectral.kernel, atol=NORMALISED)


def test_a_jpeg_keeps_the_symmetric_kernel(lr):
    image, tables = through_jpeg(lr, 60)
    analysis = analysis_of(image, file_evidence=[FileEvidence(jpeg=tables)])
    assert analysis.jpeg.tables == tables
    np.testing.assert_allclose(analysis.kernel.array, analysis.spectral.kernel, atol=NORMALISED)


@pytest.mark.parametrize("settings", [SMALL, BY_KERNELGAN], ids=["spectral", "kernelgan"])
def test_of_several_images_each_kernel_is_the_one_it_has_alone_and_the_time_is_shared(lr, settings):
    images = [lr, face(80, 67, channels=1)]
    together = analyse(images, settings=settings, device="cpu", seed=1)
    for image, analysis in zip(images, together, strict=True):
        alone = analysis_of(image, settings, seed=1)
        assert np.abs(analysis.kernel.array - alone.kernel.array).max() < TOGETHER
        assert analysis.combination is not None
    assert len({analysis.seconds for analysis in together}) == 1
    assert together[0].seconds > 0


def test_of_no_image_there_is_nothing_to_tell():
    assert analyse([], settings=SMALL, device="cpu") == []


def test_a_spectral_estimate_is_reported_once_as_done(lr):
    reports: list[Progress] = []
    analyse([lr], settings=SMALL, device="cpu", on_progress=reports.append)
    assert [(report.stage, report.done) for report in reports] == [("kernel", True)]


def test_the_steps_of_kernelgan_are_reported(lr):
    reports: list[Progress] = []
    settings = replace(SMALL_PAPER, estimator=few("kernelgan", steps=60, channels=4))
    analyse([lr], settings=settings, device="cpu", on_progress=reports.append)
    assert [(report.step, report.done) for report in reports] == [(50, False), (60, True)]


def test_a_kernelgan_that_diverged_is_an_error(lr):
    estimator = replace(few("kernelgan"), learning_rate=1e30)
    with pytest.raises(ArithmeticError, match="KernelGAN diverged"):
        analyse([lr], settings=replace(SMALL_PAPER, estimator=estimator), device="cpu")


# What is refused


def test_kernels_for_a_scale():
    x2, x4 = SRKernel.bicubic(2), SRKernel.bicubic(4)
    assert list(kernels_for(x2, 2)) == [2]
    assert list(kernels_for(x2, 4)) == [2, 4]
    assert kernels_for(x4, 4) == {4: x4}
    with pytest.raises(InputError, match="kernel is for x4; wanted one for x2"):
        kernels_for(x4, 2)


@pytest.mark.parametrize(
    ("image", "scale", "kernel", "message"),
    [
        (torch.zeros(3, 64, 64), 3, None, "scale is 3"),
        (torch.zeros(64, 64), 2, None, "shape"),
        (torch.zeros(4, 64, 64), 2, None, "shape"),
        (torch.full((3, 64, 64), torch.nan), 2, None, "NaN"),
        (torch.zeros(3, 64, 64), 2, SRKernel.bicubic(4), "wanted one for x2"),
    ],
)
def test_what_would_fail_later_fails_now(image, scale, kernel, message):
    with pytest.raises(InputError, match=message):
        pipeline.check(image, scale, kernel)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 5), (15, 64)])
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize(
    "settings", [PRESETS["instant"], SMALL, PRESETS["paper"]], ids=["instant", "default", "paper"]
)
def test_a_known_kernel_needs_no_size(settings, scale, size):
    image, kernel = face(64, 71)[:, : size[0], : size[1]], SRKernel.bicubic(scale)
    restoration = settings.restoration
    trains = restoration.zssr.max_steps and min(size) < 8 * scale
    said = pytest.warns(Notice, match="none is trained") if trains else nullcontext()
    zssr = replace(restoration.zssr, max_steps=min(2, restoration.zssr.max_steps))
    settings = replace(settings, restoration=replace(restoration, zssr=zssr))
    with said:
        result = upscale(image, scale, kernel=kernel, settings=settings, device="cpu")
    assert result.image.shape == (3, scale * size[0], scale * size[1])
    assert float((result.image.mean() - image.mean()).abs()) < 0.05


@pytest.mark.parametrize("size", [(40, 96), (63, 64), (32, 33)])
@pytest.mark.parametrize("settings", [SMALL_INSTANT, SMALL, SMALL_PAPER], ids=["instant", "default", "paper"])
def test_a_narrow_image_gets_a_kernel_from_smaller_windows(settings, size):
    large = photo("coffee")[:, 100 : 100 + 2 * size[0], 100 : 100 + 2 * size[1]]
    image = downscale(large, WIDE).clamp(0, 1)
    with pytest.warns(
        Notice, match=rf"{size[1]}x{size[0]}; .* needs 64 pixels a side: its kernel is read from"
    ):
        (analysis,) = analyse([image], settings=settings, device="cpu")
    assert analysis.spectral is not None
    assert analysis.spectral.windows >= 1
    result = upscale(image, kernel=analysis.kernel, settings=SMALL_INSTANT, device="cpu").image
    errors = [float((made - large).square().mean()) for made in (result, bicubic_upscale(image, 2))]
    assert errors[0] < errors[1]


@pytest.mark.parametrize("size", [(1, 1), (31, 80)])
def test_what_says_nothing_of_its_kernel_is_interpolated(size):
    image = face(64, 96)[:, : size[0], : size[1]]
    with pytest.warns(Notice, match="it is interpolated bicubically"):
        result = upscale(image, 4, settings=SMALL_INSTANT, device="cpu")
    assert torch.allclose(result.image, bicubic_upscale(image, 4).clamp(0, 1), atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (40, 90)])
def test_trust_0_needs_no_size_and_says_nothing(size):
    image = face(64, 96)[:, : size[0], : size[1]]
    result = upscale(image, settings=settings_of_preset("instant", trust=0.0), device="cpu")
    assert torch.allclose(result.image, bicubic_upscale(image, 2).clamp(0, 1), atol=1e-6)


def test_a_picture_in_the_size_that_its_camera_names_was_not_enlarged():
    few = face(300, 300)[:, :200, :200]
    image = torch.nn.functional.interpolate(few[None], size=(300, 300), mode="bicubic")[0].clamp(0, 1)
    settings = SMALL_INSTANT
    assert analysis_of(image, settings).earlier_factor == pytest.approx(1.5, abs=0.02)
    taken = [FileEvidence(taken=(300, 300))]
    assert analysis_of(image, settings, file_evidence=taken).earlier_factor is None


def test_narrow_and_ordinary_images_side_by_side():
    images = [face(64, 71), face(64, 96)[:, :40], face(64, 71)[:, :20]]
    with pytest.warns(Notice):
        together = analyse(images, settings=SMALL_INSTANT, device="cpu")
    for image, one in zip(images, together, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Notice)
            (alone,) = analyse([image], settings=SMALL_INSTANT, device="cpu")
        assert np.array_equal(one.kernel.array, alone.kernel.array)
