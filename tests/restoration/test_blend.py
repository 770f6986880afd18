"""The blend of what may be true: the mean over origins, and nothing that has no weight."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from blindsr.analysis.config import AnalysisConfig
from blindsr.analysis.origin import Origin
from blindsr.analysis.storage import stored_jpeg
from blindsr.configuration import PRESETS
from blindsr.restoration.base_upscaler import base_upscaler
from blindsr.restoration.blend import restored
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from tests.few_steps import SMALL
from tests.pictures import eight_bits, face, through_jpeg
from zssr.solve import super_resolve

CONFIG = PRESETS["instant"].restoration
TRAINED = SMALL.restoration
ANALYSIS = AnalysisConfig()
KERNELS = {2: SRKernel.bicubic(2), 4: SRKernel.bicubic(4)}
SAME = 1e-6  # float32
TILED = 1e-3  # rms, a quarter of a grey level: conjugate gradients stop early, each tile's elsewhere


def made(image, origin, stored=None, scale=2, config=CONFIG):
    rng = torch.Generator().manual_seed(0)
    return restored(image, KERNELS, scale, config, origin, stored, rng=rng)


def origin(computer, trust):
    return Origin(computer, trust, {})


@pytest.fixture(scope="module")
def lr():
    return eight_bits(downscale(face(94, 82), KERNELS[2]))


@pytest.mark.parametrize("scale", [2, 4])
def test_no_trust_is_bicubic_interpolation(lr, scale):
    image, trainings = made(lr, origin(0.5, 0.0), scale=scale, config=TRAINED)
    assert torch.equal(image, bicubic_upscale(lr, scale).clamp(0, 1))
    assert trainings == ()


@pytest.mark.parametrize("certain", [None, origin(1.0, 1.0)])
def test_a_certain_kernel_is_zssrs_alone(lr, certain):
    image, trainings = made(lr, certain, config=TRAINED)
    base, rng = partial(base_upscaler, config=TRAINED.inverse), torch.Generator().manual_seed(0)
    assert torch.equal(image, super_resolve(lr, KERNELS, 2, TRAINED.zssr, base=base, rng=rng).image)
    assert [training.steps for training in trainings] == [TRAINED.zssr.max_steps]


def test_a_kernel_that_is_hardly_believed_is_undone_without_training(lr):
    doubtful = replace(origin(0.3, 1.0), worth_training=False)
    _, trainings = made(lr, doubtful, config=TRAINED)
    assert [training.steps for training in trainings] == [0]


def test_a_certain_camera_trains_nothing(lr):
    image, trainings = made(lr, origin(0.0, 1.0), config=TRAINED)
    assert image.shape == (3, 94, 82)
    assert trainings == ()


def test_what_lies_between_is_the_mean(lr):
    lr = 0.4 + 0.2 * lr  # nothing leaves the range
    plain = replace(CONFIG, zssr=replace(CONFIG.zssr, saturation=None))
    computer, camera, bicubic, mixed = (
        made(lr, origin(*belief), config=plain)[0]
        for belief in ((1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (0.25, 0.8))
    )
    wanted = 0.2 * bicubic + 0.8 * (0.25 * computer + 0.75 * camera)
    assert (mixed - wanted).abs().max() < SAME


def test_the_settings_trust_stands_in_place_of_the_analysiss(lr):
    wanted = made(lr, origin(0.5, 0.25))[0]
    assert torch.equal(made(lr, origin(0.5, 0.9), config=replace(CONFIG, trust=0.25))[0], wanted)


@pytest.mark.parametrize("mixed", [origin(0.0, 1.0), origin(0.5, 0.7)])
def test_tiles_are_the_whole(mixed):
    lr = eight_bits(downscale(face(180, 230), KERNELS[2]))  # larger than a tile with its rim
    whole, _ = made(lr, mixed)
    small = replace(CONFIG, coloured=replace(CONFIG.coloured, tile=32))
    off = made(lr, mixed, config=small)[0] - whole
    assert 0 < float(off.square().mean().sqrt()) < TILED


def test_the_image_is_only_read(lr):
    before = lr.clone()
    made(lr, origin(0.5, 0.7))
    assert torch.equal(lr, before)


@pytest.mark.parametrize("computer", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("channels", [1, 3])
def test_under_a_jpegs_noise_nothing_is_trained(lr, computer, channels):
    image, tables = through_jpeg(lr, 60)
    stored = stored_jpeg(image, tables, ANALYSIS)
    result, trainings = made(image[:channels], origin(computer, 0.9), stored, config=TRAINED)
    assert trainings == ()
    assert result.shape == (channels, 94, 82)
    assert 0 <= float(result.min()) <= float(result.max()) <= 1


def test_the_tables_gain_over_not_heeding_them():
    truth = face(160, 144)
    image, tables = through_jpeg(downscale(truth, KERNELS[2]), 60)
    heeded = made(image, origin(1.0, 1.0), stored_jpeg(image, tables, ANALYSIS))[0]
    plain = made(image, origin(1.0, 1.0))[0]
    errors = [float((x - truth).square().mean()) for x in (heeded, plain)]
    assert errors[0] < errors[1]


@pytest.mark.parametrize("trust", [-0.1, 1.5, float("nan")])
def test_a_trust_that_is_no_share_is_refused(trust):
    with pytest.raises(InputError, match=f"trust is {trust}; wanted 0"):
        replace(CONFIG, trust=trust)
