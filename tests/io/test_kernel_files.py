import sys

import numpy as np
import pytest
from PIL import Image
from scipy import io as scipy_io

from blindsr.io import mat_file
from blindsr.io.kernel_files import CELL_PIXELS, MOST_BYTES, picture, read_kernel, write_kernel
from srbase.errors import InputError
from srbase.kernels.kernel import SRKernel

SPLINE = 1e-6  # a centred kernel is moved by nothing but rounding


@pytest.mark.parametrize("ending", [".mat", ".npy"])
@pytest.mark.parametrize("scale", [2, 4])
def test_a_kernel_comes_back_from_its_file(tmp_path, ending, scale):
    kernel = SRKernel.bicubic(scale)
    write_kernel(tmp_path / f"k{ending}", kernel)
    again = read_kernel(tmp_path / f"k{ending}", scale)
    np.testing.assert_allclose(again.array, kernel.array, atol=SPLINE)
    assert [path.name for path in tmp_path.iterdir()] == [f"k{ending}"]


def test_mat_files_hold_the_variable_kernel(tmp_path):
    write_kernel(tmp_path / "k.mat", SRKernel.bicubic(2))
    assert scipy_io.loadmat(tmp_path / "k.mat")["Kernel"].shape == (13, 13)


@pytest.mark.parametrize("name", ["Kernel", "kernel", "ker", "anything"])
def test_other_programs_variable_names_are_read(tmp_path, name):
    scipy_io.savemat(tmp_path / "k.mat", {name: SRKernel.bicubic(2).array, "comment": "text"})
    np.testing.assert_allclose(
        read_kernel(tmp_path / "k.mat", 2).array, SRKernel.bicubic(2).array, atol=SPLINE
    )


@pytest.mark.parametrize(("ending", "delimiter"), [(".txt", " "), (".csv", ",")])
def test_text_kernels_are_read(tmp_path, ending, delimiter):
    np.savetxt(tmp_path / f"k{ending}", SRKernel.bicubic(2).array, delimiter=delimiter)
    assert read_kernel(tmp_path / f"k{ending}", 2).shape == (13, 13)


def test_npz_is_read(tmp_path):
    np.savez(tmp_path / "k.npz", Kernel=SRKernel.bicubic(2).array)
    assert read_kernel(tmp_path / "k.npz", 2).shape == (13, 13)


def test_a_kernel_off_the_phase_is_centred_on_reading(tmp_path):
    wide = np.pad(SRKernel.bicubic(2).array, ((2, 2), (3, 1)))
    np.save(tmp_path / "k.npy", wide)
    assert np.abs(read_kernel(tmp_path / "k.npy", 2).centre_offset).max() < SPLINE


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(7), "2-D"),
        (np.ones((3, 3, 3)), "2-D"),
        (np.full((5, 5), np.nan), "NaN"),
        (np.zeros((5, 5)), "sums to 0"),
        (np.array([["a"]]), "cannot be read"),
    ],
)
def test_bad_arrays_are_named_with_their_file(tmp_path, array, message):
    np.save(tmp_path / "bad.npy", array)
    with pytest.raises(InputError, match=message) as caught:
        read_kernel(tmp_path / "bad.npy", 2)
    assert "bad.npy" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", [".mat", ".npy", ".npz", ".txt", ".csv"])
def test_rubbish_under_any_ending_is_refused(tmp_path, ending):
    (tmp_path / f"k{ending}").write_text("no kernel at all\n")
    with pytest.raises(InputError, match=f"k{ending}"):
        read_kernel(tmp_path / f"k{ending}", 2)


