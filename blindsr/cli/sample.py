"""``blindsr sample``: the whole program on a photograph that needs no download."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from blindsr.cli import details, files, options, progress, reports
from blindsr.cli.jobs import Job, Page, Request
from blindsr.cli.session import Session, pass_session, usage
from blindsr.enlargement import Enlargement

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SIDE: Final = {2: 192, 4: 256}
"""HR pixels a side by scale, of scikit-image's astronaut (NASA, public domain). At x2 the LR image has
96, with which the papers' 3000 and 3000 steps stay under ten minutes on two cores (30 and, by a
crop of 128 taking 250, 140 ms a step); at x4 it has 64, KernelGAN's least."""

MIDDLE: Final = 224  # column of the photograph about which the crop lies; it begins at the top row

FACE: Final = (56, 160, 96)
"""First row, first column and side of the detail that the comparison enlarges."""

ENLARGED = 3  # times, so that the pixels can be told apart
NAMES: Final = ("original.png", "small.png", "bicubic.png", "blindsr.png", "comparison.png")
KERNELS: Final = ("kernel_true.png", "kernel_estimated.png")


@click.command(short_help="Degrade a sample photograph, enlarge it, and score the result.")
@click.option(
    "-o",
    "--output",
    "folder",
    type=options.PATH,
    required=True,
    metavar="DIR",
    help="Folder for the pictures.",
)
@options.scale
@options.device
@options.threads
@options.seed
@options.preset
@options.estimator
@options.kernelgan_steps
@options.zssr_steps
@options.report
@options.overwrite
@options.loudness
@pass_session
def command(
    session: Session,
    folder: Path,
    scale: int,
    device: str,
    seed: int,
    preset: str,
    estimator: str | None,
    kernelgan_steps: int | None,
    zssr_steps: int | None,
    report: Path | None,
    overwrite: bool,
) -> int:
    """Downscale a photograph with a random kernel, enlarge it without knowing the kernel, and print PSNR and
    SSIM of bicubic interpolation and of the result against the original.
    """
    from blindsr import api
    from srbase.runtime.device import describe, resolve_device

    with usage():
        place = resolve_device(device)
        files.require_writable(folder)
        files.refuse_existing([folder / name for name in NAMES + KERNELS], overwrite=overwrite)
        page = None if report is None else _page(report, folder / NAMES[0], overwrite=overwrite)
        settings = api.settings(
            preset, estimator=estimator, kernelgan_steps=kernelgan_steps, zssr_steps=zssr_steps
        )
    files.make_folder(folder)
    original, small, bicubic, ours, comparison = (folder / name for name in NAMES)
    left = _write_original(original, SIDE[scale])
    api.degrade(original, scale, kernel=(kernel := api.random_kernel(scale, seed)), output=small)
    _interpolate(small, bicubic, scale)
    session.say(f"{small}: downscaled with a random kernel, seed {seed}; on {describe(place)}")
    with progress.shown(session) as on_progress:
        result = api.upscale(
            small, scale, output=ours, seed=seed, device=device, settings=settings, on_progress=on_progress
        )
    api.write_kernel(folder / KERNELS[0], kernel)
    api.write_kernel(folder / KERNELS[1], result.kernels[scale])
    _compare(comparison, [bicubic, ours, original], left)
    if page is not None:
        files.make_folder(page.path.parent)
        request = Request(
            enlargement=Enlargement(factor=scale),
            settings=settings,
            seed=seed,
            device=str(place),
            device_name=describe(place),
        )
        record = details.record(Job(source=small, output=ours), request, result)
        reports.write_page(page, result, record, true_kernel=kernel, replacing=overwrite)
    _tell_scores(session, {"bicubic": bicubic, "blindsr": ours}, original, scale)
    session.result(f"side by side (bicubic, blindsr, original): {comparison}")
    if page is not None:
        session.result(f"page: {page.path}")
    return session.code


def _page(report: Path, original: Path, *, overwrite: bool) -> Page:
    """The page to be made. Raises InputError where it cannot be written."""
    page = reports.page_of_one(report, original)
    files.refuse_existing([page.path], overwrite=overwrite)
    files.require_writable(page.path.parent)
    return page


def _tell_scores(session: Session, made: dict[str, Path], original: Path, scale: int) -> None:
    from blindsr import api

    for name, path in made.items():
        scores = api.score(path, original, scale)
        session.result(f"{name:8} PSNR-Y {scores.psnr_y:.2f} dB  SSIM-Y {scores.ssim_y:.4f}  {path}")


def _write_original(path: Path, side: int) -> int:
    """Write the square part of the photograph; the column at which it begins."""
    from skimage import data

    left = MIDDLE - side // 2
    _write(path, data.astronaut()[:side, left : left + side])
    return left


def _write(path: Path, pixels: "npt.NDArray[np.uint8]") -> None:
    from blindsr.io.photo import from_pixels, write_photo

    write_photo(path, from_pixels(pixels))


def _interpolate(small: Path, large: Path, scale: int) -> None:
    from blindsr.io.photo import read_photo, write_photo
    from srbase.imaging.resample import bicubic_upscale

    photo = read_photo(small)
    write_photo(large, photo.with_image(bicubic_upscale(photo.image, scale), None))


def _compare(path: Path, pictures: list[Path], left: int) -> None:
    """The same detail of each picture, enlarged, side by side."""
    import torch
    from torchvision.utils import make_grid

    from blindsr.io.photo import Photo, read_photo, write_photo

    top, first, side = FACE
    rows, columns = slice(top, top + side), slice(first - left, first - left + side)
    details = torch.stack([read_photo(picture).image[:, rows, columns] for picture in pictures])
    enlarged = details.repeat_interleave(ENLARGED, -1).repeat_interleave(ENLARGED, -2)
    write_photo(path, Photo(make_grid(enlarged, nrow=len(pictures), padding=6, pad_value=1.0)))
