"""Folders that cannot be read or written, and what is said of them."""

import errno
import os

import pytest
from PIL import Image

from blindsr.cli import manifest
from blindsr.cli.files import in_folder
from blindsr.cli.manifest import Entry
from srbase.errors import InputError


@pytest.fixture
def locked(monkeypatch):
    """Folders of the name ``locked`` cannot be listed, whoever asks."""
    scandir = os.scandir

    def refuse(path):
        if os.path.basename(path) == "locked":  # noqa: PTH119 - as the system is asked
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


def test_a_folder_that_cannot_be_read_is_one_line(work, upscale, locked):
    (work / "locked").mkdir()
    code, out, err = upscale("locked")
    assert (code, out) == (1, [])
    assert err == ["error: locked cannot be read: Permission denied"]


def test_one_below_it_is_left_out_and_counted(work, locked, photograph):
    (work / "in" / "locked").mkdir(parents=True)
    Image.fromarray(photograph).save(work / "in" / "a.png")
    found = in_folder(work / "in", {".png"}, "_x2.png", recursive=True)
    assert [source.path.name for source in found.photographs] == ["a.png"]
    assert found.left_out == {"folders that cannot be read": 1}


def test_originals_that_are_not_there_are_missed_before_the_work(work, upscale, no_training):
    code, _, err = upscale("lr.png", "-o", "out/", "--gt", "none")
    assert code == 2
    assert err == ["error: none does not exist; wanted the originals (see blindsr upscale --help)"]


def test_a_note_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / manifest.NAME).mkdir()
    with pytest.raises(InputError, match=rf"{manifest.NAME} cannot be written: Is a directory"):
        manifest.append(tmp_path, Entry("a", "b", "c", "d"))
    assert manifest.read(tmp_path) == {}


def test_a_source_that_has_gone_is_not_finished(tmp_path):
    source, output = tmp_path / "a.png", tmp_path / "a_x2.png"
    for path in (source, output):
        path.write_bytes(b"pixels")
    entry = Entry(output.name, manifest.sha256(output), manifest.sha256(source), "request")
    manifest.append(tmp_path, entry)
    assert manifest.is_finished(source, output, "request", manifest.read(tmp_path))
    source.unlink()
    assert not manifest.is_finished(source, output, "request", manifest.read(tmp_path))


def test_no_command_at_all_is_shown_what_there_is(blindsr):
    code, out, err = blindsr()
    assert (code, out) == (2, [])
    assert any(line.strip().startswith("upscale") for line in err)
