"""A network that adds detail to what the program makes of pictures of unknown history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage import data

import blindsr
from benchmarks.everyday.kinds import make_pair
from blindsr.analysis.kind import PHOTO, Kind
from blindsr.analysis.storage import stored_jpeg
from blindsr.configuration import fingerprint, settings_of_preset, with_choices
from blindsr.io.jpeg_tables import JPEGTables
from blindsr.restoration.blend import restore
from blindsr.restoration.config import DetailConfig, NetworkConfig, network_config
from blindsr.restoration.expected_loss import bicubic_alone, kernel_alone
from blindsr.restoration.network.detail import Detail
from blindsr.restoration.network.detail_net import DetailLayout, DetailNet, detail_layout_of
from blindsr.restoration.network.weights import read_network
from srbase.errors import InputError
from srbase.imaging.resample import bicubic_upscale
from srbase.kernels.kernel import SRKernel
from tests.few_steps import SMALL_INSTANT
from tests.pictures import photo
from tests.restoration.network.made import data_steps_alone, random_network, saved

INSTANT = settings_of_preset("instant").restoration
TRUE = SRKernel.bicubic(2)
LAYOUT = DetailLayout(scale=2, channels=6, layers=4)
TILES = 2e-6
"""Convolutions of parts of another size round differently."""


def network(layout=LAYOUT, strength=0.05):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = DetailNet(layout)
        torch.nn.init.normal_(made.last.weight, std=strength)
    return made.eval().requires_grad_(requires_grad=False)


NETWORKS = ((data_steps_alone(iterations=1), "usrnet.pth"), (network(), "detail.pth"))


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    (found,) = network_config(saved(network(), tmp_path_factory.mktemp("weights")))
    return found


@pytest.fixture(scope="module")
def lr():
    return photo()[:, :67, :71].contiguous()


def run(image, config, combination, scale=2):
    rng = torch.Generator().manual_seed(0)
    return restore(image, {scale: SRKernel.bicubic(scale)}, scale, config, combination, rng=rng).image


@pytest.mark.parametrize("layout", [LAYOUT, DetailLayout(scale=4, channels=5, layers=6)], ids=str)
def test_sizes_are_read_from_the_tensors(layout, tmp_path):
    state = network(layout).state_dict()
    assert detail_layout_of(state) == layout
    (found,) = network_config(saved(network(layout), tmp_path))
    assert (found.scale, found.architecture) == (layout.scale, str(layout))


def test_an_untrained_network_adds_nothing(lr):
    made = bicubic_upscale(lr, 2)
    assert torch.equal(Detail(DetailNet(LAYOUT), 1.0).add(lr, made), made)


def test_detail_is_added_where_the_kernel_is_not_sure_and_nowhere_else(config, lr):
    with_detail = replace(INSTANT, detail=(config,))
    plain = run(lr, INSTANT, bicubic_alone(2))
    wanted = Detail(network(), config.share).add(lr, plain).clamp(0, 1)
    made = run(lr, with_detail, bicubic_alone(2))
    assert (wanted - plain).abs().max() > 0.01
    assert (made - wanted).abs().max() < TILES
    assert torch.equal(run(lr, with_detail, kernel_alone(2)), run(lr, INSTANT, kernel_alone(2)))


def test_a_known_kernel_needs_no_detail(config, lr):
    """Not in a JPEG either, whose kernel's inverse is a combination."""
    steps = np.full((8, 8), 20.0)
    stored = stored_jpeg(lr, JPEGTables(steps, steps, False), settings_of_preset().analysis)
    made = []
    for settings in (replace(INSTANT, detail=(config,)), INSTANT):
        rng = torch.Generator().manual_seed(0)
        made.append(restore(lr, {2: TRUE}, 2, settings, None, stored, rng=rng).image)
    assert torch.equal(*made)


@pytest.mark.parametrize(
    ("kernel", "asked", "usrnet", "detail"),
    [
        (None, {}, 0.8, 0.0),
        (1.0, {}, 0.8, 0.0),
        (0.0, {}, 0.0, 0.7),
        (0.675, {}, 0.4, 0.35),
        (0.675, {"trust": 0.5}, 0.2, 0.175),
        (1.0, {"jpeg": True}, 0.0, 0.7),
        (1.0, {"noisy": True}, 0.0, 0.0),
        (0.675, {"bright": True}, 0.0, 0.0),
        (0.675, {"kind": Kind("drawing")}, 0.0, 0.0),
    ],
)
def test_the_part_of_each_trained_network_is_recorded(lr, tmp_path, kernel, asked, usrnet, detail):
    image = lr.clone()
    if asked.get("bright"):
        image[:, 30, 30] = 3.0
    stored = None
    if asked.get("jpeg"):
        steps = np.full((8, 8), 20.0)
        stored = stored_jpeg(lr, JPEGTables(steps, steps, False), settings_of_preset().analysis)
    first, (second,) = (network_config(saved(made, tmp_path, name)) for made, name in NETWORKS)
    first, second = replace(first, share=0.8), replace(second, share=0.7)
    config = replace(INSTANT, network=first, detail=(second,), trust=asked.get("trust"))
    chosen = None if kernel is None else replace(kernel_alone(2), kernel=kernel)
    found = restore(
        image,
        {2: TRUE},
        2,
        config,
        chosen,
        stored,
        kind=asked.get("kind", PHOTO),
        noisy=asked.get("noisy", False),
        rng=torch.Generator().manual_seed(0),
    )
    assert found.networks == pytest.approx({first.architecture: usrnet, second.architecture: detail})


