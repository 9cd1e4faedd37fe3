"""All methods can be saved, and predict bit-identically in another process."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

import catnocat.classifiers as classifiers
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.classifiers import MultiLabelClassifier

from .conftest import make_record, random_data

OTHER_PROCESS = """
import sys
from pathlib import Path

import numpy as np

from catnocat.benchmarks.inference import load

for path in sorted(Path(sys.argv[1]).glob("*.catnocat")):
    model, X = load(path), np.load(path.with_suffix(".npy"))
    predictions = {"P": model.pipeline.predict_proba(X), "Y": model.pipeline.predict(X)}
    np.savez(path.with_suffix(".npz"), **predictions)
"""
CLASSES = [
    cls
    for name in classifiers.__all__
    if isinstance(cls := getattr(classifiers, name), type)
    and issubclass(cls, MultiLabelClassifier)
    and cls is not MultiLabelClassifier
]
LOGISTIC = classifiers.LogisticBinaryRelevance()
CASES = {
    **{method.name: method.make(0) for method in METHODS.values()},
    **{cls.__name__: cls() for cls in CLASSES},
    "tuned, calibrated": classifiers.ThresholdTuner(
        classifiers.LabelCalibrator(LOGISTIC, cv=2), cv=2
    ),
    "isotonic": classifiers.LabelCalibrator(classifiers.MLkNN(5), method="isotonic", cv=2),
    "chain of trees": classifiers.ClassifierChain(
        DecisionTreeClassifier(max_depth=3, random_state=0)
    ),
    "label by forest": classifiers.BinaryRelevance(
        RandomForestClassifier(5, random_state=0, n_jobs=2)
    ),
    "random forest": classifiers.MultiLabelForest(5, kind="random", random_state=0, n_jobs=2),
    "sets by trees": classifiers.RAkEL(DecisionTreeClassifier(max_depth=3, random_state=0)),
    "head of two layers": classifiers.HeadClassifier("asymmetric", hidden=8),
    "head of shares": classifiers.HeadClassifier("softmax"),
    "chain in order": classifiers.ClassifierChain(order=[2, 0, 1, 3], chain_method="predict_proba"),
    "C for each label": classifiers.LogisticBinaryRelevance(C=np.array([0.1, 1.0, 10.0, 1.0])),
}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=str)
def test_saved_methods_predict_identically_in_another_process(tmp_path, dtype):
    X, Y = random_data(dtype=dtype)
    expected = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, estimator in CASES.items():
            record = make_record(estimator, X, Y, name)
            record.write(tmp_path / f"{name}.catnocat")
            np.save(tmp_path / f"{name}.npy", X)
            expected[name] = record.pipeline.predict_proba(X), record.pipeline.predict(X)
        regions = np.stack([X, X[::-1]], axis=1)
        record = make_record(classifiers.RegionMaxClassifier(), regions, Y)
        record.write(tmp_path / "regions.catnocat")
        np.save(tmp_path / "regions.npy", regions)
        expected["regions"] = (
            record.pipeline.predict_proba(regions),
            record.pipeline.predict(regions),
        )
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, str(tmp_path)], check=True, cwd=tmp_path)
    different = []
    for name, (P, Y) in expected.items():
        loaded = np.load(tmp_path / f"{name}.npz")
        if not np.array_equal(loaded["P"], P) or not np.array_equal(loaded["Y"], Y):
            different.append(name)
    assert not different
