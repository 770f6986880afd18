"""From a belief to an image: the mean over what may be true, and nothing that is not."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from blindsr.analysis.origin import Origin
from blindsr.configuration import PRESETS
from blindsr.io.jpeg_tables import read_tables
from blindsr.restoration import blend as restore
from blindsr.restoration.blend import restored, storage_of
from srbase.imaging.resample import bicubic_upscale, downscale
from srbase.kernels.kernel import SRKernel
from tests.pictures import eight_bits, face
from zssr.solve import SRResult

pytestmark = pytest.mark.slow

SETTINGS = PRESETS["instant"]
KERNELS = {2: SRKernel.bicubic(2), 4: SRKernel.bicubic(4)}
SAME = 1e-6  # float32
TILED = 1e-3  # rms, a quarter of a grey level: conjugate gradients stop early, each tile's elsewhere


def made(image, origin, stored=None, scale=2, settings=SETTINGS):
    rng = torch.Generator().manual_seed(0)
    return restored(image, KERNELS, scale, settings, origin, stored, rng=rng, on_step=lambda _: None)


def origin(computer, trust):
    return Origin(computer, trust, {})


@pytest.fixture
def lr():
    return eight_bits(downscale(face(134, 122), KERNELS[2]))


def compressed(image, quality):
    file = io.BytesIO()
    pixels = (image * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=2)
    again = np.asarray(Image.open(file)).astype(np.float32) / 255
    return torch.from_numpy(again).permute(2, 0, 1).contiguous(), read_tables(file.getvalue())


@pytest.mark.parametrize("scale", [2, 4])
def test_no_trust_is_bicubic_interpolation(lr, scale):
    image, trainings = made(lr, origin(0.5, 0.0), scale=scale)
    assert torch.equal(image, bicubic_upscale(lr, scale).clamp(0, 1))
    assert trainings == ()


def test_a_certain_kernel_is_zssrs_alone(lr, monkeypatch):
    monkeypatch.setattr(restore, "_cameras", lambda *_: pytest.fail("a camera was undone"))
    certain, _ = made(lr, None)
    assert torch.equal(made(lr, origin(1.0, 1.0))[0], certain)


def test_a_certain_camera_trains_nothing(lr, monkeypatch):
    monkeypatch.setattr(restore, "super_resolve", lambda *_, **__: pytest.fail("ZSSR was asked"))
    image, trainings = made(lr, origin(0.0, 1.0))
    assert image.shape == (3, 134, 122)
    assert trainings == ()


def test_what_lies_between_is_the_mean(lr):
    lr = 0.4 + 0.2 * lr  # nothing leaves the range
    plain = replace(SETTINGS, zssr=replace(SETTINGS.zssr, saturation=None))
    computer, camera, bicubic, mixed = (
        made(lr, origin(*belief), settings=plain)[0]
        for belief in ((1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (0.25, 0.8))
    )
    wanted = 0.2 * bicubic + 0.8 * (0.25 * computer + 0.75 * camera)
    assert (mixed - wanted).abs().max() < SAME


def test_a_jpeg_is_its_tables_and_fine_ones_do_not_matter(lr):
    image, tables = compressed(lr, 80)
    stored = storage_of(image, tables, SETTINGS.restore)
    assert stored is not None
    assert stored.tables == tables
    assert storage_of(lr, None, SETTINGS.restore) is None
    fine, tables = compressed(lr, 100)
    assert storage_of(fine, tables, SETTINGS.restore) is None


def test_a_jpeg_that_became_a_png_is_found_unless_that_is_switched_off():
    image, tables = compressed(face(224, 208), 75)
    found = storage_of(image, None, SETTINGS.restore)
    assert found is not None
    assert found.tables.luma == tables.luma
    assert storage_of(image, None, replace(SETTINGS.restore, history=None)) is None


@pytest.mark.parametrize("mixed", [origin(0.0, 1.0), origin(0.5, 0.7)])
def test_tiles_are_the_whole(mixed):
    lr = eight_bits(downscale(face(300, 290), KERNELS[2]))  # larger than a tile with its rim
    whole, _ = made(lr, mixed)
    coloured = replace(SETTINGS.restore.coloured, tile=32)
    small = replace(SETTINGS, restore=replace(SETTINGS.restore, coloured=coloured))
    off = made(lr, mixed, settings=small)[0] - whole
    assert 0 < float(off.square().mean().sqrt()) < TILED


def test_the_image_is_only_read(lr):
    before = lr.clone()
    made(lr, origin(0.5, 0.7))
    assert torch.equal(lr, before)


@pytest.mark.parametrize("computer", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("channels", [1, 3])
def test_under_a_jpegs_noise_nothing_is_trained(lr, monkeypatch, computer, channels):
    monkeypatch.setattr(restore, "super_resolve", lambda *_, **__: pytest.fail("ZSSR was asked"))
    image, tables = compressed(lr, 60)
    image = image[:channels]
    result, _ = made(image, origin(computer, 0.9), storage_of(image, tables, SETTINGS.restore))
    assert result.shape == (channels, 134, 122)
    assert 0 <= float(result.min()) <= float(result.max()) <= 1


def test_the_tables_gain_over_not_heeding_them():
    truth = face(260, 244)
    image, tables = compressed(downscale(truth, KERNELS[2]), 60)
    heeded = made(image, origin(1.0, 1.0), storage_of(image, tables, SETTINGS.restore))[0]
    plain = made(image, origin(1.0, 1.0))[0]
    errors = [float((x - truth).square().mean()) for x in (heeded, plain)]
    assert errors[0] < errors[1]


def test_the_sr_result_is_only_what_zssr_gave(lr, monkeypatch):
    gray = torch.full((3, 134, 122), 0.25)
    monkeypatch.setattr(restore, "super_resolve", lambda *_, **__: SRResult(gray, ()))
    assert torch.equal(made(lr, origin(1.0, 1.0))[0], gray)
