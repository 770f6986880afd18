import io

from blindsr.cli.progress import Lines, _bars
from srbase.progress import Progress


def test_plain_lines_are_a_few_a_stage(capsys):
    seconds = iter(range(1000))
    lines = Lines(clock=lambda: next(seconds))
    for step in range(0, 3001, 50):
        lines(Progress("kernel", step, 3000, done=step == 3000))
    for step in range(50, 801, 50):
        lines(Progress("sr x2", step, 3000, done=step == 800))
    err = capsys.readouterr().err.splitlines()
    kernel = [line for line in err if line.startswith("kernel")]
    assert kernel[0] == "kernel: 3000 steps"
    assert [line.split(",")[0] for line in kernel[1:]] == [
        "kernel: step 750 of 3000",
        "kernel: step 1500 of 3000",
        "kernel: step 2250 of 3000",
        "kernel: step 3000",
    ]
    assert "done in" in kernel[-1]
    assert err[-1].startswith("super-resolution x2: step 800, done in")
    assert len(err) == 5 + 2


def test_the_time_left_follows_the_pace(capsys):
    now = [0.0]
    lines = Lines(clock=lambda: now[0])
    lines(Progress("kernel", 0, 400))
    now[0] = 50.0
    lines(Progress("kernel", 100, 400))
    assert "about 2 min 30 s left" in capsys.readouterr().err


def test_bars_show_stage_steps_and_time(monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    with _bars() as report:
        report(Progress("kernel", 1500, 3000))
        report(Progress("kernel", 3000, 3000, done=True))
        report(Progress("sr x2", 100, 3000))
        report(Progress("sr x2", 700, 3000, done=True))
    shown = screen.getvalue()
    assert "kernel" in shown
    assert "3000/3000" in shown
    assert "super-resolution x2" in shown
    assert "700/700" in shown  # a stage that ends early fills its bar
    assert "\x1b[3" not in shown  # NO_COLOR


def test_lines_are_never_silent_for_long(capsys):
    now = [0.0]
    lines = Lines(clock=lambda: now[0])
    for second in range(1, 13):
        now[0] = float(second)
        if second == 5:
            lines(Progress("kernel", 0, 100))
        if second == 9:
            lines(Progress("kernel", 100, 100, done=True))
        lines.beat()
    assert capsys.readouterr().err.splitlines() == [
        "reading, 4 s so far",
        "kernel: 100 steps",
        "kernel: step 100, done in 4 s",
    ]
    now[0] = 13.5
    lines.beat()
    assert capsys.readouterr().err.splitlines() == ["preparing the super-resolution, 4 s so far"]
