"""The kernel under which patches recur across scales: Michaeli & Irani, "Nonparametric Blind
Super-Resolution", ICCV 2013. Written from the paper; its code was never released.

Small patches of a photograph recur in a smaller copy of it. If the copy was made by the right kernel
k, a patch q of the photograph has close neighbours among the copy's patches R k, where R holds the
pixels (of the photograph itself) from which the copy's patch was made: its parent. So k and the
neighbours are found in turn. From a delta::

    copy  <-  photograph shrunk by k
    R_ij  <-  parents of the nearest neighbours of each patch q_i among the copy's patches
    w_ij  <-  exp(-|q_i - R_ij k|^2 / (2 sigma^2)), scaled so that sum_j w_ij = 1
    k     <-  argmin  sum_ij w_ij |q_i - R_ij k|^2  +  smoothness * |C k|^2,  not negative, sum 1

C takes the differences of neighbouring cells. The neighbours are exact, by one matrix product.
What the kernel comes to: that under which the photograph is as sharp, pixel by pixel, as its smaller copy
is; where HR is soft itself, it is wider than the kernel that made LR.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from srbase.errors import InputError
from srbase.imaging.metrics import luma
from srbase.kernels import geometry
from srbase.kernels.kernel import SRKernel
from srbase.progress import OnProgress, Progress, silent

Array = npt.NDArray[np.float64]

STAGE: Final = "kernel"
ROWS_AT_ONCE: Final = 20_000
"""Equations added to the normal matrix at a time: 100 MB at x4."""
LAPLACIAN: Final = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
QUERIES_AT_ONCE: Final = 256
"""Patches whose distances to all others are held at a time."""


@dataclass(frozen=True, kw_only=True)
class MichaeliIraniConfig:
    """Every number of the estimator. "Paper": as it is quoted, not read again at the source; the others are
    ours, chosen on the development images of DIV2KRK."""

    patch: int = 5  # pixels a side of q (paper)
    neighbours: int = 3  # of each patch (paper)
    sigma: float = 10.0  # deviation of the noise, in 8-bit levels (paper)
    rounds: int = 15  # (paper)
    size_x2: int = 9  # cells a side of the kernel; the 13 of KernelGAN let the tails grow (paper)
    size_x4: int = 17  # (paper)
    patches: int = 1500  # drawn from the photograph
    sharpness: float = 3.0  # power of the local Laplacian to which a patch is likely to be drawn
    smoothness: float = 0.003  # weight of |C k|^2 over the mean diagonal of the normal matrix

    def __post_init__(self) -> None:
        for name, least in (("patch", 3), ("neighbours", 1), ("rounds", 1), ("patches", 1), ("size_x2", 1)):
            if getattr(self, name) < least:
                raise InputError(
                    f"Michaeli & Irani's {name} is {getattr(self, name)}; wanted at least {least}"
                )
        if self.sigma <= 0:
            raise InputError(f"Michaeli & Irani's sigma is {self.sigma}; wanted more than 0")


def estimate_recurrence(
    image: torch.Tensor,
    scale: int,
    config: MichaeliIraniConfig,
    *,
    rng: torch.Generator,
    on_step: OnProgress = silent,
) -> SRKernel:
    """The kernel of this scale, centred, from an LR image (C, H, W) in 0..1, which is only read.

    The luma counts alone. ``rng`` draws the patches, on the CPU. Raises InputError where the smaller
    copy would have fewer patches than a neighbourhood wants.
    """
    size = config.size_x2 if scale == 2 else config.size_x4
    plane = torch.from_numpy(luma(image.double().cpu().numpy() * 255)).float().to(image.device)
    parents = _Parents(plane, scale, size, config.patch)
    if parents.count < config.neighbours:
        least = scale * config.patch + size
        raise InputError(
            f"image is {image.shape[2]}x{image.shape[1]}; Michaeli & Irani at x{scale} need at least "
            f"{least}x{least}"
        )
    queries = _drawn(plane, config, rng)
    kernel = np.zeros((size, size))
    kernel[geometry.anchor(size), geometry.anchor(size)] = 1.0
    differences = _differences(size)
    for step in range(1, config.rounds + 1):
        cells = torch.from_numpy(kernel).to(plane)
        found, weights = _neighbours(queries, parents.patches(cells), config)
        normal, right = parents.equations(found, weights, queries)
        smooth = config.smoothness * np.trace(normal) / size**2 * differences
        kernel = np.maximum(np.linalg.solve(normal + smooth, right).reshape(size, size), 0)
        kernel /= kernel.sum()
        on_step(Progress(STAGE, step, config.rounds, done=step == config.rounds))
    return SRKernel(kernel, scale).centred().cropped()


class _Parents:
    """The parts of a plane (H, W) from which patches of the smaller copy are made."""

    def __init__(self, plane: torch.Tensor, scale: int, size: int, patch: int) -> None:
        self.plane, self.scale, self.size, self.patch = plane, scale, size, patch
        inner = [(n - size) // scale + 1 for n in plane.shape]  # copy's pixels that the plane covers
        self.grid = tuple(max(0, n - patch + 1) for n in inner)
        self.count = self.grid[0] * self.grid[1]

    def patches(self, kernel: torch.Tensor) -> torch.Tensor:
        """All patches (n, patch * patch) of the copy made by the kernel (size, size)."""
        small = F.conv2d(self.plane[None, None], kernel[None, None], stride=self.scale)
        return F.unfold(small, self.patch)[0].T.contiguous()

    def equations(
        self, found: torch.Tensor, weights: torch.Tensor, queries: torch.Tensor
    ) -> tuple[Array, Array]:
        """The weighted normal matrix (cells, cells) and right side (cells,) of the pairs.

        found, weights: (q, neighbours); queries: (q, patch * patch).
        """
        cells = self.size**2
        normal = torch.zeros(cells, cells, dtype=torch.float64, device=self.plane.device)
        right = torch.zeros(cells, dtype=torch.float64, device=self.plane.device)
        windows = self.plane.unfold(0, self.size, 1).unfold(1, self.size, 1)
        offsets = torch.arange(self.patch, device=found.device)
        for part in torch.split(torch.arange(len(found), device=found.device), self._at_once(found)):
            rows, columns = found[part] // self.grid[1], found[part] % self.grid[1]
            y = self.scale * (rows[..., None, None] + offsets[:, None])
            x = self.scale * (columns[..., None, None] + offsets)
            root = weights[part, :, None, None].sqrt()
            left = (windows[y, x] * root[..., None, None]).reshape(-1, cells)
            wanted = queries[part].reshape(-1, 1, self.patch, self.patch) * root
            normal += (left.T @ left).double()
            right += (left.T @ wanted.reshape(-1)).double()
        return normal.cpu().numpy(), right.cpu().numpy()

    def _at_once(self, found: torch.Tensor) -> int:
        return max(1, ROWS_AT_ONCE // (found.shape[1] * self.patch**2))


def _drawn(plane: torch.Tensor, config: MichaeliIraniConfig, rng: torch.Generator) -> torch.Tensor:
    """Patches (q, patch * patch) of the plane, the sharp ones more often; none twice."""
    every = F.unfold(plane[None, None], config.patch)[0].T
    second = F.conv2d(plane[None, None], plane.new_tensor(LAPLACIAN)[None, None]).square()
    inside = config.patch - 2  # of a patch's pixels along an axis, those with all four neighbours in it
    energy = F.avg_pool2d(second, inside, stride=1).flatten().sqrt().double().cpu()
    likely = (energy / energy.max().clamp_min(1e-12)) ** config.sharpness
    count = min(config.patches, int((likely > 0).sum()))
    if count == 0:
        raise ArithmeticError("the image is flat: no patch tells its kernel")
    chosen = torch.multinomial(likely, count, generator=rng)
    return every[chosen.to(every.device)].contiguous()


def _neighbours(
    queries: torch.Tensor, patches: torch.Tensor, config: MichaeliIraniConfig
) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices and weights (q, neighbours) of each query's nearest patches."""
    found, distances = [], []
    for some in torch.split(queries, QUERIES_AT_ONCE):
        nearest = torch.cdist(some, patches).topk(config.neighbours, dim=1, largest=False)
        found.append(nearest.indices)
        distances.append(nearest.values)
    squares = torch.cat(distances).square()
    return torch.cat(found), torch.softmax(-squares / (2 * config.sigma**2), dim=1)


def _differences(size: int) -> Array:
    """C'C (cells, cells): the sum of squared differences of cells side by side and one below the other."""
    line = np.diff(np.eye(size), axis=0)
    along, same = line.T @ line, np.eye(size)
    return np.kron(along, same) + np.kron(same, along)
