"""Work side by side: everything is done, the first error ends the rest, and the threads are as before."""

import pytest
import torch

from srbase.runtime.threads import one_thread, side_by_side

CPU = torch.device("cpu")


@pytest.fixture(params=[1, 3])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_every_item_is_done_once_and_told(threads):
    done, told = [], []
    side_by_side(done.append, range(17), CPU, told.append)
    assert sorted(done) == list(range(17))
    assert told == list(range(1, 18))
    assert torch.get_num_threads() == threads


def test_nothing_to_do(threads):
    side_by_side(pytest.fail, [], CPU)


def test_an_error_is_raised(threads):
    def work(item):
        if item == 3:
            raise ValueError("the third")

    with pytest.raises(ValueError, match="the third"):
        side_by_side(work, range(100), CPU)
    assert torch.get_num_threads() == threads


def test_each_part_has_one_thread(threads):
    seen = []
    side_by_side(lambda _: seen.append(torch.get_num_threads()), range(5), CPU)
    assert set(seen) == {1}


def test_one_thread_for_a_while(threads):
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == threads
