"""The same part by every method."""

import numpy as np
from PIL import Image

from benchmarks.cli import main
from blindsr.io.photo import Photo, write_photo
from tests.benchmarks.bench_fakes import photograph, small_set


def test_crops_show_what_was_kept(tmp_path, capsys):
    data = small_set(tmp_path / "set", 2)
    folder = tmp_path / "kept" / "set_x2" / "blindsr" / "run_1"
    folder.mkdir(parents=True)
    write_photo(folder / "im_2.png", Photo(photograph(2)))
    command = ["crops", "--data", str(data), "--kept", str(tmp_path / "kept"), "--out", str(tmp_path)]
    assert main([*command, "bicubic", "blindsr"]) == 0
    picture = np.asarray(Image.open(capsys.readouterr().out.strip()).convert("L"))
    assert picture.shape[1] > 2 * picture.shape[0]  # one row of three: im_1 was not kept
    assert main([*command, "bicubic", "gt+zssr"]) == 1
    assert "has no image of set x2 by all of gt+zssr" in capsys.readouterr().err
