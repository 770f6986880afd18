"""Images of any sizes in one row of pixels, so that crops of all of them are cut at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, eq=False)
class PixelRow:
    """values (n,): every image's channels, one after another. Of each image, (images,) each: where it begins,
    how far one channel lies from the next (0 for gray: its one channel serves for all), and its width."""

    values: torch.Tensor
    begin: torch.Tensor
    channel: torch.Tensor
    width: torch.Tensor

    @classmethod
    def of(cls, images: Sequence[torch.Tensor]) -> "PixelRow":
        """Of images (C, H, W) on one device."""
        begin, channel, width, total = [], [], [], 0
        for image in images:
            begin.append(total)
            channel.append(image[0].numel() if image.shape[0] > 1 else 0)
            width.append(image.shape[2])
            total += image.numel()
        numbers = (torch.tensor(n, device=images[0].device) for n in (begin, channel, width))
        return cls(torch.cat([image.flatten() for image in images]), *numbers)

    def windows(self, which: torch.Tensor, crop: int, channels: int) -> "Windows":
        """Windows of ``crop`` pixels a side on the images ``which`` (n,), whole numbers on the device."""
        axis = torch.arange(crop, device=self.values.device)
        begin, channel, width = (n.index_select(0, which) for n in (self.begin, self.channel, self.width))
        planes = begin[:, None] + channel[:, None] * torch.arange(channels, device=self.values.device)
        rows = axis * width[:, None]
        return Windows(self.values, planes[:, :, None, None] + rows[:, None, :, None] + axis, width)

    def cut(
        self, which: torch.Tensor, ys: torch.Tensor, xs: torch.Tensor, crop: int, channels: int
    ) -> torch.Tensor:
        """Crops (n, channels, crop, crop) of the images ``which`` (n,) at the corners ys, xs (n,), all whole
        numbers on the device; a copy, never a view. The host reads nothing."""
        return self.windows(which, crop, channels).cut(ys, xs)


@dataclass(frozen=True, eq=False)
class Windows:
    """Where crops of one size lie in a row of pixels: ``places`` (n, channels, crop, crop), for corners at
    the images' own; width (n,): of the images."""

    values: torch.Tensor
    places: torch.Tensor
    width: torch.Tensor

    def cut(self, ys: torch.Tensor, xs: torch.Tensor) -> torch.Tensor:
        """The crops at these corners; see :meth:`PixelRow.cut`."""
        places = self.places + (ys * self.width + xs)[:, None, None, None]
        return self.values.index_select(0, places.flatten()).view_as(places)
