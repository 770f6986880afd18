"""USRNet: data steps in closed form, each followed by a small network that knows what photographs look like.

Module names are those of the published weight files, so that a state dict fits as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from blindsr.restoration.network.data_step import DataStep

COLOURS: Final = 3
LEVELS: Final = 3
"""Times that the prior network halves the image (section 4.2)."""
MULTIPLE: Final = 2**LEVELS
"""HR sides must be multiples of it."""
LEAST: Final = 1e-6
"""Added to each hyper-parameter, as in the published code, so that none is 0."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The sizes of a network.

    Attributes:
        iterations: of data step and prior.
        channels: of the prior, from the full resolution down.
        blocks: residual blocks at each resolution.
        hidden: channels of the hyper-parameter network.
    """

    iterations: int
    channels: tuple[int, int, int, int]
    blocks: int
    hidden: int

    def __str__(self) -> str:
        channels = "-".join(map(str, self.channels))
        return f"USRNet, {self.iterations} iterations, channels {channels}, {self.blocks} blocks"


TINY: Final = Layout(iterations=6, channels=(16, 32, 64, 64), blocks=2, hidden=32)
"""USRNet-tiny, 590,332 parameters."""


def layout_of(state: Mapping[str, torch.Tensor]) -> Layout:
    """The sizes of the network that a state dict belongs to.

    Args:
        state: names to tensors.

    Returns:
        The sizes; whether all tensors fit is seen when they are loaded.

    Raises:
        KeyError: where a tensor that tells a size is missing.
        ValueError: where one has another number of axes.
    """
    head, *_ = state["p.m_head.weight"].shape
    second, third, fourth = (state[f"p.m_down{n}.{_last(state, f'p.m_down{n}.')}.weight"] for n in (1, 2, 3))
    channels = (head, *(int(weight.shape[0]) for weight in (second, third, fourth)))
    answers, hidden = state["h.mlp.4.weight"].shape[:2]
    return Layout(
        iterations=answers // 2,
        channels=(channels[0], channels[1], channels[2], channels[3]),
        blocks=_last(state, "p.m_down1."),
        hidden=hidden,
    )


def _last(state: Mapping[str, torch.Tensor], prefix: str) -> int:
    """The largest number that follows a prefix."""
    return max(
        (int(name[len(prefix) :].split(".")[0]) for name in state if name.startswith(prefix)), default=0
    )


class USRNet(nn.Module):
    """LR image, kernel and noise level to SR image."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        self.p = ResUNet(layout)
        self.h = HyperParameters(layout)

    def forward(
        self, image: torch.Tensor, kernel: npt.NDArray[np.float64], scale: int, noise_level: float
    ) -> torch.Tensor:
        """Undo a kernel on a periodic image.

        Args:
            image: LR, (N, 3, h, w) in 0..1, borders that wrap around; s*h and s*w multiples of
                :data:`MULTIPLE`.
            kernel: cells, as of :class:`~srbase.kernels.kernel.SRKernel`.
            scale: from LR to HR, a whole number.
            noise_level: deviation of white noise, images in 0..1.

        Returns:
            SR, (N, 3, s*h, s*w), not clipped.
        """
        step = DataStep.of(kernel, scale, (image.shape[-2], image.shape[-1]), image)
        return self.solve(image, step, noise_level)

    def solve(self, image: torch.Tensor, step: DataStep, noise_level: float) -> torch.Tensor:
        """:meth:`forward` with a data step that was made before."""
        spectrum = torch.fft.fft2(image)
        result = F.interpolate(image, scale_factor=step.scale, mode="nearest")
        closeness, denoising = self.h(image.new_tensor([[noise_level, float(step.scale)]])).chunk(2, dim=1)
        for number in range(self.layout.iterations):
            result = step.solve(result, spectrum, closeness[0, number])
            strength = denoising[0, number].expand(len(result), 1, *result.shape[-2:])
            result = self.p(torch.cat([result, strength], dim=1))
        return result


class ResUNet(nn.Module):
    """The prior: a denoiser that is told how much to denoise by a fourth channel (section 4.2)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        first, second, third, fourth = layout.channels
        blocks = layout.blocks
        self.m_head = _convolution(COLOURS + 1, first)
        self.m_down1 = _down(first, second, blocks)
        self.m_down2 = _down(second, third, blocks)
        self.m_down3 = _down(third, fourth, blocks)
        self.m_body = nn.Sequential(*(_Block(fourth) for _ in range(blocks)))
        self.m_up3 = _up(fourth, third, blocks)
        self.m_up2 = _up(third, second, blocks)
        self.m_up1 = _up(second, first, blocks)
        self.m_tail = _convolution(first, COLOURS)

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """(N, 4, H, W), colours and the strength, to (N, 3, H, W); H and W multiples of :data:`MULTIPLE`."""
        full = self.m_head(planes)
        half = self.m_down1(full)
        quarter = self.m_down2(half)
        eighth = self.m_down3(quarter)
        up = self.m_up3(self.m_body(eighth) + eighth)
        up = self.m_up2(up + quarter)
        up = self.m_up1(up + half)
        result: torch.Tensor = self.m_tail(up + full)
        return result


class HyperParameters(nn.Module):
    """Noise level and scale to what each iteration is told: how close to stay, how much to denoise
    (section 4.3)."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        hidden = layout.hidden
        self.mlp = nn.Sequential(
            nn.Conv2d(2, hidden, 1),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 1),
            nn.ReLU(),
            nn.Conv2d(hidden, 2 * layout.iterations, 1),
            nn.Softplus(),
        )

    def forward(self, told: torch.Tensor) -> torch.Tensor:
        """(1, 2), noise level and scale, to (1, 2 * iterations), all over 0."""
        result: torch.Tensor = self.mlp(told[:, :, None, None])[..., 0, 0] + LEAST
        return result


class _Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.res = nn.Sequential(
            _convolution(channels, channels), nn.ReLU(), _convolution(channels, channels)
        )

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same."""
        result: torch.Tensor = planes + self.res(planes)
        return result


def _convolution(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1, bias=False)


def _down(before: int, after: int, blocks: int) -> nn.Sequential:
    """Residual blocks, then half the resolution."""
    halved = nn.Conv2d(before, after, 2, stride=2, bias=False)
    return nn.Sequential(*(_Block(before) for _ in range(blocks)), halved)


def _up(before: int, after: int, blocks: int) -> nn.Sequential:
    """Twice the resolution, then residual blocks."""
    doubled = nn.ConvTranspose2d(before, after, 2, stride=2, bias=False)
    return nn.Sequential(doubled, *(_Block(after) for _ in range(blocks)))
