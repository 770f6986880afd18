"""Networks that ncnn runs on the CPU."""

from typing import Any

import numpy as np
import torch


def output_of(ncnn: Any, network: Any, planes: torch.Tensor, *, entry: str) -> torch.Tensor:
    """What a network makes of planes.

    Args:
        ncnn: the package.
        network: a loaded ``ncnn.Net``.
        planes: (C, H, W), float32 on the CPU.
        entry: the name of its input; its output is called ``output``.

    Returns:
        (C', H', W').

    Raises:
        RuntimeError: where ncnn fails.
    """
    pixels = planes.contiguous().numpy()  # which ncnn reads and does not own
    extractor = network.create_extractor()
    extractor.input(entry, ncnn.Mat(pixels))
    failed, made = extractor.extract("output")
    if failed:
        raise RuntimeError(f"ncnn gave up on {planes.shape[2]}x{planes.shape[1]} pixels (code {failed})")
    return torch.from_numpy(np.array(made))
