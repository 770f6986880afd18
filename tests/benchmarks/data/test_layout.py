"""Names of files, and the numbers that pair them."""

import pytest

from benchmarks.data import layout
from srbase.errors import InputError


@pytest.mark.parametrize(
    ("stem", "number"),
    [
        ("im_7", 7),
        ("img_12_gt", 12),
        ("kernel_3", 3),
        ("img_7_x2_EDSR2", 7),
        ("ZSSR_im_10", 10),
        ("0801x4", 801),
        ("01", 1),
        ("set5_03", None),
        ("cat", None),
    ],
)
def test_number_of_a_file(stem, number):
    assert layout.number_of(stem) == number


def test_two_files_of_one_number_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"im_07\.png and im_7\.png .* are both number 7"):
        layout.by_number([tmp_path / "im_07.png", tmp_path / "im_7.png"])


def test_natural_order():
    assert sorted(["im_10", "im_2", "im_1"], key=layout.natural) == ["im_1", "im_2", "im_10"]
