"""The number of threads for each kind of work, whoever's machine it is.

Operations on small tensors lose by threading: threads wait for one another, the more so on a machine whose
cores are busy. So small work runs in one thread, and large work is cut into independent parts that run side
by side, each in one thread. So nothing that is computed depends on their number, but for ZSSR's training on
large crops (the papers' settings), which is one large work in all threads.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Final, TypeVar

import torch

Item = TypeVar("Item")

MOST: Final = 8
"""Parts at once: each holds a tile in memory."""


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch's operations of the block run in one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def side_by_side(
    work: Callable[[Item], None],
    items: Iterable[Item],
    device: torch.device,
    on_done: Callable[[int], None] = lambda _: None,
) -> None:
    """Do the work for each item, on a CPU as many at once as PyTorch has threads (MOST at most).

    on_done is told, in the caller's thread, how many are done. The first error ends the rest and is raised.
    """
    parts = list(items)
    workers = min(torch.get_num_threads(), MOST, len(parts)) if device.type == "cpu" else 1
    if workers <= 1:
        with one_thread():  # of a lone part too: its sums would depend on their number
            for done, part in enumerate(parts, 1):
                work(part)
                on_done(done)
        return
    with one_thread(), ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        futures = [pool.submit(work, part) for part in parts]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                on_done(done)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
