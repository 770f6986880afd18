"""A trained network's detail on tiles of a result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from blindsr.restoration.config import DetailConfig
from blindsr.restoration.network.detail_net import COLOURS, DetailNet
from blindsr.restoration.network.weights import network_on


@dataclass(frozen=True, eq=False)
class Detail:
    """What adds the detail of a trained network.

    Attributes:
        network: on the device of the images.
        share: of its residual that is added, 0..1.
    """

    network: DetailNet
    share: float

    @classmethod
    def of(cls, config: DetailConfig, device: torch.device) -> Detail:
        """For images on a device.

        Args:
            config: which file, and its share.
            device: where images are.

        Raises:
            InputError: for a file that has changed.
        """
        network = network_on(Path(config.file), config.sha256, device)
        assert isinstance(network, DetailNet)
        return cls(network, config.share)

    @property
    def reach(self) -> int:
        """LR pixels on each side on which a pixel of the detail depends."""
        return self.network.layout.layers

    def add(self, image: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
        """Add the detail to a result.

        Args:
            image: LR, (1 or 3, h, w) in 0..1. Gray is shown as three equal channels.
            made: a result of it, (1 or 3, s*h, s*w) in 0..1.

        Returns:
            The result with its detail, not clipped.
        """
        shown = (part.expand(COLOURS, -1, -1)[None] for part in (image, made))
        with torch.inference_mode():
            whole: torch.Tensor = self.network(*shown)[0]
            whole = whole if len(made) == COLOURS else whole.mean(dim=0, keepdim=True)
        return made + self.share * (whole - made)
