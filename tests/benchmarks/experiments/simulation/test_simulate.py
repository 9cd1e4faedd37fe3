"""The tiny form of the simulation whose full form `make simulate` runs.

It runs the product's whole path. So few runs prove no error rate; the bounds are tested on the
arithmetic of the page, with made-up counts.
"""

import copy
import json

import pytest

from catnocat.benchmarks.experiments.simulation import simulate
from catnocat.benchmarks.experiments.simulation.cells import FORMS, SIZES, WORLDS
from catnocat.benchmarks.experiments.simulation.simulate import main
from catnocat.benchmarks.experiments.simulation.text import page
from catnocat.benchmarks.experiments.simulation.trial import TABLES


@pytest.fixture(scope="module")
def rows():
    return list(simulate.simulate(FORMS["tiny"], n_jobs=1))


@pytest.mark.slow
def test_equal_methods_do_not_differ_significantly(rows):
    equal = [row for row in rows if row["cell"]["table"] == "4 equal"]
    assert {row["cell"]["protocol"] for row in equal} == {"folds", "split"}
    assert sum(row["false"] for row in equal) == 0


@pytest.mark.slow
def test_a_large_effect_is_found_and_its_interval_holds_it(rows):
    (row,) = (row for row in rows if row["cell"]["share"] == 1.0)
    found = row["effects"]["powerset"]["subset_accuracy"]
    assert found["effect"] > 0.1
    assert found["found"] == 1.0
    assert row["difference"]["metrics"]["subset_accuracy"]["covered"] == row["runs"]


@pytest.mark.slow
def test_the_page_marks_what_is_out_of_its_bounds(rows):
    text, holds = page(rows, "tiny", 1.0)
    many = copy.deepcopy(rows)
    for row in many:
        row["runs"], row["false"] = 100, 3
    assert "| 100 | 3.0 ± 1.7 | yes |" in page(many, "tiny", 1.0)[0]
    many[0]["false"] = 20
    text, holds = page(many, "tiny", 1.0)
    assert "| 100 | 20.0 ± 4.0 | OUT |" in text
    assert not holds
    many = copy.deepcopy(rows)
    many[-1]["own"]["by_run"] = [[80, 100]] * 50
    text, holds = page(many, "tiny", 1.0)
    assert "| 80.0 ± " in text
    assert not holds


@pytest.mark.slow
def test_the_command_writes_the_page_and_says_whether_the_bounds_hold(
    rows, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(simulate, "simulate", lambda *_, **__: iter(rows))
    out, file = tmp_path / "rows.json", tmp_path / "page.md"
    code = main(["--form", "tiny", "--out", str(out), "--page", str(file)])
    text = file.read_text()
    assert text.startswith("# How often the verdicts are right")
    assert text in capsys.readouterr().out
    assert code == int("OUT" in text.split("## ", 1)[1])
    assert len(json.loads(out.read_text())) == len(rows)


def test_the_full_form_covers_the_whole_grid():
    cells = [planned.cell for planned in FORMS["full"].cells]
    for table in ("4 equal", "4", "12"):
        grid = {(c.world, c.n_images, c.protocol) for c in cells if c.table == table}
        assert len(grid) == len(WORLDS) * len(SIZES) * 2
    assert {len(TABLES[table]) for table in ("4 equal", "4")} == {4}
    assert len(TABLES["12"]) == 12
    assert sum(method.kind == "joint" for method in TABLES["20 against 1"]) == 20
