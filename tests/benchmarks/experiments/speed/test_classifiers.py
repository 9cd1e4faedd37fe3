import json
from importlib.util import find_spec

import numpy as np
import pytest

from catnocat.benchmarks.experiments.speed import (
    classifiers,
)
from catnocat.benchmarks.experiments.speed import (
    classifiers as classifier_comparisons,
)
from catnocat.benchmarks.experiments.speed.classifier_data import drawn_features
from catnocat.benchmarks.experiments.speed.classifier_ways import (
    hinge_objective,
    logistic_objective,
)


@pytest.mark.slow
def test_the_short_form_measures_everything(tmp_path, capsys, monkeypatch):
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # other tests run beside
    monkeypatch.setattr(classifier_comparisons, "THREADS", one)
    out = tmp_path / "speed.json"
    assert classifiers.main(["--quick", "--out", str(out)]) == 0
    result = json.loads(out.read_text())
    solved = [row for row in result["comparisons"] if "our_gap" in row]
    assert {row["rival"] for row in solved} == {
        "lbfgs",
        "newton-cholesky",
        "liblinear",
        "LinearSVC",
    }
    assert all(row["our_gap"] <= 1e-5 for row in solved)
    assert all(row["our_objective"] > 0 for row in solved)
    missing = [row for row in (*result["comparisons"], *result["large"]) if "unavailable" in row]
    peers = find_spec("skmultilearn") is not None  # of the extra `peers`
    assert {row.get("rival") for row in missing} == (set() if peers else {"MLkNN"})
    printed = capsys.readouterr().out
    assert "LogisticRegressionCV" in printed
    assert "2,000 images" in printed


def test_an_aim_that_was_not_measured_is_not_reached():
    rows = [{"what": "real", "rival": "lbfgs", "ratio": 9.0}]
    aims = {row["aim"]: row for row in classifiers.aims_reached(rows)}
    assert aims["real: lbfgs"]["reached"]
    assert aims["real: MLkNN"] == {
        "aim": "real: MLkNN",
        "wanted": 10,
        "ratio": None,
        "default_ratio": None,
        "reached": False,
    }


def test_drawn_labels_have_their_prevalence():
    _, Y = drawn_features(2000, 16, 5)
    np.testing.assert_allclose(Y.mean(axis=0), np.geomspace(0.01, 0.3, 5), atol=1e-3)


def test_objectives_of_nothing_learned():
    X, Y = drawn_features(200, 16, 3)
    nothing = np.zeros((3, 16)), np.zeros(3), 2.0
    np.testing.assert_allclose(logistic_objective(X, Y, *nothing), 400 * np.log(2))
    np.testing.assert_allclose(hinge_objective(X, Y, *nothing), 400)


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert classifiers.main(["--quick", "--out", str(tmp_path / "file" / "speed.json")]) == 2
    assert capsys.readouterr().err.startswith("catnocat: ")