def test_its_weight_is_that_of_the_combination(config, lr):
    """A trust of 0.3 is three tenths of the way from bicubic interpolation to the whole."""
    with_detail = replace(INSTANT, detail=(config,))
    whole, bicubic = run(lr, with_detail, bicubic_alone(2)), bicubic_upscale(lr, 2).clamp(0, 1)
    some = run(lr, replace(with_detail, trust=0.3), bicubic_alone(2))
    assert (some - (0.3 * whole + 0.7 * bicubic)).abs().max() < TILES


def test_the_result_does_not_depend_on_the_tiles(config, lr):
    with_detail = replace(INSTANT, detail=(config,))
    made = run(lr, with_detail, bicubic_alone(2))
    assert (run(lr, replace(with_detail, tile=32), bicubic_alone(2)) - made).abs().max() < TILES


def test_gray_is_the_mean_of_three_equal_channels(lr):
    detail, gray = Detail(network(), 0.7), lr[:1]
    made = detail.add(gray, bicubic_upscale(gray, 2))
    colours = gray.expand(3, -1, -1)
    assert made.shape[0] == 1
    assert (detail.add(colours, bicubic_upscale(colours, 2)).mean(0) - made).abs().max() < TILES


def test_beyond_white_there_is_no_network(config, lr):
    bright = lr.clone()
    bright[:, 30, 30] = 3.0
    made = (run(bright, one, bicubic_alone(2)) for one in (replace(INSTANT, detail=(config,)), INSTANT))
    assert torch.equal(*made)


def test_a_network_of_another_scale_is_refused(config, lr):
    with pytest.raises(InputError, match="is a network for x2; wanted one for x4"):
        run(lr, replace(INSTANT, detail=(config,)), bicubic_alone(4), scale=4)


def test_another_scale_is_refused_before_any_work(config, lr, monkeypatch):
    monkeypatch.setattr("blindsr.pipeline.find_bars", lambda *_: pytest.fail("the work was begun"))
    with pytest.raises(InputError, match="is a network for x2; wanted one for x4"):
        blindsr.upscale(lr.permute(1, 2, 0).numpy(), 4, network=config.file, device="cpu")


def test_the_public_function_takes_its_file(config, lr):
    array = (lr.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    given = {"settings": settings_of_preset("instant", real="on"), "device": "cpu"}
    plain, made = (blindsr.upscale(array, network=file, **given).image for file in (None, config.file))
    assert np.abs(made.astype(int) - plain).max() > 3


def test_settings_name_the_file_by_its_content(config):
    settings = settings_of_preset("instant", network=config.file)
    assert [type(one) for one in settings.restoration.detail] == [DetailConfig]
    assert settings.restoration.network is None
    assert fingerprint(settings) != fingerprint(settings_of_preset("instant"))


@pytest.mark.parametrize("scale", [2, 4])
def test_the_packages_own_are_small_and_for_each_scale(lr, scale):
    config = replace(INSTANT, detail=network_config("auto"))
    own = config.detail_for(scale)
    assert own.scale == scale
    assert Path(own.file).stat().st_size < 1 << 20
    made, plain = (run(lr, one, bicubic_alone(scale), scale) for one in (config, INSTANT))
    assert (made - plain).abs().max() > 0.01


def test_the_packages_own_does_not_depend_on_where_it_lies():
    settings = settings_of_preset("instant", network="auto")
    moved = tuple(
        replace(one, file=f"/elsewhere/{Path(one.file).name}") for one in settings.restoration.detail
    )
    elsewhere = replace(settings, restoration=replace(settings.restoration, detail=moved))
    assert fingerprint(settings) == fingerprint(elsewhere)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("kind", ["lanczos JPEG 88", "sharpened strongly, JPEG 88", "noise 8, JPEG 92"])
def test_the_packages_own_bring_everyday_pictures_nearer_to_the_truth(kind, scale):
    pair = make_pair(np.ascontiguousarray(data.astronaut()[:340, 60:420]), kind, scale)
    scores = []
    for network in (None, "auto"):
        settings = with_choices(SMALL_INSTANT, network=network)
        made = blindsr.upscale(pair.lr, scale, settings=settings, device="cpu").image
        scores.append(blindsr.score(made, pair.hr, scale).psnr_y)
    assert scores[1] > scores[0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"first.weight": torch.zeros(6, 14, 3, 3)}, "tensors of other shapes"),
        ({"first.weight": torch.zeros(6)}, "tensors of other shapes"),
        ({"last.weight": torch.zeros(12, 5, 3, 3)}, "'last.weight' of shape"),
        ({"inner.2.weight": torch.zeros(6, 6, 3, 3)}, "tensors of other shapes"),
        ({"more": torch.zeros(1)}, "'more'"),
        ({"last.bias": torch.full((12,), torch.nan)}, "not finite"),
    ],
)
def test_a_wrong_file_is_one_line(changed, said, tmp_path):
    torch.save(network().state_dict() | changed, tmp_path / "wrong.pth")
    with pytest.raises(InputError, match=said) as caught:
        read_network(tmp_path / "wrong.pth")
    assert "\n" not in str(caught.value)


def test_each_kind_in_its_place(config, tmp_path):
    with pytest.raises(InputError, match=r"is a detail network for x2, .*; wanted a USRNet"):
        NetworkConfig.of(config.file)
    assert isinstance(network_config(saved(random_network(), tmp_path)), NetworkConfig)


def test_a_share_outside_its_range_is_refused(config):
    with pytest.raises(InputError, match="detail share is 2"):
        replace(config, share=2)
