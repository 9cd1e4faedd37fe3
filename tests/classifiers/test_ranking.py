import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import (
    CalibratedLabelRanking,
    LogisticBinaryRelevance,
)
from catnocat.classifiers import (
    ranking as label_ranking,
)

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)
TOGETHER = LogisticBinaryRelevance(tol=1e-14)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(90, 5))
    Y = (X @ rng.normal(size=(5, 4)) + rng.normal(size=(90, 4)) > 0).astype(int)
    return X, np.column_stack([Y, Y[:, 0], Y[:, 1] & Y[:, 2]])  # one twice, one a part of others


def plain(X, Y, X_new):
    """Compare every two labels, each with its own model, and count."""
    n_labels = Y.shape[1]
    votes, calibrating = np.zeros((len(X_new), n_labels)), np.zeros(len(X_new))
    for j in range(n_labels):
        above = yes(X, Y[:, j], X_new)
        votes[:, j] += above
        calibrating += 1 - above
        for other in range(j + 1, n_labels):
            rows = Y[:, j] != Y[:, other]
            wins = yes(X[rows], Y[rows, j], X_new) if rows.any() else np.full(len(X_new), 0.5)
            votes[:, j] += wins
            votes[:, other] += 1 - wins
    return votes, calibrating[:, None]


def yes(X, y, X_new):
    if y.all() or not y.any():
        return np.full(len(X_new), float(y.all()))
    return LogisticRegression(tol=1e-10, max_iter=10_000).fit(X, y).predict_proba(X_new)[:, 1]


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
def test_is_the_plain_loop(scenes, estimator, monkeypatch):
    X, Y = scenes
    monkeypatch.setattr(label_ranking, "VOTES_AT_ONCE", 150)
    model = CalibratedLabelRanking(estimator).fit(X[:60], Y[:60])
    votes, calibrating = plain(X[:60], Y[:60], X[60:])
    expected = votes / (votes + calibrating)
    np.testing.assert_allclose(model.predict_proba(X[60:]), expected, atol=1e-5)
    np.testing.assert_array_equal(model.predict(X[60:]), votes > calibrating)
    assert [0, 4] not in model.pairs_.tolist()  # nothing tells them apart
