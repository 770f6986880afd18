import errno
import os
import stat
from pathlib import Path

import pytest

from blindsr.io.atomic import ExistsError, write, written
from srbase.errors import InputError


def test_a_file_appears_when_the_block_ends_well(tmp_path):
    target = tmp_path / "a.txt"
    with written(target) as temporary:
        temporary.write_text("new")
        assert temporary.suffix == ".txt"
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path, error):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def spoil():
        with written(target) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        spoil()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    def write():
        with written(tmp_path / "none" / "a.txt"):
            pass

    with pytest.raises(InputError, match=r"a\.txt cannot be written: No such file"):
        write()


def test_the_file_has_the_mode_that_the_umask_gives(tmp_path):
    before = os.umask(0o027)
    try:
        with written(tmp_path / "a"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.fixture(params=["without a name", "under another name", "without hard links"])
def way(request, monkeypatch):
    """The three ways in which a file gets its name."""
    if request.param != "without a name":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    if request.param == "without hard links":

        def refuse(*_, **__):
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    return request.param


def test_bytes_are_written_whole(tmp_path, way):
    write(tmp_path / "a.txt", b"new")
    write(tmp_path / "a.txt", b"newer")
    assert (tmp_path / "a.txt").read_bytes() == b"newer"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_nothing_is_replaced_unasked(tmp_path, way):
    write(tmp_path / "a.txt", b"old", replace=False)
    with pytest.raises(ExistsError, match=r"a\.txt exists by now"):
        write(tmp_path / "a.txt", b"new", replace=False)
    with pytest.raises(ExistsError), written(tmp_path / "a.txt", replace=False) as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(ExistsError):
        write(tmp_path / "link", b"new", replace=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "link"]


def test_a_link_stays_and_its_file_is_replaced(tmp_path, way):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere/file")
    for content in (b"made", b"replaced"):
        write(tmp_path / "link", content)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "elsewhere" / "file").read_bytes() == content


def test_the_longest_name(tmp_path, way):
    write(tmp_path / ("n" * 251 + ".png"), b"content", replace=False)


def test_the_mode_is_the_umasks(tmp_path, way):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_folder_that_is_gone_is_one_line(tmp_path, way):
    with pytest.raises(InputError, match="cannot be written: No such file"):
        write(tmp_path / "none" / "a.txt", b"")
