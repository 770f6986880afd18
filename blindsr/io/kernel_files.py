"""Kernels in and out of files, and the picture of a kernel for people.

The tables at the end, :data:`READERS` and :data:`WRITERS`, have a function for each format. ``.mat`` files
hold the variable ``Kernel``, as those of the published data sets and programs.
"""

import codecs
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from blindsr.io import atomic, mat_file
from blindsr.io.kernel_layouts import Layout, variables
from srbase.errors import InputError
from srbase.kernels import geometry
from srbase.kernels.kernel import SCALES, SRKernel

Arrays = dict[str, npt.NDArray[np.generic]]
"""What a file holds, by variable name; a format without names has one array under the first of ``NAMES``."""

NAMES = ("Kernel", "kernel", "ker", "k")
"""Variable names in use, best first; a file's only 2-D array is taken under any name."""

MISALIGNED = 0.25
"""HR pixels. Published kernels lie within 0.1 of the phase; a kernel further off than a quarter pixel
was made for another convention and costs about 0.3 dB if used as it is."""

MOST_BYTES = 1 << 24
MOST_CELLS = 1 << 20
"""Of a file and of an array in it: kernels have hundreds of cells."""

CELL_PIXELS = 16
NEGATIVE = (0.85, 0.2, 0.15)
CROSS = (0.2, 0.6, 1.0)


def read_kernel(path: Path, scale: int) -> SRKernel:
    """Read a kernel for this scale, centred to the phase of :mod:`srbase.kernels.geometry`.

    A kernel whose cells say that it is for the other scale is refused: its centre of mass lies
    nearer to that scale's wanted centre, or its support is too wide for x2. Raises InputError.
    """
    array = _read_array(path)
    try:
        kernel = SRKernel(array, scale)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    _check_scale(path, kernel)
    return kernel.centred()


def write_kernel(path: Path, kernel: SRKernel, *, replace: bool = True, layout: Layout = "kernelgan") -> None:
    """Write a kernel file, whole or not at all.

    Args:
        path: its ending is one of :data:`WRITERS`.
        kernel: what to write.
        replace: whether a file that exists is replaced.
        layout: of a ``.mat`` file.

    Raises:
        InputError: where the file cannot be written, or exists and may not be replaced.
    """
    check_kernel_name(path)
    atomic.write(path, encode_kernel(kernel, path.suffix, layout=layout), replace=replace)


def encode_kernel(kernel: SRKernel, ending: str, *, layout: Layout = "kernelgan") -> bytes:
    """The bytes of a kernel file.

    Args:
        kernel: any.
        ending: a key of :data:`WRITERS`.
        layout: of a ``.mat`` file.

    Returns:
        The bytes.
    """
    buffer = BytesIO()
    WRITERS[ending.lower()](buffer, kernel, layout)
    return buffer.getvalue()


def check_kernel_name(path: Path) -> None:
    """Raises InputError where the ending names no format that a kernel is written in."""
    _require_ending(path, WRITERS)


