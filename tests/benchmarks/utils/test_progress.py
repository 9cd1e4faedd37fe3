import io

from rich.console import Console

from catnocat.benchmarks.utils import progress


def test_nothing_is_shown_without_a_terminal(capsys):
    with progress.show_progress("methods") as report_progress:
        report_progress(0, 2, "ridge")
    assert capsys.readouterr() == ("", "")


def test_step_and_part_are_shown_on_a_terminal(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True)
    console = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr("rich.console.Console", lambda **_: console)
    with progress.show_progress("methods") as report_progress:
        report_progress(2, 23, "ridge")
    assert "methods" in screen.getvalue()
    last_line = screen.getvalue().splitlines()[-1]
    assert "ridge" not in last_line, "a finished step has no current part"
