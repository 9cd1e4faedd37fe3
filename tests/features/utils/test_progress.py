import io
import sys

from catnocat.features import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_nothing_is_shown_where_nobody_looks(capsys):
    with progress_bar("features") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_with_rate_and_time_left(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("features") as progress:
        for done in range(11):
            progress(done, 10)
    shown = terminal.getvalue()
    assert "features" in shown
    assert "10/10" in shown
    assert "/s" in shown