def picture(kernel: SRKernel, cell: int = CELL_PIXELS) -> npt.NDArray[np.uint8]:
    """The kernel enlarged, (cell*k, cell*k, 3): black is 0, white the largest cell, red is negative;
    a blue cross marks the centre of mass.
    """
    values = torch.from_numpy(kernel.array / np.abs(kernel.array).max())
    gray = values.clamp(min=0)[..., None].expand(-1, -1, 3)
    red = (-values).clamp(min=0)[..., None] * torch.tensor(NEGATIVE, dtype=values.dtype)
    shown = (gray + red).repeat_interleave(cell, 0).repeat_interleave(cell, 1).contiguous()
    y, x = ((geometry.centre_of_mass(kernel.array) + 0.5) * cell).astype(int)
    cross = torch.tensor(CROSS, dtype=values.dtype)
    shown[max(0, y - cell // 2) : y + cell // 2, x : x + 1] = cross
    shown[y : y + 1, max(0, x - cell // 2) : x + cell // 2] = cross
    pixels: npt.NDArray[np.uint8] = (shown * 255).round().to(torch.uint8).numpy()
    return pixels


def _require_ending(path: Path, endings: Iterable[str]) -> None:
    """Raise InputError where a path has none of the endings."""
    if path.suffix.lower() not in endings:
        raise InputError(f"{path} ends in '{path.suffix}'; wanted one of {', '.join(endings)}")


def _read_array(path: Path) -> npt.NDArray[np.float64]:
    """The cells of a kernel file, of any shape. Raises InputError, which names the file."""
    if not path.is_file():
        raise InputError(f"{path} does not exist; wanted a kernel file")
    _require_ending(path, READERS)
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path} has {path.stat().st_size} bytes; wanted a kernel, at most {MOST_BYTES}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _choose(path, READERS[path.suffix.lower()](path))
    except InputError as error:
        message = str(error)
        raise InputError(message if message.startswith(str(path)) else f"{path} {message}") from error
    except Exception as error:  # the readers raise whatever a damaged file leads them to
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path} cannot be read as a kernel: {reason}") from error


def _choose(path: Path, loaded: Arrays) -> npt.NDArray[np.float64]:
    """The kernel among a file's arrays: the one of a usual name, or the only 2-D one. Raises InputError."""
    arrays = {name: value for name, value in loaded.items() if not name.startswith("__")}
    for name in NAMES:
        if name in arrays:
            return np.asarray(arrays[name], dtype=np.float64)
    flat = [value for value in arrays.values() if value.ndim == 2]
    if len(flat) != 1:
        raise InputError(f"{path} holds {sorted(arrays)}; wanted a 2-D array named Kernel")
    return np.asarray(flat[0], dtype=np.float64)


def _from_mat(path: Path) -> Arrays:
    return mat_file.read(path.read_bytes(), MOST_CELLS)


def _from_npz(path: Path) -> Arrays:
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
            raise ValueError(f"it holds more than {MOST_BYTES} bytes")
    with np.load(path, allow_pickle=False) as loaded:
        return dict(loaded)


def _from_npy(path: Path) -> Arrays:
    """Memory is taken only for what the file holds, whatever its header claims."""
    array = np.load(path, allow_pickle=False, mmap_mode="r")
    return {NAMES[0]: np.array(array)}


def _from_text(path: Path, delimiter: str | None) -> Arrays:
    """Of any Unicode: Windows' programs begin a text with a mark of its encoding."""
    data = path.read_bytes()
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if utf16 else "utf-8-sig")
    return {NAMES[0]: np.loadtxt(StringIO(text), delimiter=delimiter)}


def _to_mat(file: BytesIO, kernel: SRKernel, layout: Layout) -> None:
    from scipy import io as scipy_io  # takes 50 ms to load

    matlab: Any = file  # SciPy takes files too; its stubs know names alone
    scipy_io.savemat(matlab, variables(kernel, layout))


def _to_npy(file: BytesIO, kernel: SRKernel, _: Layout) -> None:
    np.save(file, kernel.array)


def _to_png(file: BytesIO, kernel: SRKernel, _: Layout) -> None:
    Image.fromarray(picture(kernel)).save(file, format="PNG")


def _check_scale(path: Path, kernel: SRKernel) -> None:
    off = {scale: float(np.abs(SRKernel(kernel.array, scale).centre_offset).max()) for scale in SCALES}
    other = 4 if kernel.scale == 2 else 2
    if off[other] < MISALIGNED < off[kernel.scale]:
        raise InputError(
            f"{path} is centred for x{other} (shape {kernel.shape}); wanted a kernel for x{kernel.scale}"
        )


READERS: Final[Mapping[str, Callable[[Path], Arrays]]] = {
    ".mat": _from_mat,
    ".npy": _from_npy,
    ".npz": _from_npz,
    ".txt": partial(_from_text, delimiter=None),
    ".csv": partial(_from_text, delimiter=","),
}
WRITERS: Final[Mapping[str, Callable[[BytesIO, SRKernel, Layout], None]]] = {
    ".mat": _to_mat,
    ".npy": _to_npy,
    ".png": _to_png,
}
"""The formats by ending; :mod:`blindsr.names` lists the endings for ``--help``, which loads none of this."""
