"""What pages say was reached is what the results of record say."""

from pathlib import Path

import pandas as pd
import pytest

from development.reached import (
    NETWORK_SETS,
    PAIRS,
    REAL,
    beside_rivals,
    by_kind,
    by_set,
    gains,
    in_all,
    now_and_before,
    of_each,
    published,
    tables,
    with_networks,
)

ROOT = Path(__file__).parents[2]
SHOWN = tables(ROOT / "benchmarks" / "results")


@pytest.mark.parametrize("name", SHOWN)
def test_pages_show_the_results_of_record(name):
    page = ROOT / name.partition(":")[0]
    assert SHOWN[name] in page.read_text("utf-8"), f"{page.name} wants this table:\n{SHOWN[name]}"


def results(tmp_path, rows):
    path = tmp_path / "results.csv"
    pd.DataFrame(rows, columns=["dataset", "scale", "image", "method", "psnr_y"]).to_csv(path, index=False)
    return path


def test_gains_are_over_images_that_every_method_has(tmp_path):
    rows = [
        ("a", 2, "im_1", "bicubic", 20.0),
        ("a", 2, "im_1", "ours", 23.5),
        ("a", 2, "im_2", "bicubic", 30.0),
    ]
    found = gains(results(tmp_path, rows), ["ours"])
    assert found["ours"].tolist() == [3.5]


def test_published_gains_are_over_their_own_bicubic_row():
    assert published("kernelgan+zssr", 2) == f"{30.36 - 28.73:+.2f}"
    assert published("blindsr", 2) == ""


def test_the_worst_and_the_share_of_real_pairs(tmp_path):
    methods = {"bicubic": 20.0, "blindsr-instant-off": 18.0, "blindsr-instant": 20.5}
    rows = [
        (dataset, 4, image, method, value)
        for dataset in PAIRS
        for image, best in (("a", 19.0), ("b", 21.0))
        for method, value in {**methods, "blindsr": best}.items()
    ]
    line = by_set(gains(results(tmp_path, rows), REAL), PAIRS).splitlines()[2]
    assert line == "| RealSR x4 | 2 | -2.00, -2.00, 0% | +0.50, +0.50, 100% | +0.00, -1.00, 50% |"


def test_each_method_on_the_images_that_it_has(tmp_path):
    rows = [("a", 2, "1", "bicubic", 20.0), ("a", 2, "2", "bicubic", 30.0), ("a", 4, "1", "bicubic", 10.0)]
    rows += [("a", 2, "1", "ours", 21.0), ("a", 2, "2", "ours", 33.0), ("a", 4, "1", "theirs", 9.5)]
    lines = of_each(results(tmp_path, rows), ["ours", "theirs"]).splitlines()[2:]
    assert lines == ["| ours | +2.00, +1.00 | - |", "| theirs | - | -0.50, -0.50 |"]


def test_kinds_beside_their_linear_filter(tmp_path):
    head = "kind,picture,method,scale,bicubic,psnr"
    lines = [
        "lanczos PNG,1,blindsr instant (x),2,20,21",
        "lanczos PNG,2,blindsr instant (x),2,20,19.5",
        "lanczos PNG,1,blindsr instant with auto (z),2,20,22",
        "lanczos PNG,2,blindsr instant with auto (z),2,20,20.5",
        "lanczos PNG,1,blindsr default (y),2,20,30",
    ]
    lines += [
        "lanczos PNG,1,linear filter of the kind,2,20,20.5",
        "box PNG,1,blindsr instant (x),2,20,22",
        "box PNG,1,blindsr instant (x),4,20,9",
    ]
    path = tmp_path / "everyday.csv"
    path.write_text("\n".join([head, *lines]))
    assert by_kind(path, {"lanczos PNG": "first", "box PNG": "second"}, total=True).splitlines()[2:] == [
        "| first | 2 | +0.25, -0.50 | 50% | 50.0% | +1.25, +0.50 | +0.50 |",
        "| second | 1 | +2.00, +2.00 | 100% | 0.0% |  |  |",
        "| all 2 kinds | 3 | +0.83, -0.50 | 67% | 33.3% | +1.25, +0.50 | +0.50 |",
    ]


def test_scales_of_everyday_pictures_have_a_row_for_each_method(tmp_path):
    path = tmp_path / "everyday.csv"
    lines = ["kind,picture,method,scale,bicubic,psnr"]
    lines += [
        "lanczos PNG,1,blindsr instant (x),1.5,20,22",
        "lanczos PNG,2,blindsr instant (x),1.5,20,19",
        "page,1,blindsr instant (x),1.5,20,90",
        "lanczos PNG,1,blindsr instant (x),4,20,21",
        "lanczos PNG,1,blindsr instant with auto (x),4,20,23",
    ]
    path.write_text("\n".join(lines))
    assert in_all(path, (1.5, 2, 4)).splitlines()[2:] == [
        "| x1.5, `instant` | +0.50 | -1.00 | 50% | 50.0% |",
        "| x4, `instant` | +1.00 | +1.00 | 100% | 0.0% |",
        "| x4, `instant --network auto` | +3.00 | +3.00 | 100% | 0.0% |",
    ]


def test_groups_of_kinds_beside_rivals(tmp_path):
    """Each kind of photograph is in one group; a name alone tells which. Groups that have no rows are left
    out."""
    path = tmp_path / "rivals.csv"
    lines = ["kind,picture,method,scale,bicubic,psnr"]
    lines += [
        '"lanczos PNG",1,blindsr instant (x),2,20,22',
        '"lanczos PNG",1,waifu2x,2,20,19',
        '"lanczos PNG",1,waifu2x,4,20,90',
        '"page, JPEG 88",1,waifu2x,2,20,27',
    ]
    path.write_text("\n".join(lines))
    found = beside_rivals(path).splitlines()[2:]
    assert len(found) == 3  # the group, all kinds, the drawings
    assert found[0].endswith("| +2.00, +2.00 |  | -1.00, -1.00 |  |")
    assert found[-1] == "| page, screen, line art |  |  | +7.00, +7.00 |  |"


def test_what_a_network_adds_to_the_default(tmp_path):
    values = {
        "bicubic": 20.0,
        "blindsr": 22.0,
        "spectral+usrnet": 21.5,
        "blindsr+usrnet": 23.0,
        "gt+usrnet": 25.0,
    }
    rows = [
        (dataset, scale, image, method, value)
        for dataset in NETWORK_SETS
        for scale in (2, 4)
        for image in "ab"
        for method, value in values.items()
    ]
    first = with_networks(results(tmp_path, rows)).splitlines()[2]
    assert (
        first == "| DIV2KRK, eight others, x2 | +2.00 | -0.50, -0.50, 0 of 2 | +1.00, +1.00, 2 of 2 | +5.00 |"
    )


def test_now_and_before_compare_the_same_images(tmp_path):
    both = []
    for name, value in (("new", 22.0), ("old", 21.5)):
        rows = [("a", 2, image, method, value) for image in "12" for method in ("blindsr", "blindsr-instant")]
        rows += [("a", 2, "1", method, value) for method in ("blindsr-off", "blindsr-gt", "kernelgan+zssr")]
        folder = tmp_path / name
        folder.mkdir()
        both.append(results(folder, rows[1:] if name == "old" else rows))
    told = now_and_before(*both).splitlines()[2]
    assert told == "| a x2 | +0.50 (1) | +0.50 (2) | - | +0.50 (1) | +0.50 (1) |"
