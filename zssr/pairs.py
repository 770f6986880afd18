"""Fathers and sons: the training pairs that one image gives (ZSSR, section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from srbase.imaging.gradient import gradient_magnitude
from srbase.imaging.pixel_row import PixelRow
from srbase.imaging.resample import downscale
from srbase.kernels.kernel import SRKernel
from srbase.runtime.threads import side_by_side
from srbase.upscaler import Upscaler
from zssr.config import ZSSRConfig
from zssr.symmetry import SYMMETRIES, Symmetry


@dataclass(frozen=True, eq=False)
class Pair:
    """One training example, a batch of one: what the network gets, what it should give, and how much
    each pixel counts (mean near 1)."""

    base: torch.Tensor  # (1, C, n, n): the son, upscaled to the father's size
    father: torch.Tensor  # (1, C, n, n)
    weight: torch.Tensor  # (1, 1, n, n)


class Fathers:
    """Draws training pairs from images, each as likely as the others.

    Without a pool each draw makes a pair anew. With one, ``config.pool`` pairs of larger windows are
    made first and crops are cut out of them: for starts that cost more than a training step. All random
    numbers but the noise are drawn beforehand, so that a draw is a program of tensors.
    """

    def __init__(
        self,
        images: Sequence[torch.Tensor],
        kernel: SRKernel,
        base: Upscaler,
        config: ZSSRConfig,
        rng: torch.Generator,
    ) -> None:
        self.kernel, self.base, self.config, self.rng = kernel, base, config, rng
        self.channels, self.device = images[0].shape[0], images[0].device
        self.weights = [_loss_weight(image, config) for image in images]
        self.pool = self._pool(images) if config.pool else []
        if self.pool:
            rows = [[p.base[0], p.father[0], p.weight[0]] for p in self.pool]
            self.rows = [PixelRow.of(parts) for parts in zip(*rows, strict=True)]
        else:
            self.rows = [PixelRow.of(images), PixelRow.of(self.weights)]
        shown = [pair.father[0] for pair in self.pool] or list(images)
        self.side = min(crop_side(image, config.crop, kernel.scale) for image in shown)
        shares = torch.rand((config.max_steps, 4), generator=rng)
        self.which, self.ys, self.xs, self.turns = self._places(shares, shown)

    def draw(self, step: torch.Tensor) -> Pair:
        """The pair of a step, counted from 0, (1,) on the device: ``config.crop`` pixels a side, or what the
        images allow."""
        which, y, x, turn = (n.index_select(0, step) for n in (self.which, self.ys, self.xs, self.turns))
        cut = [row.cut(which, y, x, self.side, self.channels) for row in self.rows]
        if self.pool:
            begun, father, weight = cut
            return Pair(begun, father, weight[:, :1])
        father, weight = (turned(part[0], turn) for part in (cut[0], cut[1][:, :1]))
        return self._pair(_Square(self._son(father), father, weight))

    def _places(self, shares: torch.Tensor, images: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Image, corner and turn of each step, (steps,) each, on the device."""
        which = (shares[:, 0] * len(images)).long()
        sizes = torch.tensor([image.shape[-2:] for image in images])[which]
        corners = (shares[:, 1:3] * (sizes - self.side + 1)).long()
        turns = (shares[:, 3] * (len(SYMMETRIES) if self.config.augment else 1)).long()
        return [n.to(self.device) for n in (which, corners[:, 0], corners[:, 1], turns)]

    def _pool(self, images: Sequence[torch.Tensor]) -> list[Pair]:
        """Pairs of whole windows; their starts, the costly part, are made side by side."""
        squares = [self._square(images) for _ in range(self.config.pool)]
        pairs: dict[int, Pair] = {}

        def make(place: int) -> None:
            pairs[place] = self._pair(squares[place])

        side_by_side(make, range(len(squares)), self.device)
        return [pairs[place] for place in range(len(squares))]

    def _square(self, images: Sequence[torch.Tensor]) -> "_Square":
        """A random window of a random father, flipped and turned, with its son made *afterwards*: the
        kernel acts on the flipped window, so the pair is true to the kernel whatever its shape."""
        choice, y_share, x_share, turn_share = torch.rand(4, generator=self.rng).tolist()
        index = int(choice * len(images))
        image = images[index]
        side = crop_side(image, self.config.window, self.kernel.scale)
        y = int(y_share * (image.shape[1] - side + 1))
        x = int(x_share * (image.shape[2] - side + 1))
        symmetry = SYMMETRIES[int(turn_share * len(SYMMETRIES))] if self.config.augment else Symmetry()
        father = symmetry.apply(image[:, y : y + side, x : x + side])
        weight = symmetry.apply(self.weights[index][:, y : y + side, x : x + side])
        return _Square(self._son(father), father, weight)

    def _son(self, father: torch.Tensor) -> torch.Tensor:
        son = downscale(father, self.kernel)
        if self.config.noise_std:
            son = son + self.config.noise_std * torch.randn(son.shape, generator=self.rng).to(son.device)
        return son

    def _pair(self, square: "_Square") -> Pair:
        return Pair(self.base.upscale(square.son)[None], square.father[None], square.weight[None])


@dataclass(frozen=True, eq=False)
class _Square:
    """A father (C, n, n), its son, and how much each of the father's pixels counts, (1, n, n)."""

    son: torch.Tensor
    father: torch.Tensor
    weight: torch.Tensor


def turned(image: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """A square image (C, n, n) under the symmetry whose number in SYMMETRIES, (1,), lies on the device."""
    every = torch.stack([symmetry.apply(image) for symmetry in SYMMETRIES])
    return every.index_select(0, turn)[0]


def crop_side(image: torch.Tensor, crop: int, scale: int) -> int:
    """Pixels a side of a father's crop: at most the image, and a multiple of the scale."""
    side = min(crop, image.shape[-2], image.shape[-1])
    return side - side % scale


def _loss_weight(image: torch.Tensor, config: ZSSRConfig) -> torch.Tensor:
    """Weight of each pixel's error, (1, H, W), mean 1: the local gradient, or even."""
    magnitude = gradient_magnitude(image, config.gradient_clip)
    mean = magnitude.mean()
    if not config.gradient_weighted or mean < 1e-6:  # a flat image has no gradient to follow
        return torch.ones_like(magnitude)[None]
    return (magnitude / mean)[None]
