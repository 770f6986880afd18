"""Networks that ncnn runs on the CPU."""

from pathlib import Path
from typing import Any

import numpy as np
import torch


def network_of(ncnn: Any, parameters: Path, cells: Path, threads: int) -> Any:
    """A network of two files.

    Args:
        ncnn: the package.
        parameters: its layers.
        cells: its weights.
        threads: of the CPU.

    Returns:
        A ``ncnn.Net``.

    Raises:
        RuntimeError: where ncnn cannot read them.
    """
    network = ncnn.Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    if network.load_param(str(parameters)) or network.load_model(str(cells)):
        raise RuntimeError(f"ncnn cannot load {cells}")
    return network


def output_of(
    ncnn: Any, network: Any, planes: torch.Tensor, *, entry: str, exit_: str = "output"
) -> torch.Tensor:
    """What a network makes of planes.

    Args:
        ncnn: the package.
        network: a loaded ``ncnn.Net``.
        planes: (C, H, W), float32 on the CPU.
        entry: the name of its input.
        exit_: the name of its output.

    Returns:
        (C', H', W').

    Raises:
        RuntimeError: where ncnn fails.
    """
    pixels = planes.contiguous().numpy()  # which ncnn reads and does not own
    extractor = network.create_extractor()
    extractor.input(entry, ncnn.Mat(pixels))
    failed, made = extractor.extract(exit_)
    if failed:
        raise RuntimeError(f"ncnn gave up on {planes.shape[2]}x{planes.shape[1]} pixels (code {failed})")
    return torch.from_numpy(np.array(made))
