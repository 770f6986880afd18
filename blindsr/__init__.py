"""Blind super-resolution of one photograph.

    >>> import blindsr
    >>> result = blindsr.upscale("photo.jpg", scale=2, output="large.png")  # doctest: +SKIP
    >>> result.image.shape, result.kernels[2].array  # doctest: +SKIP

The public names are those of ``__init__.pyi``. Each is loaded when it is first used, so that importing the
package costs nothing.
"""

import lazy_loader

from blindsr.version import VERSION

__version__ = VERSION

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
