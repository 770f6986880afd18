"""Networks that ncnn runs on the CPU."""

from functools import cache
from typing import Any

import numpy as np
import torch

from benchmarks.rivals.extra import package, weights


@cache
def network_of(module: str, stem: str, needed_by: str, install: str, threads: int) -> Any:
    """A network whose files lie in a package, once for each process.

    Args:
        module: the package, which is not imported.
        stem: of its files of layers and of weights, ``.param`` and ``.bin``.
        needed_by: the method, for the message.
        install: what brings the package.
        threads: of the CPU.

    Returns:
        A ``ncnn.Net``.

    Raises:
        InputError: where ncnn or the package is not installed.
        RuntimeError: where ncnn cannot read the files.
    """
    network = package("ncnn", needed_by).Net()
    network.opt.num_threads = threads
    network.opt.use_vulkan_compute = False
    layers, cells = (str(weights(module, stem + kind, needed_by, install)) for kind in (".param", ".bin"))
    if network.load_param(layers) or network.load_model(cells):
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
