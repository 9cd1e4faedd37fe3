import json
from importlib.util import find_spec

import numpy as np
import pytest

from catnocat.benchmarks.experiments.speed import classifiers
from catnocat.benchmarks.experiments.speed.classifier_workloads import (
    hinge_objective,
    logistic_objective,
)
from catnocat.benchmarks.experiments.speed.inputs import random_features


@pytest.mark.slow
def test_quick_run_measures_everything(tmp_path, capsys, monkeypatch):
    one_thread = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }  # other tests run at the same time
    monkeypatch.setattr(classifiers, "ENVIRONMENT", one_thread)
    out = tmp_path / "speed.json"
    assert classifiers.main(["--quick", "--out", str(out)]) == 0
    result = json.loads(out.read_text())
    solved = [row for row in result["comparisons"] if "our_gap" in row]
    assert {row["other"] for row in solved} == {
        "lbfgs",
        "newton-cholesky",
        "liblinear",
        "LinearSVC",
    }
    assert all(row["our_gap"] <= 1e-5 for row in solved)
    assert all(row["our_objective"] > 0 for row in solved)
    missing = [row for row in (*result["comparisons"], *result["large"]) if "unavailable" in row]
    peers = find_spec("skmultilearn") is not None  # in the extra `peers`
    assert {row.get("other") for row in missing} == (set() if peers else {"MLkNN"})
    printed = capsys.readouterr().out
    assert "LogisticRegressionCV" in printed
    assert "2,000 images" in printed


def test_unmeasured_target_is_not_reached():
    rows = [{"comparison": "real", "other": "lbfgs", "ratio": 9.0}]
    targets = {row["name"]: row for row in classifiers.check_targets(rows)}
    assert targets["real: lbfgs"]["reached"]
    assert targets["real: MLkNN"] == {
        "name": "real: MLkNN",
        "target": 10,
        "ratio": None,
        "default_ratio": None,
        "reached": False,
    }


def test_random_labels_have_the_given_prevalence():
    _, Y = random_features(2000, 16, 5)
    np.testing.assert_allclose(Y.mean(axis=0), np.geomspace(0.01, 0.3, 5), atol=1e-3)


def test_objectives_of_zero_coefficients():
    X, Y = random_features(200, 16, 3)
    zeros = np.zeros((3, 16)), np.zeros(3), 2.0
    np.testing.assert_allclose(logistic_objective(X, Y, *zeros), 400 * np.log(2))
    np.testing.assert_allclose(hinge_objective(X, Y, *zeros), 400)


def test_unwritable_file_is_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert classifiers.main(["--quick", "--out", str(tmp_path / "file" / "speed.json")]) == 2
    assert capsys.readouterr().err.startswith("catnocat: ")
