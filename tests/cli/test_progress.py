"""Lines and bars on stderr: one line a stage, nothing repeated."""

import io

import pytest

from blindsr.cli.progress import FIRST_SIGN_SECONDS, PlainLines, duration, shown
from blindsr.cli.session import Session
from srbase.progress import Progress


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self):
        return self.now


def lines_of(reports, *, clock=None, **options):
    """What plain lines say to (second, report) pairs."""
    clock, said = clock or Clock(), []
    lines = PlainLines(said.append, clock=clock, **options)
    for second, report in reports:
        clock.now = second
        lines(report)
    return said


TRAINING = [
    *(
        (step / 50, Progress("kernel", step, 3000, {"g_loss": 0.5}, done=step == 3000))
        for step in range(0, 3001, 50)
    ),
    (60.0, Progress("sr x2", 0, 3000)),
    *((60 + step / 100, Progress("sr x2", step, 3000, done=step == 800)) for step in range(50, 801, 50)),
    (68.1, Progress("image x2", 1, 1, done=True)),
    (68.2, Progress("image x2", 1, 1, done=True)),
]


def test_a_stage_that_trains_has_one_line_and_one_that_does_not_has_none():
    assert lines_of(TRAINING) == [
        "kernel estimation: 3000 steps, 1 min 00 s",
        "training x2: 800 steps, 8.0 s",
    ]


def test_an_estimate_without_training_has_a_line_only_if_it_takes_long():
    assert lines_of([(0.4, Progress("kernel", 1, 1, done=True))]) == []
    assert lines_of([(2.4, Progress("kernel", 1, 1, done=True))]) == ["kernel estimation: 2.4 s"]


def test_verbose_lines_have_every_stage_and_its_figures():
    said = lines_of(
        [(0.4, Progress("kernel", 2, 2, {"g_loss": 0.5}, done=True))], stages="every", figures=True
    )
    assert said == ["kernel estimation: 2 steps, 0.4 s  g_loss=0.5"]


def test_a_long_silence_is_broken_at_doubling_intervals():
    clock, said = Clock(), []
    lines = PlainLines(said.append, clock=clock)
    for second in range(1, 71):
        clock.now = float(second)
        if second == 5:
            lines(Progress("kernel", 100, 1000))
        lines.beat()
    assert [line.split(":")[0] for line in said] == ["kernel estimation"] * 3  # at 10, 30 and 70 s
    assert said[0] == "kernel estimation: step 100 of 1000, about 1 min 30 s left"


def test_of_several_photographs_only_long_silences_have_lines_and_they_name_the_photograph(
    capsys, monkeypatch
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    with shown(Session(), "a.png") as report:
        for _, progress in TRAINING:
            report(progress)
        report.said -= FIRST_SIGN_SECONDS
        report.beat()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("a.png: still at work after ")


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_has_a_bar_and_a_line_a_stage(monkeypatch, colour):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    with shown(Session()) as report:
        report(Progress("kernel", 1500, 3000))
        report(Progress("kernel", 3000, 3000, done=True))
        report(Progress("sr x2", 100, 3000))
        report(Progress("sr x2", 700, 3000, done=True))
    text = screen.getvalue()
    assert "kernel estimation: 3000 steps" in text
    assert "training x2: 700 steps" in text
    assert "700/3000" in text
    assert ("\x1b[3" in text) == colour


def test_durations_are_for_people():
    assert [duration(s) for s in (0.04, 9.9, 9.96, 75)] == ["0.0 s", "9.9 s", "10 s", "1 min 15 s"]
