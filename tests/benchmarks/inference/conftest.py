"""Models of random features, quick to fit."""

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.thresholding import SetRule
from catnocat.benchmarks.inference.model_file.archive import library_versions
from catnocat.benchmarks.inference.model_file.model_record import ModelRecord
from catnocat.classifiers import LogisticBinaryRelevance


def random_data(n=80, d=6, labels=4, dtype=np.float32):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d)).astype(dtype)
    Y = (X @ rng.normal(size=(d, labels)) + rng.normal(size=(n, labels)) > 0.5).astype(np.uint8)
    Y[:, -1] = 0  # a label without positives
    return X, Y


def make_record(estimator, X, Y, name="random"):
    """Fit an estimator and return the record of its model file."""
    pipeline = Pipeline([("scale", StandardScaler()), ("method", estimator)])
    if X.ndim > 2:
        pipeline = Pipeline([("method", estimator)])
    pipeline.fit(X, Y)
    return ModelRecord(
        labels=tuple(f"label {k}" for k in range(Y.shape[1])),
        method=name,
        set_rule=SetRule(),
        recipe={"backbone": "ready features", "source": "random"},
        training={"images": len(X)},
        pipeline=pipeline,
        thresholds={"hamming": np.full(Y.shape[1], 0.5), "f1": np.full(Y.shape[1], 0.25)},
        check=(X[:8], pipeline.predict_proba(X[:8])),
        versions=library_versions(),
    )


@pytest.fixture(scope="session")
def record():
    import warnings

    X, Y = random_data()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_record(LogisticBinaryRelevance(C=0.1), X, Y, "logistic")


@pytest.fixture
def model_file(record, tmp_path):
    path = tmp_path / "random model.catnocat"
    record.write(path)
    return path
