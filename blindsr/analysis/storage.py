"""How a picture was stored as JPEG before, and the noise that this left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from blindsr.analysis.config import AnalysisConfig
from blindsr.analysis.jpeg_history import find_tables
from blindsr.analysis.jpeg_noise import NoiseSpectrum, quantisation_noise
from blindsr.io.jpeg_tables import JPEGTables
from srbase.imaging.colour import luma
from srbase.imaging.pixels import QUANTISATION


@dataclass(frozen=True, eq=False)
class StoredJPEG:
    """A JPEG that a picture was stored as: its tables, and the noise that they left in the luma."""

    tables: JPEGTables
    noise: NoiseSpectrum


def stored_jpeg(image: torch.Tensor, tables: JPEGTables | None, config: AnalysisConfig) -> StoredJPEG | None:
    """Find how an image was stored as JPEG.

    Args:
        image: (C, H, W) in 0..1.
        tables: those of the image's file; None where it is no JPEG. Then the pixels are examined for the
            traces of an earlier one.
        config: numbers of the search and of the noise.

    Returns:
        None where the image was no JPEG, or one whose noise is no more than that of rounding.
    """
    plane = np.asarray(luma(image).cpu().numpy()[0])
    if tables is None and config.jpeg_history is not None:
        tables = find_tables(plane, config.jpeg_history)
    if tables is None:
        return None
    noise = quantisation_noise(plane, tables, config.jpeg_noise)
    return StoredJPEG(tables, noise) if noise.variance > config.jpeg_negligible * QUANTISATION else None
