"""Published numbers, each with its source. PSNR in dB and SSIM on the luma.

``reread``: read at the source for this project. Where it is False the number is quoted from later
papers, and whoever publishes it again should look it up first.
"""

from dataclasses import dataclass
from typing import Final

from benchmarks.methods.zero_shot import KERNELGAN_ZSSR, MICHAELI_IRANI_ZSSR

_TABLE = "KernelGAN, NeurIPS 2019, Table 1"
KERNELGAN = (KERNELGAN_ZSSR, "kernelgan-paper+zssr", "kernelgan-released+zssr")
"""Ours, and the two readings of the published method: each may stand beside its row."""
AS_QUOTED = f"{_TABLE}, as later papers quote it"


@dataclass(frozen=True)
class Published:
    """A row of a published table; ``methods`` are ours of the same kind."""

    words: str
    methods: tuple[str, ...]
    data: str
    scale: int
    psnr: float
    ssim: float | None
    source: str
    reread: bool
    niqe: float | None = None


def _both(
    words: str,
    methods: str | tuple[str, ...] | None,
    two: tuple[float, float | None],
    four: tuple[float, float | None] | None,
    source: str,
    *,
    reread: bool,
) -> list[Published]:
    pairs = [(2, two), (4, four)]
    names = (methods,) if isinstance(methods, str) else methods or ()
    return [Published(words, names, "DIV2KRK", s, p[0], p[1], source, reread) for s, p in pairs if p]


TABLE_1: Final = (
    *_both("bicubic interpolation", "bicubic", (28.73, 0.8040), (25.33, 0.6795), AS_QUOTED, reread=False),
    *_both(
        "bicubic kernel + ZSSR", "zssr-bicubic", (29.10, 0.8215), (25.61, 0.6911), AS_QUOTED, reread=False
    ),
    *_both(
        "EDSR+ (trained on bicubic images)", None, (29.17, 0.8216), (25.64, 0.6928), AS_QUOTED, reread=False
    ),
    *_both(
        "RCAN+ (trained on bicubic images)",
        ("dat-light", "dat-light+"),
        (29.20, 0.8223),
        (25.66, 0.6936),
        AS_QUOTED,
        reread=False,
    ),
    *_both(
        "Michaeli & Irani + SRMD",
        "michaeli-irani+srmd",
        (25.51, 0.8083),
        (23.34, 0.6530),
        AS_QUOTED,
        reread=False,
    ),
    *_both(
        "Michaeli & Irani + ZSSR",
        MICHAELI_IRANI_ZSSR,
        (29.37, 0.8370),
        (26.09, 0.7138),
        AS_QUOTED,
        reread=False,
    ),
    *_both("KernelGAN + SRMD", "kernelgan+srmd", (29.57, 0.8564), (25.71, 0.7265), AS_QUOTED, reread=False),
    *_both("true kernel + SRMD", "gt+srmd", (31.96, 0.8955), (27.38, 0.7655), AS_QUOTED, reread=False),
    *_both(
        "KernelGAN + ZSSR",
        KERNELGAN,
        (30.36, 0.8669),
        (26.81, 0.7316),
        f"{_TABLE}, as DAN's README quotes it",
        reread=True,
    ),
    *_both("true kernel + ZSSR", "gt+zssr", (32.44, 0.8992), (27.53, 0.7446), AS_QUOTED, reread=False),
    *_both("DualSR (zero-shot)", None, (30.92, 0.8728), None, "DualSR's README", reread=True),
    *_both(
        "DANv2 (trained on thousands of images)",
        None,
        (32.58, 0.9048),
        (28.74, 0.7893),
        "DAN's README",
        reread=True,
    ),
    *_both(
        "MoESR (trained on thousands of images)",
        None,
        (32.69, 0.9054),
        (28.48, 0.7805),
        "MoESR's README",
        reread=True,
    ),
    *_both(
        "PL-IDENet (trained on thousands of images)",
        None,
        (32.98, None),
        (28.82, None),
        "its README",
        reread=True,
    ),
)

INDEPENDENT: Final = (
    "An independent run of the published KernelGAN + ZSSR got 29.93 / 0.8548 at x2 and 26.76 / 0.7302 at x4 "
    "(sefibk/KernelGAN#34); the authors' laboratory, measuring again in 2025, 25.90 / 0.703 at x4 with "
    "bicubic at 25.08 (KernelFusion). Absolute figures move with metric code and code state: compare gains."
)

_REBUTTAL_C = "KernelGAN, rebuttal, Fig. C"
ABLATION: Final = (
    *_both("all constraints", KERNELGAN_ZSSR, (30.51, 0.867), (26.81, 0.732), _REBUTTAL_C, reread=True),
    *_both(
        "no sparseness",
        "kernelgan-no-sparse+zssr",
        (30.32, 0.862),
        (26.60, 0.727),
        _REBUTTAL_C,
        reread=True,
    ),
    *_both(
        "no boundaries",
        "kernelgan-no-boundaries+zssr",
        (30.37, 0.863),
        (26.66, 0.729),
        _REBUTTAL_C,
        reread=True,
    ),
    *_both(
        "no sum to 1",
        "kernelgan-no-sum-to-1+zssr",
        (29.82, 0.851),
        (26.58, 0.724),
        _REBUTTAL_C,
        reread=True,
    ),
    *_both(
        "no centralisation",
        "kernelgan-no-centre+zssr",
        (30.43, 0.865),
        (26.78, 0.731),
        _REBUTTAL_C,
        reread=True,
    ),
    *_both(
        "none of them",
        "kernelgan-no-constraints+zssr",
        (29.62, 0.850),
        (26.32, 0.721),
        _REBUTTAL_C,
        reread=True,
    ),
)

_REBUTTAL_A = "KernelGAN, rebuttal, Fig. A"
BICUBIC: Final = (
    Published("KernelGAN + ZSSR", KERNELGAN, "DIV2K, bicubic", 4, 28.65, 0.795, _REBUTTAL_A, True),
    Published(
        "bicubic kernel + ZSSR", ("zssr-bicubic",), "DIV2K, bicubic", 4, 28.73, 0.796, _REBUTTAL_A, True
    ),
)

_ZSSR = "ZSSR, CVPR 2018"
ZSSR: Final = (
    Published("ZSSR", ("zssr-bicubic",), "Set5", 2, 37.37, 0.9570, _ZSSR, True),
    Published("ZSSR", ("zssr-bicubic",), "Set5", 4, 31.13, 0.8796, _ZSSR, True),
    Published("ZSSR", ("zssr-bicubic",), "Set14", 2, 33.00, 0.9108, _ZSSR, True),
    Published("ZSSR", ("zssr-bicubic",), "Set14", 4, 28.01, 0.7651, _ZSSR, True),
    Published("ZSSR", ("zssr-bicubic",), "BSD100", 4, 27.12, 0.7211, _ZSSR, True),
)
"""ZSSR's x3 row of Set5 (33.42 / 0.9188) has no counterpart here: x3 is not supported."""
