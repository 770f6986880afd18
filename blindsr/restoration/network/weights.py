"""The file of a trained network: read once, checked, named by its SHA-256."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from blindsr.restoration.network.architecture import Layout, USRNet, layout_of
from blindsr.restoration.network.detail_net import DetailLayout, DetailNet, detail_layout_of
from srbase.errors import InputError

MOST_BYTES: Final = 1 << 30
"""Larger than any USRNet (68 MB): a larger file is another thing, and is not read."""
WANTED: Final = "wanted the state dict of a USRNet, such as usrnet_tiny.pth, or one that `make network` made"


@dataclass(frozen=True, eq=False)
class NetworkFile:
    """What a file holds.

    Attributes:
        sha256: of the file's bytes.
        layout: the network's sizes.
        network: on the CPU, in evaluation mode.
    """

    sha256: str
    layout: Layout | DetailLayout
    network: USRNet | DetailNet


def read_network(path: Path) -> NetworkFile:
    """Read a file of weights.

    Args:
        path: a state dict of USRNet or of a detail network, as ``torch.save`` wrote it. Nothing in it is
            executed.

    Returns:
        The network.

    Raises:
        InputError: where the file cannot be read or holds something else, in one line.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} has {path.stat().st_size} bytes; {WANTED}")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}); {WANTED}") from error
    state = _state_dict(content, path)
    layout: Layout | DetailLayout
    network: USRNet | DetailNet
    try:
        with torch.device("meta"):  # takes no memory and no random numbers
            if "first.weight" in state:
                layout = detail_layout_of(state)
                network = DetailNet(layout)
            else:
                layout = layout_of(state)
                network = USRNet(layout)
    except (KeyError, ValueError) as error:
        missing = f"no {error.args[0]}" if isinstance(error, KeyError) else "tensors of other shapes"
        raise InputError(f"{path} holds {missing}; {WANTED}") from error
    _require_fit(state, network, layout, path)
    network.load_state_dict(state, assign=True)
    network.requires_grad_(requires_grad=False).eval()
    return NetworkFile(hashlib.sha256(content).hexdigest(), layout, network)


def _state_dict(content: bytes, path: Path) -> dict[str, torch.Tensor]:
    try:
        found: Any = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # a reader of arbitrary bytes fails in arbitrary ways
        raise InputError(f"{path} is no file of weights that PyTorch can load; {WANTED}") from error
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in found.items()
    ):
        raise InputError(f"{path} holds no mapping of names to tensors; {WANTED}")
    return {name: tensor.float() for name, tensor in found.items()}


def _require_fit(
    state: Mapping[str, torch.Tensor], network: nn.Module, layout: Layout | DetailLayout, path: Path
) -> None:
    """Raises InputError unless each tensor is there, has its shape and is finite, and there is no other."""
    expected = network.state_dict()
    for name in [*expected, *state]:
        if name not in state or name not in expected:
            fault = f"no '{name}'" if name not in state else f"'{name}', which this network has not"
        elif state[name].shape != expected[name].shape:
            fault = f"'{name}' of shape {tuple(state[name].shape)}, not {tuple(expected[name].shape)}"
        elif not bool(torch.isfinite(state[name]).all()):
            fault = f"values in '{name}' that are not finite"
        else:
            continue
        raise InputError(f"{path} holds {fault} ({layout}); {WANTED}")


@lru_cache(maxsize=2)
def network_on(path: Path, sha256: str, device: torch.device) -> USRNet | DetailNet:
    """The network of a file on a device, kept for the next call.

    Args:
        path: of the file.
        sha256: that it must have.
        device: where it is to run.

    Returns:
        The network; its convolutions are laid out as they run fastest: on a CPU with AVX-512
        ``channels_last`` takes 0.55 of the time of PyTorch's usual order.

    Raises:
        InputError: where the file cannot be read or has changed.
    """
    found = read_network(path)
    if found.sha256 != sha256:
        raise InputError(f"{path} has changed: SHA-256 {found.sha256[:12]}; wanted {sha256[:12]}")
    network = found.network.to(device)
    network.to(memory_format=torch.channels_last)
    return network
