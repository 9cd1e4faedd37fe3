"""The tiny size of the simulation that `make simulate` runs in full.

It runs the code of the benchmark. Few runs do not show an error rate; the bounds of the page are
tested with invented counts.
"""

import copy
import json

import pytest

from catnocat.benchmarks.experiments.simulation import simulate
from catnocat.benchmarks.experiments.simulation.simulate import (
    N_IMAGES,
    SCENARIOS,
    SIZES,
    main,
)
from catnocat.benchmarks.experiments.simulation.summary import render_page
from catnocat.benchmarks.experiments.simulation.trial import METHOD_SETS


@pytest.fixture(scope="module")
def rows():
    return list(simulate.simulate(SIZES["tiny"], n_jobs=1))


@pytest.mark.slow
def test_equal_methods_have_no_false_verdict(rows):
    equal = [row for row in rows if row["setting"]["methods"] == "4 equal"]
    assert {row["setting"]["protocol"] for row in equal} == {"folds", "split"}
    assert sum(row["false"] for row in equal) == 0


@pytest.mark.slow
def test_a_large_effect_is_found_and_covered_by_its_interval(rows):
    (row,) = (row for row in rows if row["setting"]["exclusive_share"] == 1.0)
    rates = row["effects"]["powerset"]["subset_accuracy"]
    assert rates["effect"] > 0.1
    assert rates["found"] == 1.0
    assert row["difference"]["metrics"]["subset_accuracy"]["covered"] == row["runs"]


@pytest.mark.slow
def test_the_page_marks_violated_bounds(rows):
    text, holds = render_page(rows, "tiny", 1.0)
    many = copy.deepcopy(rows)
    for row in many:
        row["runs"], row["false"] = 100, 3
    assert "| 100 | 3.0 ± 1.7 | yes |" in render_page(many, "tiny", 1.0)[0]
    many[0]["false"] = 20
    text, holds = render_page(many, "tiny", 1.0)
    assert "| 100 | 20.0 ± 4.0 | OUT |" in text
    assert not holds
    many = copy.deepcopy(rows)
    many[-1]["own"]["by_run"] = [[80, 100]] * 50
    text, holds = render_page(many, "tiny", 1.0)
    assert "| 80.0 ± " in text
    assert not holds


@pytest.mark.slow
def test_the_command_writes_the_page_and_exits_with_1_if_a_bound_is_violated(
    rows, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(simulate, "simulate", lambda *_, **__: iter(rows))
    out, file = tmp_path / "rows.json", tmp_path / "page.md"
    code = main(["--size", "tiny", "--out", str(out), "--page", str(file)])
    text = file.read_text()
    assert text.startswith("# How often the verdicts are right")
    assert text in capsys.readouterr().out
    assert code == int("OUT" in text.split("## ", 1)[1])
    assert len(json.loads(out.read_text())) == len(rows)


def test_the_full_size_covers_the_whole_grid():
    settings = [planned.setting for planned in SIZES["full"].settings]
    for methods in ("4 equal", "4", "12"):
        grid = {(s.scenario, s.n_images, s.protocol) for s in settings if s.methods == methods}
        assert len(grid) == len(SCENARIOS) * len(N_IMAGES) * 2
    assert {len(METHOD_SETS[methods]) for methods in ("4 equal", "4")} == {4}
    assert len(METHOD_SETS["12"]) == 12
    assert sum(method.kind == "joint" for method in METHOD_SETS["20 against 1"]) == 20
