"""Parts of real photographs, and what eight bits make of an image."""

import io

import numpy as np
import skimage.data
import torch
from PIL import Image

from blindsr.io.jpeg_tables import JPEGTables, read_tables

EVERYTHING = slice(None)


def photo(
    name: str = "astronaut", rows: slice = EVERYTHING, columns: slice = EVERYTHING, channels: int = 3
) -> torch.Tensor:
    """(C, H, W) float32 in 0..1 of one of scikit-image's photographs."""
    pixels = np.asarray(getattr(skimage.data, name)())[rows, columns, :channels]
    return torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32) / 255)


def face(height: int, width: int, channels: int = 3) -> torch.Tensor:
    """The part of the astronaut that begins at row 60, column 150: a face, hair, a helmet."""
    return photo("astronaut", slice(60, 60 + height), slice(150, 150 + width), channels)


def eight_bits(image: torch.Tensor) -> torch.Tensor:
    """The image as an 8-bit file keeps it."""
    return (image * 255).round().clamp(0, 255) / 255


def through_jpeg(image: torch.Tensor, quality: int) -> tuple[torch.Tensor, JPEGTables]:
    """The image as a JPEG file of 4:2:0 keeps it, and the file's tables."""
    file = io.BytesIO()
    pixels = (image * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=2)
    again = np.asarray(Image.open(file)).astype(np.float32) / 255
    tables = read_tables(file.getvalue())
    assert tables is not None
    return torch.from_numpy(again).permute(2, 0, 1).contiguous(), tables


def discs(height: int, width: int, count: int) -> torch.Tensor:
    """(3, H, W) of overlapping discs on a slope: flat parts, edges, and a power-law spectrum."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width]
    image = np.stack([0.3 + 0.3 * x / width] * 3)
    for _ in range(count):
        cy, cx, r = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 30)
        image[:, (y - cy) ** 2 + (x - cx) ** 2 < r * r] = rng.uniform(0.1, 0.9, (3, 1))
    return torch.from_numpy(image).float()
