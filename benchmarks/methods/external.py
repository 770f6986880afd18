"""Images made elsewhere, by any program: ``external:NAME=DIR``."""

from pathlib import Path

from benchmarks.data.layout import images_in, key_of, listed, number_of
from benchmarks.methods.base import Given, Made, Method
from blindsr.io.photo import read_photo
from srbase.errors import InputError
from srbase.kernels.kernel import SCALES

PREFIX = "external:"


class External(Method):
    """SR images from a folder, paired by stem, else by number; never by order.

    With scales x2 and x4 in one run, sub-folders ``x2`` and ``x4`` are used where they exist.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder.resolve()  # a worker may run elsewhere
        if not any((folder / f"x{scale}").is_dir() for scale in SCALES):
            images_in(folder)  # raises where there is none

    def run(self, given: Given) -> Made:
        """Find and read the image."""
        own = self.folder / f"x{given.scale}"
        path = self.find(images_in(own if own.is_dir() else self.folder), given.image)
        sr = read_photo(path).image.to(given.lr.device)
        wanted = (given.lr.shape[1] * given.scale, given.lr.shape[2] * given.scale)
        if tuple(sr.shape[1:]) != wanted:
            size = f"{sr.shape[2]}x{sr.shape[1]}"
            raise InputError(f"{path.name} is {size}; wanted {wanted[1]}x{wanted[0]} at x{given.scale}")
        return Made(sr.expand(given.lr.shape[0], -1, -1))

    def find(self, paths: list[Path], image: str) -> Path:
        """The one file for an image. Raises InputError where there is none, or several."""
        same = [path for path in paths if path.stem == image]
        same = same or [path for path in paths if key_of(path.stem) == image]
        number = number_of(image)
        if number is not None:
            same = same or [path for path in paths if number_of(path.stem) == number]
        if not same:
            raise InputError(f"{self.folder} has no image for {image}")
        if len(same) > 1:
            raise InputError(f"{self.folder} has several images for {image}: {listed(p.name for p in same)}")
        return same[0]
