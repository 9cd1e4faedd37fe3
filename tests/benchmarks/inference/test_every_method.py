"""Every method there is can be written down, and answers the same to the last bit elsewhere."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

import catnocat.classifiers as room
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.classifiers import MultiLabelClassifier

from .conftest import made_up, sheet_of

ELSEWHERE = """
import sys
from pathlib import Path

import numpy as np

from catnocat.benchmarks.inference import load

for path in sorted(Path(sys.argv[1]).glob("*.catnocat")):
    model, X = load(path), np.load(path.with_suffix(".npy"))
    answers = {"P": model.pipeline.predict_proba(X), "Y": model.pipeline.predict(X)}
    np.savez(path.with_suffix(".npz"), **answers)
"""
CLASSES = [
    found
    for name in room.__all__
    if isinstance(found := getattr(room, name), type)
    and issubclass(found, MultiLabelClassifier)
    and found is not MultiLabelClassifier
]
LOGISTIC = room.LogisticBinaryRelevance()
CASES = {
    **{method.name: method.make(0) for method in METHODS.values()},
    **{found.__name__: found() for found in CLASSES},
    "tuned, calibrated": room.ThresholdTuner(room.LabelCalibrator(LOGISTIC, cv=2), cv=2),
    "isotonic": room.LabelCalibrator(room.MLkNN(5), method="isotonic", cv=2),
    "chain of trees": room.ClassifierChain(DecisionTreeClassifier(max_depth=3, random_state=0)),
    "label by forest": room.BinaryRelevance(RandomForestClassifier(5, random_state=0, n_jobs=2)),
    "random forest": room.MultiLabelForest(5, kind="random", random_state=0, n_jobs=2),
    "sets by trees": room.RAkEL(DecisionTreeClassifier(max_depth=3, random_state=0)),
    "head of two layers": room.HeadClassifier("asymmetric", hidden=8),
    "head of shares": room.HeadClassifier("softmax"),
    "chain in order": room.ClassifierChain(order=[2, 0, 1, 3], chain_method="predict_proba"),
    "C for each label": room.LogisticBinaryRelevance(C=np.array([0.1, 1.0, 10.0, 1.0])),
}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=str)
def test_all_answer_the_same_in_another_process(tmp_path, dtype):
    X, Y = made_up(dtype=dtype)
    told = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, estimator in CASES.items():
            sheet = sheet_of(estimator, X, Y, name)
            sheet.write(tmp_path / f"{name}.catnocat")
            np.save(tmp_path / f"{name}.npy", X)
            told[name] = sheet.pipeline.predict_proba(X), sheet.pipeline.predict(X)
        regions = np.stack([X, X[::-1]], axis=1)
        sheet = sheet_of(room.RegionMaxClassifier(), regions, Y)
        sheet.write(tmp_path / "regions.catnocat")
        np.save(tmp_path / "regions.npy", regions)
        told["regions"] = sheet.pipeline.predict_proba(regions), sheet.pipeline.predict(regions)
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(tmp_path)], check=True, cwd=tmp_path)
    different = []
    for name, (P, decided) in told.items():
        found = np.load(tmp_path / f"{name}.npz")
        if not np.array_equal(found["P"], P) or not np.array_equal(found["Y"], decided):
            different.append(name)
    assert not different
