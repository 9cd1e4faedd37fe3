"""The SVMs of the VISSL protocol."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from sklearn.svm import LinearSVC

from catnocat.benchmarks import bench
from catnocat.benchmarks.evaluation.vissl import COSTS
from catnocat.benchmarks.utils.errors import InputError


@pytest.fixture
def ready(tmp_path, rng):
    """Write features of 150 images; one label is unknown for every tenth."""
    X = rng.normal(size=(150, 5)) + 0.5
    Y = (X[:, :2] + 0.7 * rng.normal(size=(150, 2)) > 0.8).astype(float)
    Y[::10, 1] = np.nan
    split = ["train"] * 100 + ["test"] * 50
    np.savez(tmp_path / "ready.npz", X=X, Y=Y, labels=["cat", "dog"], split=split)
    return tmp_path / "ready.npz", X, Y


def test_images_with_an_unknown_label_are_left_out(ready):
    path, X, Y = ready
    results = bench(path, methods=("logistic",), protocol="vissl", n_jobs=1)
    *_, entry, _ = results["methods"]
    assert (entry["name"], entry["reference"]) == ("vissl-svm", "logistic")
    unit = X / (np.linalg.norm(X, axis=1, keepdims=True) + 1e-5)
    for j, label in enumerate(("cat", "dog")):
        C = entry["chosen"][0][label]
        assert C in COSTS
        train, test = (r[~np.isnan(Y[r, j])] for r in (np.arange(100), np.arange(100, 150)))
        model = LinearSVC(C=C, class_weight={1: 2, 0: 1}, dual=False).fit(unit[train], Y[train, j])
        expected = average_precision_score(Y[test, j], model.decision_function(unit[test]))
        assert entry["per_label"]["ap"][j] == pytest.approx(expected, abs=0.02)
    variants = results["average_precisions"]
    assert list(variants) == ["logistic", "vissl-svm"]
    for entry in results["methods"][:-1]:
        by_variant = variants[entry["name"]]
        assert by_variant["step"]["macro"] == pytest.approx(entry["metrics"]["macro_ap"], abs=1e-4)
        assert by_variant["interpolated"]["macro"] >= by_variant["step"]["macro"] - 1e-5
        assert set(by_variant) == {"eleven_point", "interpolated", "step"}
    assert "--protocol vissl" in results["command"]


def test_an_unknown_protocol_raises(ready):
    with pytest.raises(InputError, match="--protocol voc: unknown; choose catnocat or vissl"):
        bench(ready[0], protocol="voc")
