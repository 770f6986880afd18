"""Published numbers on pairs that cameras took; see :mod:`benchmarks.reports.published`."""

from typing import Final

from benchmarks.reports.published import Published

_REAL = "as OSEDiff (NeurIPS 2024), Table 1, gives it: crops of 512x512, PSNR and SSIM on the luma"


def _cameras(
    words: str, realsr: tuple[float, float, float], drealsr: tuple[float, float, float]
) -> list[Published]:
    return [
        Published(words, (), data, 4, psnr, ssim, _REAL, reread=False, niqe=niqe)
        for data, (psnr, ssim, niqe) in (("RealSR", realsr), ("DRealSR", drealsr))
    ]


REAL: Final = (
    *_cameras("BSRGAN", (26.39, 0.7654, 5.6567), (28.75, 0.8031, 6.5192)),
    *_cameras("Real-ESRGAN", (25.69, 0.7616, 5.8295), (28.64, 0.8053, 6.6928)),
    *_cameras("StableSR", (24.70, 0.7085, 5.9122), (28.03, 0.7536, 6.5239)),
    *_cameras("ResShift", (26.31, 0.7421, 7.2635), (28.46, 0.7673, 8.1249)),
    *_cameras("SeeSR", (25.18, 0.7216, 5.4081), (28.17, 0.7691, 6.3967)),
    *_cameras("OSEDiff", (25.15, 0.7341, 5.6476), (27.92, 0.7835, 6.4902)),
)
"""Networks that were trained to please on real photographs; of the sets' own crops, more than ours."""
