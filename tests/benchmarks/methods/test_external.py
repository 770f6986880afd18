"""Images made elsewhere."""

import pytest
import torch

from benchmarks.methods.registry import method
from blindsr.io.photo import Photo, write_photo
from srbase.errors import InputError
from tests.benchmarks.methods.given import given


def test_external_images_are_found_by_stem_or_number(tmp_path):
    for name in ("img_1_x2_EDSR.png", "im_10.png"):
        write_photo(tmp_path / name, Photo(torch.full((3, 292, 268), 0.5)))
    external = method(f"external:EDSR+={tmp_path}")
    assert external.name == "EDSR+"
    assert external.run(given()).sr.shape == (3, 292, 268)
    with pytest.raises(InputError, match="has no image for im_2"):
        external.find(list(tmp_path.iterdir()), "im_2")
    write_photo(tmp_path / "im_01.png", Photo(torch.zeros(3, 20, 20)))
    with pytest.raises(InputError, match=r"several images for im_1: .*im_01\.png"):
        external.find(sorted(tmp_path.iterdir()), "im_1")
    write_photo(tmp_path / "im_1.png", Photo(torch.zeros(3, 20, 20)))
    with pytest.raises(InputError, match=r"im_1\.png is 20x20; wanted 268x292 at x2"):
        external.run(given())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("external:A", "is incomplete; wanted external:NAME=DIR"),
        ("external:A=/nowhere/at/all", "is not a folder"),
        ("external:bicubic=/tmp", "is that of a built-in method"),
    ],
)
def test_bad_external_methods(name, message):
    with pytest.raises(InputError, match=message):
        method(name)
