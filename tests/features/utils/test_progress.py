import io
import sys

import pytest

from catnocat.features import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_no_bar_without_a_terminal(capsys):
    with progress_bar("features") as progress:
        progress(1, 2)
    assert capsys.readouterr() == ("", "")


def test_bar_shows_rate_and_remaining_time_on_a_terminal(monkeypatch):
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


@pytest.mark.parametrize(("unit", "shown"), [("bytes", "2.0/4.0 kB"), ("steps", "third step")])
def test_bar_shows_sizes_of_bytes_and_names_of_steps(monkeypatch, unit, shown):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("features", unit=unit) as progress:
        progress(2000, 4000, "third step")
    assert shown in terminal.getvalue()
