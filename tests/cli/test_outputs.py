from pathlib import Path

import pytest

from blindsr.cli import outputs
from blindsr.errors import InputError


def test_one_input_and_its_output():
    source = Path("a/cat.jpg")
    assert outputs.plan([source], None, 4, folder=False) == [Path("a/cat_x4.png")]
    assert outputs.plan([source], Path("b.tif"), 2, folder=False) == [Path("b.tif")]
    assert outputs.plan([source], Path("new"), 2, folder=False) == [Path("new/cat_x2.png")]


def test_a_folder_that_is_there_may_have_an_ending(tmp_path):
    folder = tmp_path / "v1.2"
    folder.mkdir()
    assert outputs.plan([Path("cat.jpg")], folder, 2, folder=False) == [folder / "cat_x2.png"]


def test_several_inputs_go_into_a_folder():
    planned = outputs.plan([Path("a/cat.jpg"), Path("b/dog.png")], Path("new"), 2, folder=True)
    assert planned == [Path("new/cat_x2.png"), Path("new/dog_x2.png")]


def test_a_result_on_an_input_is_refused():
    with pytest.raises(InputError, match="is an input"):
        outputs.plan([Path("cat.jpg"), Path("cat_x2.png")], None, 2, folder=True)


def test_folders_that_do_not_exist_yet_are_writable_and_not_made(tmp_path):
    outputs.require_writable(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_place_of_an_output_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a directory"):
        outputs.refuse_existing([tmp_path], overwrite=True)
