"""Photographs from standard input and pipes, results to standard output."""

import io
import json
import os
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from blindsr.io.kernel_files import read_kernel, write_kernel
from srbase.kernels.kernel import SRKernel
from tests.cli.faults import started


@pytest.fixture
def stdin(work, monkeypatch):
    """Standard input holds lr.png."""
    data = (work / "lr.png").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    return data


@pytest.fixture
def to_stdout(monkeypatch):
    """Calls a command: (exit code, stderr's lines, stdout's bytes)."""

    def call(command, *arguments):
        stream = io.TextIOWrapper(io.BytesIO(), write_through=True)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            code, _, err = command(*arguments)
        return code, err, stream.buffer.getvalue()

    return call


@pytest.fixture
def pipe(work):
    """The path of a named pipe through which lr.png comes once."""
    path = work / "pipe.png"
    os.mkfifo(path)
    thread = threading.Thread(target=lambda: path.write_bytes((work / "lr.png").read_bytes()), daemon=True)
    thread.start()
    yield path
    thread.join(10)


def pixels(data):
    with Image.open(io.BytesIO(data)) as picture:
        return picture.format, np.asarray(picture)


def test_standard_input_gives_what_the_file_gives(work, instant, stdin):
    assert instant("-", "-o", "piped.png")[:2] == (0, ["piped.png"])
    assert instant("lr.png")[0] == 0
    assert (work / "piped.png").read_bytes() == (work / "lr_x2.png").read_bytes()


@pytest.mark.parametrize(("options", "format_"), [((), "PNG"), (("--format", "jpeg"), "JPEG")])
def test_standard_output_is_the_image_and_nothing_else(work, instant, stdin, to_stdout, options, format_):
    code, _, out = to_stdout(instant, "-", "-o", "-", *options)
    kind, image = pixels(out)
    assert (code, kind, image.shape) == (0, format_, (142, 166, 3))
    assert {path.name for path in work.iterdir()} == {"lr.png", "k.npy"}


def test_json_goes_to_stderr_if_stdout_is_the_image(work, instant, to_stdout):
    code, err, out = to_stdout(instant, "lr.png", "-o", "-", "--json")
    assert (code, pixels(out)[0]) == (0, "PNG")
    assert json.loads(next(line for line in err if line.startswith("{")))["status"] == "done"


def test_a_pipe_is_read_once(work, instant, pipe, size_of):
    assert instant("pipe.png", "-o", "piped.png")[:2] == (0, ["piped.png"])
    assert size_of("piped.png") == (142, 166, 3)


@pytest.mark.slow
def test_a_process_between_two_pipes(work):
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    arguments = ("--device", "cpu", "--preset", "instant", "-k", "k.npy")
    with (work / "lr.png").open("rb") as photograph, (work / "out.png").open("wb") as result:
        process = started(
            work, "upscale", "/dev/stdin", "-o", "-", *arguments, stdin=photograph, stdout=result
        )
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert pixels((work / "out.png").read_bytes())[1].shape == (142, 166, 3)


@pytest.mark.slow
def test_the_file_descriptor_of_a_pipe_as_shells_give_it(work):
    """As by ``<(command)``."""
    write_kernel(work / "k.npy", SRKernel.bicubic(2))
    reading, writing = os.pipe()
    arguments = ("--device", "cpu", "--preset", "instant", "-k", "k.npy")
    process = started(work, "upscale", f"/dev/fd/{reading}", "-o", "a.png", *arguments, pass_fds=(reading,))
    with os.fdopen(writing, "wb") as pipe:
        pipe.write((work / "lr.png").read_bytes())
    out, err = process.communicate(timeout=120)
    os.close(reading)
    assert (process.returncode, out) == (0, "a.png\n"), err
    assert (work / "a.png").exists()


def test_a_kernel_between_two_pipes(work, blindsr, stdin, to_stdout):
    options = ("--format", "npy", "--device", "cpu", "--preset", "instant")
    code, _, out = to_stdout(blindsr, "kernel", "-", "-o", "-", *options)
    (work / "k.npy").write_bytes(out)
    assert (code, read_kernel(work / "k.npy", 2).shape) == (0, (13, 13))


def test_a_stream_that_is_no_image_is_one_line(work, instant, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    code, out, err = instant("-", "-o", "a.png")
    assert (code, out) == (1, [])
    assert err == [
        "error: -: standard input cannot be decoded (not an image); wanted a whole image (PNG, JPEG, TIFF, "
        "WebP, BMP and those in docs/formats.md)"
    ]


def test_degrade_between_two_streams(work, blindsr, stdin, to_stdout):
    assert blindsr("degrade", "lr.png", "-o", "file.png")[0] == 0
    code, err, out = to_stdout(blindsr, "degrade", "-", "-o", "-")
    assert code == 0, err
    assert out == (work / "file.png").read_bytes()
    assert not (work / "-").exists()


def test_degrade_to_standard_output_in_another_format(work, blindsr, to_stdout):
    code, err, out = to_stdout(blindsr, "degrade", "lr.png", "-o", "-", "--format", "jpeg", "--json")
    assert (code, pixels(out)[0]) == (0, "JPEG")
    assert json.loads(next(line for line in err if line.startswith("{")))["output"] == "-"


def test_degrade_reads_a_pipe_once(work, blindsr, pipe, size_of):
    assert blindsr("degrade", "pipe.png", "-o", "piped.png")[:2] == (0, ["piped.png"])
    assert size_of("piped.png") == (35, 41, 3)


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("upscale", "-"), "the input is a stream and has no folder"),
        (("upscale", "-", "lr.png", "-o", "out"), "wanted no other input beside it"),
        (("upscale", "lr.png", "lr.png", "other.png", "-o", "-"), "standard output holds one image"),
        (("upscale", "lr.png", "-o", "-", "--gt", "lr.png"), "--gt reads the result again"),
        (("upscale", "-", "-o", "a.png", "--scheduler", "tcp://x:1"), "a stream is on this machine"),
        (("kernel", "lr.png", "other.png", "-o", "-"), "standard output holds one kernel"),
        (("kernel", "lr.png", "-o", "-", "-o", "k.mat"), "standard output holds one kernel"),
    ],
)
def test_what_a_stream_cannot_do_is_refused(work, blindsr, arguments, message):
    code, out, err = blindsr(*arguments)
    assert (code, out) == (2, [])
    assert message in err[-1]
