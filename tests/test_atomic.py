import os
import stat

import pytest

from blindsr.atomic import written
from blindsr.errors import InputError


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
