"""Files that no honest program wrote end as a picture or as one line, soon and in little memory.

development/fuzz_files.py meets twenty thousand of them; these are as many as a test may take.
"""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blindsr.io.kernel_files import read_kernel
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from tests.io import hostile, rows


def high_water():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


@pytest.mark.slow
@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(0, 2**32 - 1))
def test_three_hundred_damaged_files(tmp_path, number):
    before, started = high_water(), time.perf_counter()
    hostile.meet(number, tmp_path)
    assert time.perf_counter() - started < hostile.SECONDS
    assert high_water() - before < hostile.BYTES


@pytest.mark.parametrize("depth", [1, 8, 16])
@pytest.mark.parametrize("size", [(60000, 60000), (2**31 - 1, 1), (30000, 20)])
def test_a_few_bytes_that_claim_many_pixels(tmp_path, depth, size):
    data = bytearray(rows.png_bytes(rows.gray(), 0, depth))
    data[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    (tmp_path / "p.png").write_bytes(hostile.with_right_sums(data))
    with pytest.raises(InputError, match=r"image|pixels|file"):
        read_photo(tmp_path / "p.png")


def test_a_bomb_of_a_profile_is_left_out(tmp_path):
    import zlib

    bomb = zlib.compress(bytes(1 << 26), 9)
    (tmp_path / "p.png").write_bytes(rows.png_bytes(rows.colours(), 2, 8, [(b"iCCP", b"x\0\0" + bomb)]))
    assert read_photo(tmp_path / "p.png").metadata.icc is None


def test_damage_beside_the_pixels_costs_what_is_damaged_alone(tmp_path):
    chunks = [(b"iCCP", b"x\0\0no zlib"), (b"zTXt", b"Raw profile type exif\0\0no zlib")]
    (tmp_path / "p.png").write_bytes(rows.png_bytes(rows.colours(), 2, 8, chunks))
    photo = read_photo(tmp_path / "p.png")
    assert (photo.metadata.icc, photo.metadata.exif) == (None, None)
    assert (photo.image * 255).round().byte().permute(1, 2, 0).numpy().tobytes() == rows.colours().tobytes()


def test_a_wrong_sum_of_what_is_decoded_is_an_error(tmp_path):
    data = bytearray(rows.png_bytes(rows.colours(), 2, 8))
    data[data.index(b"IDAT") + 20] ^= 1
    (tmp_path / "p.png").write_bytes(data)
    with pytest.raises(InputError, match=r"p\.png"):
        read_photo(tmp_path / "p.png")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "k.npy",
            b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 100000), }",
        ),
        ("k.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (3, 3), }"),
        ("k.mat", b"MATLAB 5.0 MAT-file".ljust(126) + b"\0\1"),
        ("k.mat", b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM" + b"\x89HDF" * 9),
        ("k.mat", (b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM") + b"\x0e\0\0\0\0\0\0\0" * 9),
        ("k.mat", b"\0\0\0\0\xff\xff\xff\xff\1\0\0\0\0\0\0\0\2\0\0\0k\0" * 8),
        ("k.npz", b"PK\3\4 no archive"),
        ("k.csv", b"1,2\n3\n"),
        ("k.txt", b"\xff\xfe\0"),
        ("k.txt", b""),
    ],
)
def test_kernel_files_that_lead_nowhere(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}.*(cannot be read as a kernel|wanted)") as caught:
        read_kernel(tmp_path / name, 2)
    assert "\n" not in str(caught.value)


def test_a_kernel_file_that_runs_a_program_is_not_run(tmp_path):
    import pickle

    import numpy as np

    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "run",))

    with (tmp_path / "k.npy").open("wb") as file:
        np.save(file, np.array([[Evil()]], dtype=object), allow_pickle=True)
    (tmp_path / "k.npz").write_bytes(pickle.dumps(Evil()))
    for name in ("k.npy", "k.npz"):
        with pytest.raises(InputError, match="cannot be read as a kernel"):
            read_kernel(tmp_path / name, 2)
    assert not (tmp_path / "run").exists()
