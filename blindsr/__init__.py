"""Blind super-resolution of one photograph: KernelGAN finds its downscaling kernel, ZSSR inverts it.

    >>> import blindsr
    >>> result = blindsr.upscale("photo.jpg", scale=2, output="large.png")  # doctest: +SKIP
    >>> result.image.shape, result.kernels[2].array  # doctest: +SKIP

The names below are loaded when first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from blindsr import version

if TYPE_CHECKING:
    from blindsr.api import UpscaleResult as UpscaleResult
    from blindsr.api import degrade as degrade
    from blindsr.api import estimate_kernel as estimate_kernel
    from blindsr.api import random_kernel as random_kernel
    from blindsr.api import read_kernel as read_kernel
    from blindsr.api import score as score
    from blindsr.api import settings as settings
    from blindsr.api import upscale as upscale
    from blindsr.api import write_kernel as write_kernel
    from blindsr.errors import InputError as InputError
    from blindsr.imaging.kernel import SRKernel as SRKernel
    from blindsr.imaging.metrics import Scores as Scores
    from blindsr.presets import Settings as Settings
    from blindsr.progress import Progress as Progress

__version__ = version.VERSION

_HOMES = {
    "InputError": "blindsr.errors",
    "Progress": "blindsr.progress",
    "SRKernel": "blindsr.imaging.kernel",
    "Scores": "blindsr.imaging.metrics",
    "Settings": "blindsr.presets",
    "UpscaleResult": "blindsr.api",
    "degrade": "blindsr.api",
    "estimate_kernel": "blindsr.api",
    "settings": "blindsr.api",
    "random_kernel": "blindsr.api",
    "read_kernel": "blindsr.api",
    "score": "blindsr.api",
    "upscale": "blindsr.api",
    "write_kernel": "blindsr.api",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604, RUF100 (names of the table above)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'blindsr' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
