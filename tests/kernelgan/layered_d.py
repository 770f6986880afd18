"""D layer by layer: the oracle of the matrix products."""

import torch
from torch.nn import functional as F

from kernelgan.discriminator import EPSILON


def d_map_by_layers(
    pictures: torch.Tensor, parameters: list[torch.Tensor], left: list[torch.Tensor], patch: int
) -> torch.Tensor:
    """The D-map by convolutions, game by game, with the same singular vectors."""
    first, hidden, last, gains, shifts, bias = parameters
    maps = []
    for game, planes in enumerate(pictures):
        layers = [first[game], *hidden[game], last[game]]
        vectors = [left[0][game], *left[1][game], left[2][game]]
        x = planes[None]
        for index, (weight, vector) in enumerate(zip(layers, vectors, strict=True)):
            right = F.normalize(weight.T @ vector, dim=0).detach()
            new = F.normalize(weight @ right, dim=0).detach()
            over = weight / (new.T @ weight @ right)
            cells = patch if index == 0 else 1
            x = F.conv2d(x, over.reshape(over.shape[0], -1, cells, cells))
            if index + 1 < len(layers):
                x = F.batch_norm(x, None, None, gains[game, index], shifts[game, index], True, eps=EPSILON)
                x = F.relu(x)
        maps.append(torch.sigmoid(x[0, 0] + bias[game]))
    return torch.stack(maps)
