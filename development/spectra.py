"""The pictures of docs/how.md: spectra, kernels and inverses of a photograph that comes with scikit-image.

python -m development.spectra --out docs/images [--steps 300]
"""

from pathlib import Path

import click

from blindsr.spectral.config import SpectralConfig
from development.pictures import inverse_picture, kernel_picture, spectrum_picture
from development.spectrum_fit import example


@click.command(help=__doc__)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder.")
@click.option("--steps", default=300, show_default=True, help="Of training.")
def main(out: Path, steps: int) -> None:
    """The command."""
    out.mkdir(parents=True, exist_ok=True)
    given, config = example(), SpectralConfig()
    spectrum_picture(out / "spectrum.png", given, config)
    kernel_picture(out / "kernels.png", given, config)
    inverse_picture(out / "inverses.png", given, steps)
    for name in ("spectrum", "kernels", "inverses"):
        click.echo(out / f"{name}.png")


if __name__ == "__main__":
    main()
