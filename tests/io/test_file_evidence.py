"""What a file tells reaches the belief: a camera's size in EXIF, upright or turned, whole or cropped."""

import io

import pytest
from PIL import ExifTags, Image
from skimage import data

from blindsr import estimation
from blindsr.io.file_evidence import FileEvidence
from blindsr.io.photo import read_photo
from tests.few_steps import SMALL_INSTANT


def a_jpeg(path, *, size, make="Maker", orientation=1):
    """A part of a photograph whose EXIF tells the size (width, height), or nothing."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    if make:
        exif[ExifTags.Base.Make] = make
    if size:
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        camera[ExifTags.Base.ExifImageWidth], camera[ExifTags.Base.ExifImageHeight] = size
    file = io.BytesIO()
    Image.fromarray(data.coffee()[100:260, 100:340]).save(file, "JPEG", quality=90, exif=exif)
    path.write_bytes(file.getvalue())
    return path


@pytest.mark.parametrize(
    ("size", "make", "orientation", "told"),
    [
        ((240, 160), "Maker", 1, (240, 160)),
        ((480, 320), "Maker", 6, (480, 320)),  # as it was before it was turned
        ((240, 160), "", 1, None),  # no camera is named
        (None, "Maker", 1, None),
    ],
)
def test_a_file_tells_its_camera_and_size(tmp_path, size, make, orientation, told):
    photo = read_photo(a_jpeg(tmp_path / "p.jpg", size=size, make=make, orientation=orientation))
    assert photo.file_evidence.taken == told
    assert photo.file_evidence.jpeg is photo.jpeg is not None


@pytest.mark.parametrize("orientation", [1, 6])
def test_no_kernel_is_inverted_where_the_camera_gave_the_size(tmp_path, orientation):
    photo = read_photo(a_jpeg(tmp_path / "p.jpg", size=(240, 160), orientation=orientation))
    settings = SMALL_INSTANT

    def weight(told):
        """Of the kernel's inverse."""
        (analysis,) = estimation.analyse([photo.image], file_evidence=[told], settings=settings, device="cpu")
        return analysis.combination.kernel

    assert weight(photo.file_evidence) == 0
    assert photo.file_evidence.is_camera_size(tuple(photo.image.shape[1:]))
    assert not FileEvidence(photo.jpeg).is_camera_size(tuple(photo.image.shape[1:]))
