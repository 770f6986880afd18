"""Regular scenes, on which a kernel estimate is most easily wrong: brick, lit windows, stars, text, cells.

Photographs of scikit-image, and two scenes that are drawn, the same on any machine.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from skimage import data

from benchmarks.data.make import Source

Array = npt.NDArray[np.float64]

SIDE: Final = 512  # pixels of the drawn scenes
RETINA: Final = slice(200, 1224)  # without the black around it
PITCH: Final = (22, 17)  # pixels from window to window, down and across
PANE: Final = (12, 9)  # height and width of a window
NIGHT: Final = 0.06  # of the wall
LAMP: Final = (1.0, 0.85, 0.55)
STARS: Final = 400
SEEING: Final = 0.8  # pixels: deviation of a star's picture


def patterns(limit: int | None = None) -> list[Source]:
    """The HR images, by number and name."""
    scenes: dict[str, Callable[[], torch.Tensor]] = {
        "brick": lambda: _tensor(data.brick()),
        "clock": lambda: _tensor(data.clock()),
        "cell": lambda: _tensor(data.cell()),
        "windows": _windows,
        "stars": _stars,
        "page": lambda: _tensor(data.page()),
        "retina": lambda: _tensor(data.retina()[RETINA, RETINA]),
        "text": lambda: _tensor(data.text()),
    }
    return [Source(number, name, read) for number, (name, read) in enumerate(scenes.items(), 1)][:limit]


def _tensor(pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
    """(C, H, W) in 0..1."""
    return torch.from_numpy(np.atleast_3d(pixels).astype(np.float64) / 255).permute(2, 0, 1).contiguous()


def _windows() -> torch.Tensor:
    """A front of windows at night, three of five lit."""
    rng = np.random.default_rng(1)
    front = np.full((SIDE, SIDE, 3), NIGHT)
    for top in range(8, SIDE - PANE[0], PITCH[0]):
        for left in range(6, SIDE - PANE[1], PITCH[1]):
            light = rng.uniform(0.3, 1) if rng.random() < 0.6 else 0.1
            front[top : top + PANE[0], left : left + PANE[1]] = light * np.array(LAMP)
    return torch.from_numpy(front).permute(2, 0, 1).contiguous()


def _stars() -> torch.Tensor:
    """Points of light of very unequal brightness on a dark sky."""
    rng = np.random.default_rng(2)
    points = np.zeros((SIDE, SIDE))
    for _ in range(STARS):
        points[rng.integers(SIDE), rng.integers(SIDE)] += 2 * rng.pareto(1.5)
    sky: Array = np.clip(ndimage.gaussian_filter(points, SEEING) + 0.02, 0, 1)
    return torch.from_numpy(np.stack([sky, 0.97 * sky, np.clip(1.02 * sky, 0, 1)]))
