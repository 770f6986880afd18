"""Tiny networks in files, for tests: random ones, and one whose prior changes nothing."""

import torch

from blindsr.restoration.network.architecture import Layout, USRNet

SMALL = Layout(iterations=3, channels=(8, 8, 8, 8), blocks=1, hidden=4)


def random_network(layout=SMALL, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return USRNet(layout).eval().requires_grad_(requires_grad=False)


def data_steps_alone(iterations=12, closeness=1e-3):
    """A network whose prior hands the colours through: what remains are data steps, each closer to an image
    that shrinks to LR."""
    network = random_network(Layout(iterations=iterations, channels=(8, 8, 8, 8), blocks=1, hidden=4))
    for parameter in network.parameters():
        parameter.zero_()
    for colour in range(3):  # the shortcut around all levels
        network.p.m_head.weight[colour, colour, 1, 1] = 1.0
        network.p.m_tail.weight[colour, colour, 1, 1] = 1.0
    network.h.mlp[4].bias.fill_(float(torch.tensor(closeness).expm1().log()))  # softplus gives it back
    return network


def saved(network, folder, name="network.pth"):
    path = folder / name
    torch.save(network.state_dict(), path)
    return path
