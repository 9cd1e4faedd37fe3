"""The short form of the simulations whose full form `make simulate` runs.

The seeds are fixed, so that these do not fail by chance; the bounds allow for so few runs what the
full form's allow for 500.
"""

import json

import pytest

from catnocat.benchmarks.statistics import simulate
from catnocat.benchmarks.statistics.simulate import main, table
from catnocat.benchmarks.statistics.trial import TRIALS

RUNS = 10


@pytest.fixture(scope="module")
def rows():
    return list(simulate.simulate(runs=RUNS, n_resamples=300))


@pytest.mark.slow
def test_equal_methods_are_seldom_told_apart(rows):
    equal = [row for row in rows if row["metric"] is None]
    assert len(equal) == 6
    for row in equal:
        assert row["either"] <= 2 / RUNS, row
        assert row["intervals_without_zero"] <= 0.1, row
    assert sum(row["either"] for row in equal) / len(equal) <= 0.05


@pytest.mark.slow
def test_planted_dependence_is_found(rows):
    planted = [row for row in rows if row["metric"] is not None]
    assert {row["world"] for row in planted} == {"exclusive or", "mutual exclusion"}
    for row in planted:
        assert row["better"] >= 0.95, row
        assert row["worse"] == 0, row


def test_the_table_marks_what_does_not_hold():
    rows = list(simulate.simulate(TRIALS[:1], runs=1, n_resamples=50))
    rows[0]["holds"] = False
    lines = list(table(rows))
    assert len(lines) == 4
    assert lines[2].endswith("either <= 7%: NO |")
    assert lines[3].endswith("either <= 7%: yes |")


def test_the_command_prints_and_writes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(simulate, "simulate", lambda **asked: [ROW | {"runs": asked["runs"]}])
    files = ["--out", str(tmp_path / "rows.json"), "--page", str(tmp_path / "page.md")]
    assert main(["--runs", "3", *files]) == 0
    printed = capsys.readouterr().out
    assert "| exclusive or | 400 | split |" in printed
    page = (tmp_path / "page.md").read_text()
    assert page.startswith("# How often")
    assert page.endswith(printed)
    assert json.loads((tmp_path / "rows.json").read_text())[0]["runs"] == 3
    monkeypatch.setitem(ROW, "holds", False)
    assert main([]) == 1


ROW = {
    "world": "exclusive or",
    "images": 400,
    "protocol": "split",
    "method": "powerset",
    "reference": "one-vs-rest",
    "metric": "macro_ap",
    "runs": 500,
    "better": 1.0,
    "worse": 0.0,
    "either": 1.0,
    "intervals_without_zero": 1.0,
    "asked": "better >= 95%",
    "holds": True,
}
