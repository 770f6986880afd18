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

    def cut(
        self, which: torch.Tensor, ys: torch.Tensor, xs: torch.Tensor, crop: int, channels: int
    ) -> torch.Tensor:
        """Crops (n, channels, crop, crop) of the images ``which`` (n,) at the corners ys, xs (n,), all whole
        numbers on the device; a copy, never a view. The host reads nothing."""
        axis = torch.arange(crop, device=self.values.device)
        begin, channel, width = (
            n.index_select(0, which)[:, None] for n in (self.begin, self.channel, self.width)
        )
        rows, columns = (ys[:, None] + axis) * width, xs[:, None] + axis
        planes = begin + channel * torch.arange(channels, device=self.values.device)
        places = planes[:, :, None, None] + rows[:, None, :, None] + columns[:, None, None, :]
        return self.values.index_select(0, places.flatten()).view_as(places)
