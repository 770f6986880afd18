"""Where an image has detail."""

import torch


def gradient_magnitude(image: torch.Tensor, clip_percentile: float = 100.0) -> torch.Tensor:
    """Length of the gradient of the channels' mean, by central differences: (C, H, W) to (H, W).

    In units of value per pixel. Values over the given percentile are clipped to it, so that a few
    edges do not outweigh everything else.
    """
    dy, dx = torch.gradient(image.mean(dim=0))
    magnitude = torch.hypot(dy, dx)
    if clip_percentile < 100.0:
        rank = max(1, round(magnitude.numel() * clip_percentile / 100.0))
        limit = magnitude.flatten().kthvalue(rank).values
        magnitude = magnitude.clamp(max=limit)
    return magnitude
