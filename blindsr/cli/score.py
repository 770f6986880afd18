"""``blindsr score``: PSNR and SSIM of a result against the original."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import click

from blindsr.cli import options
from blindsr.cli.session import Session, pass_session


@click.command(short_help="PSNR and SSIM of a result against the original.")
@click.argument("sr", metavar="SR", type=options.PATH)
@click.argument("gt", metavar="GT", type=options.PATH)
@options.scale
@click.option(
    "--protocol",
    type=click.Choice(["rcan", "vdsr"]),
    default="rcan",
    show_default=True,
    help="rcan: luma as it is; vdsr: luma rounded to whole levels.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object; identical images have null for PSNR.")
@options.loudness
@pass_session
def command(session: Session, sr: Path, gt: Path, scale: int, protocol: str, as_json: bool) -> int:
    """Compare SR with GT on the luma (Y) and on RGB, SCALE pixels off each border left out."""
    from blindsr import api

    with session.failures_counted(sr):
        scores = asdict(api.score(sr, gt, scale, protocol="vdsr" if protocol == "vdsr" else "rcan"))
        if as_json:
            finite = {name: value if math.isfinite(value) else None for name, value in scores.items()}
            named = {"sr": str(sr), "gt": str(gt), "scale": scale, "protocol": protocol}
            click.echo(json.dumps(named | finite, allow_nan=False))
        else:
            click.echo(
                f"PSNR-Y {scores['psnr_y']:.2f} dB  SSIM-Y {scores['ssim_y']:.4f}  "
                f"PSNR-RGB {scores['psnr_rgb']:.2f} dB  SSIM-RGB {scores['ssim_rgb']:.4f}"
            )
    return session.code
