"""A run that is told to end, from within; test_faults.py does it to real processes."""

import os
import signal
import threading

import pytest

from blindsr.cli import session
from blindsr.cli.session import SIGNALS, StoppedError, ends_promptly


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """The process is not ended after a second, which a busy machine may need for more than this."""
    monkeypatch.setattr(session, "GRACE_SECONDS", 1e3)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_block_and_what_was_there_is_there_again(number):
    before, wakeup = signal.getsignal(number), signal.set_wakeup_fd(-1)

    def run():
        with ends_promptly(lambda: None):
            os.kill(os.getpid(), number)
            threading.Event().wait(60)  # in which the signal comes

    with pytest.raises(StoppedError) as caught:
        run()
    assert caught.value.code == 128 + number
    assert signal.getsignal(number) == before
    assert signal.set_wakeup_fd(wakeup) == -1


def test_outside_the_main_thread_nothing_is_changed():
    seen = []

    def work():
        with ends_promptly(lambda: None):
            seen.append([signal.getsignal(number) for number in SIGNALS])

    before = [signal.getsignal(number) for number in SIGNALS]
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_that_is_told_to_end_says_so_and_leaves_nothing(work, instant, monkeypatch, number):
    def told(*_, **__):
        os.kill(os.getpid(), number)
        threading.Event().wait(60)

    monkeypatch.setattr("zssr.second_stage.super_resolve", told)
    code, out, err = instant("lr.png")
    assert (code, out) == (128 + number, [])
    assert err[-1] == "interrupted"
    assert {path.name for path in work.iterdir()} == {"lr.png", "k.npy"}
