"""A pipe is opened once and read once."""

import os
import subprocess
import sys
import threading
from io import BytesIO

import pytest
import torch
from PIL import Image

from blindsr.io.photo import decode_photo, read_photo, read_size
from srbase.errors import InputError
from tests.io.rows import colours

ENDINGS = {"PNG": ".png", "JPEG": ".jpg", "TIFF": ".tif", "WEBP": ".webp"}


def encoded(kind):
    buffer = BytesIO()
    Image.fromarray(colours()).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("kind", ENDINGS)
def test_a_named_pipe_gives_what_the_file_gives(tmp_path, kind):
    data, pipe, file = encoded(kind), tmp_path / "pipe", tmp_path / f"p{ENDINGS[kind]}"
    file.write_bytes(data)
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    assert read_size(pipe) is None  # not opened
    photo = read_photo(pipe)
    writer.join(timeout=10)
    assert torch.equal(photo.image, read_photo(file).image)
    assert photo.sha256 == read_photo(file).sha256


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/stdin"), reason="needs /dev/stdin")  # noqa: PTH110
def test_standard_input_and_a_shells_substitution(tmp_path):
    (tmp_path / "p.png").write_bytes(encoded("PNG"))
    script = (
        "import sys; from pathlib import Path; from blindsr.io.photo import read_size, read_photo;"
        "paths = [Path(name) for name in sys.argv[1:]]; [read_size(path) for path in paths];"
        "print([read_photo(path).image.shape[1] for path in paths])"
    )
    line = f"cat p.png | {sys.executable} -c '{script}' /dev/stdin <(cat p.png) /dev/fd/9 9< p.png"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([len(colours())] * 3)


def test_bytes_in_memory_and_their_name_in_messages():
    assert torch.equal(
        decode_photo(encoded("PNG"), "stdin").image * 255, (decode_photo(encoded("TIFF"), "x").image * 255)
    )
    with pytest.raises(InputError, match=r"^stdin cannot be decoded \(not an image\)"):
        decode_photo(b"no image", "stdin")
    with pytest.raises(InputError, match=r"^stdin cannot"):
        decode_photo(b"", "stdin")