def test_pickles_are_never_loaded(tmp_path):
    np.save(tmp_path / "k.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="cannot be read"):
        read_kernel(tmp_path / "k.npy", 2)


def test_missing_files_and_unknown_endings(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_kernel(tmp_path / "none.mat", 2)
    (tmp_path / "k.doc").write_text("1")
    with pytest.raises(InputError, match="wanted one of"):
        read_kernel(tmp_path / "k.doc", 2)
    with pytest.raises(InputError, match=r"wanted one of \.mat, \.npy, \.png"):
        write_kernel(tmp_path / "k.txt", SRKernel.bicubic(2))


@pytest.mark.parametrize(("made", "asked"), [(2, 4), (4, 2)])
def test_a_kernel_for_the_other_scale_is_refused(tmp_path, made, asked):
    write_kernel(tmp_path / "k.mat", SRKernel.bicubic(made))
    with pytest.raises(InputError, match=f"centred for x{made}.*wanted a kernel for x{asked}"):
        read_kernel(tmp_path / "k.mat", asked)


def test_the_picture_shows_cells_negatives_and_the_centre(tmp_path):
    array = np.zeros((5, 5))
    array[1, 1], array[3, 3], array[1, 3] = 1.0, 1.0, -0.5
    shown = picture(SRKernel(array, 2))
    assert shown.shape == (5 * CELL_PIXELS, 5 * CELL_PIXELS, 3)
    corner = CELL_PIXELS + 1
    assert shown[corner, corner].tolist() == [255, 255, 255]
    red, green, blue = shown[corner, 4 * CELL_PIXELS - 1].tolist()
    assert red > 2 * max(green, blue) > 0
    write_kernel(tmp_path / "k.png", SRKernel(array, 2))
    with Image.open(tmp_path / "k.png") as file:
        np.testing.assert_array_equal(np.asarray(file), shown)


@pytest.mark.parametrize(("layout", "name"), [("fkp", "Kernel"), ("usrnet", "kernels"), ("kair", "kernels")])
def test_layouts_of_other_programs(tmp_path, rng, layout, name):
    kernel = SRKernel(rng.random((13, 13)), 2)
    write_kernel(tmp_path / "k.mat", kernel, layout=layout)
    held = scipy_io.loadmat(tmp_path / "k.mat")
    assert [key for key in held if not key.startswith("__")] == [name]
    array = held[name] if layout == "fkp" else held[name][0, 0].astype(np.float64)
    np.testing.assert_array_equal(array, kernel.array[::-1, ::-1])


def test_an_unknown_layout_is_refused(tmp_path):
    with pytest.raises(InputError, match="layout 'esrgan' is unknown; wanted one of kernelgan, fkp"):
        write_kernel(tmp_path / "k.mat", SRKernel.bicubic(2), layout="esrgan")
    assert list(tmp_path.iterdir()) == []


def test_old_mat_files_are_read_and_half_of_one_is_refused(tmp_path):
    kernel, path = SRKernel.bicubic(2), tmp_path / "k.mat"
    scipy_io.savemat(path, {"Kernel": kernel.array}, format="4")
    np.testing.assert_allclose(read_kernel(path, 2).array, kernel.array, atol=SPLINE)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="it ends before its numbers do"):
        read_kernel(path, 2)


def test_what_is_no_kernel_by_its_size_is_not_read(tmp_path):
    with (tmp_path / "k.txt").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match=rf"k\.txt has {MOST_BYTES + 1} bytes; wanted a kernel"):
        read_kernel(tmp_path / "k.txt", 2)
    np.savez_compressed(tmp_path / "k.npz", Kernel=np.zeros(MOST_BYTES // 8 + 1))
    assert (tmp_path / "k.npz").stat().st_size < MOST_BYTES // 100
    with pytest.raises(InputError, match="it holds more than"):
        read_kernel(tmp_path / "k.npz", 2)


def test_several_arrays_of_unknown_names_are_named(tmp_path):
    np.savez(tmp_path / "k.npz", a=np.eye(5), b=np.eye(5))
    with pytest.raises(InputError, match=r"holds \['a', 'b'\]; wanted a 2-D array named Kernel"):
        read_kernel(tmp_path / "k.npz", 2)


def mat_7_3(path, arrays):
    """As MATLAB lays it out: 512 bytes of its own, then HDF5 with arrays by columns."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            file[name] = array.T
    data = bytearray(path.read_bytes())
    data[:128] = b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM"
    path.write_bytes(data)


def test_mat_files_of_version_7_3_by_h5py(tmp_path, rng):
    kernel = SRKernel(rng.random((13, 13)), 2)
    mat_7_3(tmp_path / "k.mat", {"Kernel": kernel.array})
    np.testing.assert_allclose(read_kernel(tmp_path / "k.mat", 2).array, kernel.centred().array, atol=SPLINE)
    mat_7_3(tmp_path / "text.mat", {"words": np.array([b"abc"], dtype="S3")})
    with pytest.raises(InputError, match=r"text\.mat holds no array of numbers; wanted a 2-D array"):
        read_kernel(tmp_path / "text.mat", 2)


@pytest.mark.parametrize("place", [0, 512])
def test_mat_files_of_version_7_3_without_h5py(tmp_path, monkeypatch, place):
    monkeypatch.setitem(sys.modules, "h5py", None)
    (tmp_path / "k.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512)[:place] + mat_file.HDF5 + bytes(600))
    with pytest.raises(
        InputError, match=r"k\.mat was saved as MATLAB's v7\.3; wanted save\(.*blindsr\[hdf5\]'$"
    ):
        read_kernel(tmp_path / "k.mat", 2)


@pytest.mark.parametrize("held", ["cell", "struct"])
def test_cells_and_structures_are_named_with_the_way_out(tmp_path, held):
    cell = np.empty((1, 2), dtype=object)
    cell[0, 0], cell[0, 1] = np.eye(3), np.eye(5)
    scipy_io.savemat(tmp_path / "k.mat", {"kernels": cell if held == "cell" else {"field": np.eye(3)}})
    with pytest.raises(InputError, match=rf"k\.mat holds 'kernels', a {held}; wanted a 2-D array. In MATLAB"):
        read_kernel(tmp_path / "k.mat", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", [".txt", ".csv"])
def test_texts_of_windows_programs(tmp_path, rng, ending, encoding):
    kernel = SRKernel(rng.random((13, 13)), 2)
    joint = "," if ending == ".csv" else " "
    lines = "\r\n".join(joint.join(map(repr, line)) for line in kernel.array.tolist())
    (tmp_path / f"k{ending}").write_bytes(lines.encode(encoding))
    np.testing.assert_allclose(
        read_kernel(tmp_path / f"k{ending}", 2).array, kernel.centred().array, atol=SPLINE
    )
