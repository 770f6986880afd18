"""Results to make pages of, without any training: bicubic interpolation sharpened, and a known spectrum."""

from pathlib import Path

import numpy as np
import torch

from blindsr.api import UpscaleResult
from blindsr.cli import details
from blindsr.cli.jobs import Job, Request
from blindsr.configuration import Settings
from blindsr.enlargement import Enlargement
from blindsr.estimation import Analysis
from blindsr.io.photo import Photo
from blindsr.report.change import Change
from blindsr.report.summary import Summary
from blindsr.spectral.cells import symmetric_kernel
from blindsr.spectral.estimate import SpectralEstimate
from blindsr.spectral.fitted import FittedSpectrum
from srbase.imaging.resample import resize
from srbase.kernels.kernel import SRKernel
from zssr.solve import Training

RED, BLUE = (220, 30, 30), (30, 30, 220)


def gaussian(yy: float, xx: float, xy: float = 0.0) -> SRKernel:
    """The x2 kernel of these second moments, HR px^2."""
    return SRKernel(symmetric_kernel(np.array([yy, xx, xy]), None), 2)


def spectral(
    kernel: SRKernel, *, error: float = 0.1, family: str = "gaussian", **changed
) -> SpectralEstimate:
    """An estimate whose standard errors of yy, xx and xy are ``error``."""
    cells = np.linspace(0.02, 0.5, 200)
    fitted = FittedSpectrum(np.stack([cells, cells[::-1]]), -10 * cells, -10 * cells + 0.1)
    fields = {
        "covariance": kernel.covariance,
        "covariance_std": np.full((2, 2), error),
        "posterior": np.eye(3) * error**2,
        "family": family,
        "evidence": {"gaussian": 0.0, family: 8.0 if family != "gaussian" else 0.0},
        "kernel": kernel.array,
        "noise_variance": (0.29 / 255) ** 2,
        "misfit": 0.4,
        "windows": 60,
        "spectrum": fitted,
    }
    return SpectralEstimate(**fields | changed)


def summary(**changed) -> Summary:
    """Of a result that inverts its kernel and gains 0.4 +- 0.1 dB."""
    fields = {
        "treated_as": "a web picture",
        "blend": 0.4,
        "change": Change(2.0, 0.1),
        "gain": None,
        "measured": None,
        "advice": (),
        "kernel_share": 1.0,
    }
    return Summary(**fields | changed)


def flat(colour, height: int, width: int) -> torch.Tensor:
    """(3, height, width) of one colour of 8 bits."""
    return (torch.tensor(colour, dtype=torch.float32) / 255)[:, None, None].expand(3, height, width).clone()


def result(
    small: torch.Tensor, large: torch.Tensor | None = None, *, factor: float = 2.0, **changed
) -> UpscaleResult:
    """As if ``large`` had been made of ``small``, (C, H, W) in 0..1; default: bicubically."""
    plan = Enlargement(factor=factor).plan(small.shape[2], small.shape[1])
    source = Photo(small)
    large = resize(small, (plan.height, plan.width)) if large is None else large
    kernel = gaussian(2.5, 1.0)
    kernels = {2: kernel} if plan.scale == 2 else {2: kernel, 4: kernel.to_x4()}
    history = {"step": (20, 40, 60), "error": (4e-3, 2e-3, 1e-3)}
    fields = {
        "kernels": kernels,
        "seconds": {"kernel": 1.25, "sr": 2.0},
        "output": None,
        "source": source,
        "photo": source.with_image(large.clamp(0, 1), None),
        "analysis": Analysis(kernel=kernel, spectral=spectral(kernel)),
        "trainings": (Training(plan.scale, 60, history),),
        "networks": {},
        "plan": plan,
        "notes": (),
        "given": source,
    }
    return UpscaleResult(**fields | changed)


def record(made: UpscaleResult, name: str = "cat.png"):
    """What ``run.json`` would hold."""
    request = Request(
        enlargement=Enlargement(factor=2), settings=Settings(), seed=0, device="cpu", device_name="CPU"
    )
    return details.record(Job(source=Path(name), output=Path("cat_x2.png")), request, made)
