"""Models of made-up features, quick to fit."""

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.thresholding import SetRule
from catnocat.benchmarks.inference.model_file.json_and_arrays import versions
from catnocat.benchmarks.inference.model_file.model_record import Sheet
from catnocat.classifiers import LogisticBinaryRelevance


def made_up(n=80, d=6, labels=4, dtype=np.float32):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d)).astype(dtype)
    Y = (X @ rng.normal(size=(d, labels)) + rng.normal(size=(n, labels)) > 0.5).astype(np.uint8)
    Y[:, -1] = 0  # a label that nothing shows
    return X, Y


def sheet_of(estimator, X, Y, name="made up"):
    """Fit an estimator and give the sheet that a file is written from."""
    pipeline = Pipeline([("scale", StandardScaler()), ("method", estimator)])
    if X.ndim > 2:
        pipeline = Pipeline([("method", estimator)])
    pipeline.fit(X, Y)
    return Sheet(
        labels=tuple(f"label {k}" for k in range(Y.shape[1])),
        method=name,
        set_rule=SetRule(),
        recipe={"backbone": "ready features", "source": "made up"},
        training={"images": len(X)},
        pipeline=pipeline,
        thresholds={"hamming": np.full(Y.shape[1], 0.5), "f1": np.full(Y.shape[1], 0.25)},
        check=(X[:8], pipeline.predict_proba(X[:8])),
        versions=versions(),
    )


@pytest.fixture(scope="session")
def sheet():
    import warnings

    X, Y = made_up()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sheet_of(LogisticBinaryRelevance(C=0.1), X, Y, "logistic")


@pytest.fixture
def model_file(sheet, tmp_path):
    path = tmp_path / "made up.catnocat"
    sheet.write(path)
    return path
