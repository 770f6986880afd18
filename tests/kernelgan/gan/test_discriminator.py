"""D is a convolution per layer, done as matrix products, with spectrally normal weights."""

import torch
from torch.nn import functional as F

from kernelgan.gan.config import GANConfig
from kernelgan.gan.discriminator import Discriminator

CONFIG = GANConfig(channels=6, restarts=2)
SAME = 1e-5
"""Float32 through seven layers with batch norm."""
NEARLY_1 = 0.02  # fifty power iterations, where the second singular value is near the first


def make(seed: int = 0) -> Discriminator:
    return Discriminator(CONFIG, 3, torch.Generator().manual_seed(seed), torch.device("cpu"))


def test_d_map_equals_convolutions() -> None:
    discriminator = make()
    images = torch.rand((2, 3, 17, 17), generator=torch.Generator().manual_seed(1))
    weights = discriminator.normalised()
    d_map = discriminator.d_map(images, weights)
    for restart in range(2):
        planes = images[restart : restart + 1]
        for index, weight in enumerate(weights):
            cells = 7 if index == 0 else 1
            planes = F.conv2d(planes, weight[restart].reshape(weight.shape[1], -1, cells, cells))
            if index + 1 < len(weights):
                planes = F.relu(F.batch_norm(planes, None, None, training=True))
        oracle = torch.sigmoid(planes)[0, 0]
        assert d_map.shape[1:] == oracle.shape == (11, 11)
        assert torch.allclose(d_map[restart], oracle, atol=SAME)


def test_weights_have_largest_singular_value_1() -> None:
    discriminator = make()
    for _ in range(50):  # power iteration converges with the ratio of the first two singular values
        weights = discriminator.normalised()
    for weight in (each.detach() for each in weights):
        for restart in range(2):
            assert abs(float(torch.linalg.matrix_norm(weight[restart], 2)) - 1) < NEARLY_1


def test_every_parameter_is_trained() -> None:
    discriminator = make()
    images = torch.rand((2, 3, 17, 17), generator=torch.Generator().manual_seed(1))
    loss = discriminator.d_map(images, discriminator.normalised()).sum()
    for gradient in torch.autograd.grad(loss, discriminator.parameters):
        assert bool((gradient != 0).any())
