"""Luma and colour differences: where an image's detail is, and where it is not.

The matrix is that of BT.601 with full range, as JPEG uses it (JFIF 1.02).
"""

from typing import Final

import torch

KR: Final = 0.299
KB: Final = 0.114
"""Weights of red and blue in the luma (BT.601)."""


def _matrix() -> torch.Tensor:
    luma = torch.tensor([KR, 1 - KR - KB, KB], dtype=torch.float64)
    blue = (torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64) - luma) / (2 * (1 - KB))
    red = (torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64) - luma) / (2 * (1 - KR))
    return torch.stack([luma, blue, red])


TO_YCC: Final = _matrix()
"""RGB to luma, blue difference, red difference; float64, (3, 3)."""
TO_RGB: Final = torch.linalg.inv(TO_YCC)
LUMA_NOISE: Final = float(TO_YCC[0].square().sum())
CHROMA_NOISE: Final = float(TO_YCC[1:].square().sum()) / 2
"""Variance of the luma and of a colour difference, for independent noise of variance 1 in R, G and B."""


def to_ycc(image: torch.Tensor) -> torch.Tensor:
    """RGB (3, H, W) to luma (0..1 for colours in 0..1) and differences (-0.5..0.5); linear."""
    return _mixed(TO_YCC, image)


def to_luma(image: torch.Tensor) -> torch.Tensor:
    """RGB (3, H, W) to the luma alone, (1, H, W)."""
    return _mixed(TO_YCC[:1], image)


def luma(image: torch.Tensor) -> torch.Tensor:
    """The luma (1, H, W) of gray or RGB (1 or 3, H, W)."""
    return image if len(image) == 1 else to_luma(image)


def to_rgb(image: torch.Tensor) -> torch.Tensor:
    """The inverse of :func:`to_ycc`."""
    return _mixed(TO_RGB, image)


def _mixed(matrix: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    mixed: torch.Tensor = torch.tensordot(matrix.to(image), image, dims=1)
    return mixed
