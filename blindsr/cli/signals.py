"""Ctrl-C and SIGTERM end a run within two seconds, whatever it is doing.

Python looks at signals between two of its own instructions, and one call into a library may take longer than
that. A thread is told by the system at once; where the run has not ended by itself soon after, it ends it.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

GRACE_SECONDS = 1.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """The run was told to end; ``code`` is its exit code, 128 and the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.code = 128 + number


@contextlib.contextmanager
def prompt_end(last_words: Callable[[], None]) -> Iterator[None]:
    """Raises Stopped in the block on a signal, and ends the process after a second if that does not help.

    last_words: called, from another thread, before the process is ended. Outside the main thread, where no
    signals come, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours, systems = socket.socketpair()
    systems.setblocking(False)
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(ours, over, last_words), daemon=True)
    before = {number: signal.signal(number, _raise) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(systems.fileno(), warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        systems.close()
        watcher.join()
        ours.close()


def _raise(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _watch(pipe: socket.socket, over: threading.Event, last_words: Callable[[], None]) -> None:
    while told := pipe.recv(1):
        if told[0] in SIGNALS and not over.wait(GRACE_SECONDS):
            last_words()
            os._exit(128 + told[0])
