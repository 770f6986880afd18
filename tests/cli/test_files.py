from pathlib import Path

import pytest

from blindsr.cli import files
from blindsr.cli.files import Source
from srbase.errors import InputError


def test_one_input_and_its_output():
    source = Source(Path("a/cat.jpg"))
    assert files.output_paths([source], None, "_x4.png", several=False) == [Path("a/cat_x4.png")]
    assert files.output_paths([source], Path("b.tif"), "_x2.png", several=False) == [Path("b.tif")]
    assert files.output_paths([source], Path("new"), "_x2.png", several=False) == [Path("new/cat_x2.png")]


def test_a_folder_that_is_there_may_have_an_ending(tmp_path):
    folder = tmp_path / "v1.2"
    folder.mkdir()
    assert files.output_paths([Source(Path("cat.jpg"))], folder, "_x2.png", several=False) == [
        folder / "cat_x2.png"
    ]


def test_several_inputs_go_into_a_folder():
    planned = files.output_paths(
        [Source(Path("a/cat.jpg")), Source(Path("b/dog.png"))], Path("new"), "_x2.png", several=True
    )
    assert planned == [Path("new/cat_x2.png"), Path("new/dog_x2.png")]


def test_photographs_of_one_stem_keep_their_endings():
    sources = [Source(Path(name)) for name in ("1.CR2", "1.JPG", "2.JPG", "deep/1.JPG")]
    planned = files.output_paths(sources, None, "_x2.png", several=True)
    assert [str(path) for path in planned] == ["1.CR2_x2.png", "1.JPG_x2.png", "2_x2.png", "deep/1_x2.png"]


def test_a_result_on_an_input_is_refused():
    with pytest.raises(InputError, match="is an input"):
        files.output_paths(
            [Source(Path("cat.jpg")), Source(Path("cat_x2.png"))], None, "_x2.png", several=True
        )


def test_folders_that_do_not_exist_yet_are_writable_and_not_made(tmp_path):
    files.require_writable(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_place_of_an_output_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a directory"):
        files.refuse_existing([tmp_path], overwrite=True)


def test_the_tree_below_an_input_folder_is_kept():
    sources = [Source(Path("in/a/cat.jpg"), Path("a")), Source(Path("in/b/cat.jpg"), Path("b"))]
    planned = files.output_paths(sources, Path("out"), "_x2.png", several=True)
    assert planned == [Path("out/a/cat_x2.png"), Path("out/b/cat_x2.png")]


@pytest.mark.parametrize("stem", ["a" * 251, "\N{SNOWMAN}" * 83, "ab" + "\N{GRINNING FACE}" * 62])
def test_the_longest_names_give_names_that_are_legal(tmp_path, stem):
    name = files.default_name(Path(f"{stem}.png"), "_x1.5.png")
    assert len(name.encode()) <= 255
    assert name.endswith("_x1.5.png")
    (tmp_path / name).write_text("")
    assert stem.startswith(name.removesuffix("_x1.5.png"))


def test_names_that_are_no_text(tmp_path):
    name = files.default_name(Path("caf\udce9.jpg"), "_x2.png")
    assert name == "caf\udce9_x2.png"


def test_a_disk_that_is_too_small_is_said_before():
    with pytest.raises(InputError, match="MB free; the results need at least"):
        files.require_space([(Path("/tmp/a.tif"), 10**18)])


def test_a_link_to_nowhere_is_in_the_way_unless_it_may_be_replaced(tmp_path):
    (tmp_path / "link.png").symlink_to("nowhere.png")
    with pytest.raises(InputError, match="exists"):
        files.refuse_existing([tmp_path / "link.png"], overwrite=False)
    files.refuse_existing([tmp_path / "link.png"], overwrite=True)
