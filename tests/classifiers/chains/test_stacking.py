import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from catnocat.classifiers import MultilabelKFold, StackedBinaryRelevance

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(90, 5))
    return X, (X @ rng.normal(size=(5, 4)) + rng.normal(size=(90, 4)) > 0).astype(int)


def plain(X, Y, variant, folds, X_new):
    """Fit every model of both stages on its own."""

    def yes(X, y, X_new):
        return LogisticRegression(tol=1e-10, max_iter=10_000).fit(X, y).predict_proba(X_new)[:, 1]

    labels = range(Y.shape[1])
    first = np.column_stack([yes(X, Y[:, j], X_new) for j in labels])
    seen = np.empty(Y.shape)
    if folds is not None:
        for train, test in folds:
            for j in labels:
                seen[test, j] = yes(X[train], Y[train, j], X[test])
    elif variant == "2BR":
        seen = np.column_stack([yes(X, Y[:, j], X) for j in labels])
    else:
        seen = Y
    P = np.empty(first.shape)
    for j in labels:
        others = np.delete(labels, j)
        if variant == "2BR":
            P[:, j] = yes(seen, Y[:, j], first)
        else:
            inputs = np.hstack([X, seen[:, others]])
            P[:, j] = yes(inputs, Y[:, j], np.hstack([X_new, first[:, others]]))
    return P


@pytest.mark.parametrize("estimator", [None, EXACT])
@pytest.mark.parametrize("variant", ["2BR", "BR+"])
@pytest.mark.parametrize("cv", [None, 3])
def test_is_the_plain_loop(scenes, estimator, variant, cv):
    X, Y = scenes
    folds = None if cv is None else list(MultilabelKFold(3).split(X[:60], Y[:60]))
    model = StackedBinaryRelevance(estimator, estimator, variant, folds).fit(X[:60], Y[:60])
    expected = plain(X[:60], Y[:60], variant, folds, X[60:])
    np.testing.assert_allclose(model.predict_proba(X[60:]), expected, atol=2e-4)


def test_stages_may_differ(scenes):
    X, Y = scenes
    model = StackedBinaryRelevance(KNeighborsClassifier(), KNeighborsClassifier(7)).fit(X, Y)
    assert model.predict_proba(X).shape == Y.shape


def test_refuses_a_wrong_variant(scenes):
    with pytest.raises(ValueError, match="variant must be one of"):
        StackedBinaryRelevance(variant="3BR").fit(*scenes)
