import json
from dataclasses import replace

import numpy as np
import pytest

from catnocat.benchmarks.evaluation import MethodResult, outer_folds, scored_rows
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.predictions import write_predictions


@pytest.fixture
def runs(tmp_path, make_table, rng):
    """Return the folders of two runs of one method on the same folds; B is less noisy."""
    table = make_table(120)
    folds = outer_folds(table, 3, seed=0)
    rows = scored_rows(folds)
    noise = rng.normal(size=(120, 4))
    for name, strength in (("a", 2.0), ("b", 0.5)):
        scores = 1 / (1 + np.exp(-(2.0 * table.Y[rows] - 1 + strength * noise)))
        predicted = (scores > 0.5).astype(np.uint8)
        result = MethodResult(METHODS["logistic"])
        result = replace(
            result,
            rows=rows,
            scores=scores,
            predictions_by_aim=dict.fromkeys(("hamming", "f1", "set"), predicted),
        )
        (tmp_path / name).mkdir()
        write_predictions(tmp_path / name / "predictions.parquet", [result], table, folds)
    results = {
        "dataset": {"name": "<pets>", "images": 120},
        "recipe": {"backbone": "resnet18", "views": ["whole"]},
    }
    (tmp_path / "a" / "results.json").write_text(json.dumps(results))
    return tmp_path / "a", tmp_path / "b"


def test_text_and_page(run_main, runs, tmp_path):
    page = tmp_path / "comparison.html"
    code, printed, _ = run_main("compare", *runs, "--out", page)
    assert code == 0
    assert "<pets>, 120 images; resnet18; views whole" in printed
    assert "120 test images and 4 labels are in both runs." in printed
    (line,) = [line for line in printed.splitlines() if line.startswith("  macro_ap")]
    assert line.endswith("better")
    html = page.read_text("utf-8")
    assert "&lt;pets&gt;" in html
    assert "<pets>" not in html
    assert html.count("<tr>") == 3 + 4 + 4 + html.count('<td class="text better">')
    assert "http" not in html


def test_json_has_the_figures_and_no_page(run_main, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, printed, _ = run_main("compare", *runs, "--json")
    assert code == 0
    comparison = json.loads(printed)
    (method,) = comparison["methods"]
    assert method["method_a"] == "logistic"
    assert method["fixed"] > method["broken"]
    assert [entry["metric"] for entry in method["differences"]] == [
        "macro_ap",
        "subset_accuracy",
        "hamming_loss",
        "macro_f1",
    ]
    assert not (tmp_path / "comparison.html").exists()


def test_a_folder_without_predictions_is_refused(run_main, runs, tmp_path):
    code, _, error = run_main("compare", runs[0], tmp_path)
    assert code == 2
    assert f"{tmp_path / 'predictions.parquet'}: cannot be read" in error
    code, _, error = run_main("compare", *runs, "--methods", "a,b,c")
    assert code == 2
    assert "one method of A and one of B" in error
