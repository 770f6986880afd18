"""The commands that the pages show, and a folder in which they can be run on tiny photographs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage import data

from blindsr.io import kernel_files
from blindsr.names import KERNELS_WRITTEN
from blindsr.restoration.network.detail_net import DetailLayout, DetailNet
from srbase.kernels.random_kernels import random_kernel

FENCE = re.compile(r"^```(?:sh|bash)\n(.*?)^```", re.DOTALL | re.MULTILINE)
WRITTEN = {"-o", "--output", "--details", "--save-kernel", "--report", "--out", "--keep", "--layout"}
"""Options whose value a command makes, or that are no files."""
PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".webp", ".heic"}
HEIGHT, WIDTH = 66, 70


def commands_of(page: str) -> Iterator[list[str]]:
    """The words of each command in the page's blocks, continued lines joined, remarks left out."""
    for block in FENCE.findall(page):
        for line in block.replace("\\\n", " ").splitlines():
            if words := shlex.split(line, comments=True):
                yield words


def make_inputs(words: list[str]) -> None:
    """Make, in the current folder, the files and folders that a command of these words reads."""
    before = ""
    for word in words[1:]:
        path = Path(word)
        if before in WRITTEN or word.startswith("-") or path.exists():
            pass
        elif path.suffix in PICTURES:
            photograph(path)
        elif path.suffix == ".pth":
            torch.save(DetailNet(DetailLayout(scale=2, channels=4, layers=4)).state_dict(), path)
        elif path.suffix in KERNELS_WRITTEN:
            kernel_files.write_kernel(path, random_kernel(np.random.default_rng(1)).kernel)
        elif before == "-k" and word.endswith("/"):
            path.mkdir()
            for name in ("a", "b"):
                kernel = random_kernel(np.random.default_rng(1)).kernel
                kernel_files.write_kernel(path / f"{name}_kernel_x2.mat", kernel)
        elif word.endswith("/"):
            path.mkdir()
            for name in ("a.png", "b.png"):
                photograph(path / name, 2 if before == "--gt" else 1)
        before = word


def photograph(path: Path, times: int = 1) -> None:
    """A part of a photograph in the format of the file's ending; stack.tif has three pages."""
    if path.suffix == ".heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    picture = Image.fromarray(data.astronaut()[: times * HEIGHT, 180 : 180 + times * WIDTH])
    pages = {"save_all": True, "append_images": [picture, picture]} if path.stem == "stack" else {}
    picture.save(path, **pages)
