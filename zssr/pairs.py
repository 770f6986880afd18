"""Fathers and sons: the training pairs that one image gives (ZSSR, section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from blindsr.imaging.gradient import gradient_magnitude
from blindsr.imaging.kernel import SRKernel
from blindsr.imaging.resample import downscale
from blindsr.threads import side_by_side
from zssr.config import ZSSRConfig
from zssr.start import Start
from zssr.symmetry import SYMMETRIES, Symmetry


@dataclass(frozen=True, eq=False)
class Pair:
    """One training example, a batch of one: what the network gets, what it should give, and how much
    each pixel counts (mean near 1)."""

    start: torch.Tensor  # (1, C, n, n): the son, upscaled to the father's size
    father: torch.Tensor  # (1, C, n, n)
    weight: torch.Tensor  # (1, 1, n, n)


class Fathers:
    """Draws training pairs from images, each as likely as the others.

    Without a pool each draw makes a pair anew. With one, ``config.pool`` pairs of larger windows are
    made first and crops are cut out of them: for starts that cost more than a training step.
    """

    def __init__(
        self,
        images: Sequence[torch.Tensor],
        kernel: SRKernel,
        start: Start,
        config: ZSSRConfig,
        rng: torch.Generator,
    ) -> None:
        self.images, self.kernel, self.start, self.config = list(images), kernel, start, config
        self.weights = [_loss_weight(image, config) for image in self.images]
        self.pool = self._pool(rng)

    def draw(self, rng: torch.Generator) -> Pair:
        """A training pair of ``config.crop`` pixels a side, or what the images allow."""
        if not self.pool:
            return self._pair(self._square(self.config.crop, rng))
        choice, y_share, x_share = torch.rand(3, generator=rng).tolist()
        whole = self.pool[int(choice * len(self.pool))]
        height, width = whole.father.shape[-2:]
        side = min(self.config.crop, height, width)
        y, x = int(y_share * (height - side + 1)), int(x_share * (width - side + 1))
        rows, columns = slice(y, y + side), slice(x, x + side)
        return Pair(*(part[..., rows, columns] for part in (whole.start, whole.father, whole.weight)))

    def _pool(self, rng: torch.Generator) -> list[Pair]:
        """Pairs of whole windows; their starts, the costly part, are made side by side."""
        squares = [self._square(self.config.window, rng) for _ in range(self.config.pool)]
        pairs: dict[int, Pair] = {}

        def make(place: int) -> None:
            pairs[place] = self._pair(squares[place])

        side_by_side(make, range(len(squares)), self.images[0].device)
        return [pairs[place] for place in range(len(squares))]

    def _square(self, size: int, rng: torch.Generator) -> "_Square":
        """A random square of a random father, flipped and turned, with its son made *afterwards*: the
        kernel acts on the flipped square, so the pair is true to the kernel whatever its shape."""
        choice, y_share, x_share, turn_share = torch.rand(4, generator=rng).tolist()
        index = int(choice * len(self.images))
        image = self.images[index]
        side = crop_side(image, size, self.kernel.scale)
        y = int(y_share * (image.shape[1] - side + 1))
        x = int(x_share * (image.shape[2] - side + 1))
        symmetry = SYMMETRIES[int(turn_share * len(SYMMETRIES))] if self.config.augment else Symmetry()
        father = symmetry.apply(image[:, y : y + side, x : x + side])
        weight = symmetry.apply(self.weights[index][:, y : y + side, x : x + side])
        son = downscale(father, self.kernel)
        if self.config.noise:
            son = son + self.config.noise * torch.randn(son.shape, generator=rng).to(son.device)
        return _Square(son, father, weight)

    def _pair(self, square: "_Square") -> Pair:
        return Pair(self.start.upscale(square.son)[None], square.father[None], square.weight[None])


@dataclass(frozen=True, eq=False)
class _Square:
    """A father (C, n, n), its son, and how much each of the father's pixels counts, (1, n, n)."""

    son: torch.Tensor
    father: torch.Tensor
    weight: torch.Tensor


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
