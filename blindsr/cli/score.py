"""``blindsr score``: PSNR and SSIM of a result against the original."""

import math
from dataclasses import asdict
from pathlib import Path

import click

from blindsr.cli import options
from blindsr.cli.session import Session, pass_session

EXAMPLES = """\b
Examples:
  blindsr score photo_x2.png original.png -s 2
  blindsr score photo_x4.png original.png -s 4 --protocol vdsr --json
"""


@click.command(short_help="PSNR and SSIM of a result against the original.", epilog=EXAMPLES)
@click.argument("sr", metavar="SR", type=options.PATH)
@click.argument("gt", metavar="GT", type=options.PATH)
@options.scale
@click.option(
    "--protocol",
    type=click.Choice(["rcan", "vdsr"]),
    default="rcan",
    show_default=True,
    help="rcan: luma as it is. vdsr: luma rounded to 8 bits.",
)
@options.as_json
@options.loudness
@pass_session
def command(session: Session, sr: Path, gt: Path, scale: int, protocol: str) -> int:
    """Compare a result (SR) with the original (GT) on luma (Y) and on RGB.

    SCALE pixels at each border are left out. The PSNR of identical images is inf, in JSON null.
    """
    from blindsr import api

    with session.failures_counted(sr):
        scores = asdict(api.score(sr, gt, scale, protocol="vdsr" if protocol == "vdsr" else "rcan"))
        finite = {name: value if math.isfinite(value) else None for name, value in scores.items()}
        text = (
            f"PSNR-Y {scores['psnr_y']:.2f} dB  SSIM-Y {scores['ssim_y']:.4f}  "
            f"PSNR-RGB {scores['psnr_rgb']:.2f} dB  SSIM-RGB {scores['ssim_rgb']:.4f}"
        )
        named = {"sr": str(sr), "gt": str(gt), "scale": scale, "protocol": protocol}
        session.result(text, **named, **finite)
    return session.code
