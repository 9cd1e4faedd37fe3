import io

from rich.console import Console

from catnocat.benchmarks.utils import progress as steps


def test_nothing_is_shown_where_nobody_looks(capsys):
    with steps.step("methods") as tell:
        tell(0, 2, "ridge")
    assert capsys.readouterr() == ("", "")


def test_who_waits_sees_what_is_being_done_and_which_part(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(steps.sys.stderr, "isatty", lambda: True)
    console = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr("rich.console.Console", lambda **_: console)
    with steps.step("methods") as tell:
        tell(2, 23, "ridge")
    assert "methods" in screen.getvalue()
    tell_nothing_more = screen.getvalue().splitlines()[-1]
    assert "ridge" not in tell_nothing_more, "when it is done, no part is being done"
