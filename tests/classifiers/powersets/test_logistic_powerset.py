import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import LabelPowerset, LogisticPowerset
from catnocat.classifiers._solvers import softmax_problem as _shared_basis


def objective(X, numbers, coef, intercept, C):
    Z = X @ coef.T.astype(np.float64) + intercept
    losses = logsumexp(Z, axis=1) - Z[np.arange(len(Z)), numbers]
    return C * losses.sum() + np.square(coef.astype(np.float64)).sum() / 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("C", [1e-3, 1e-1, 10])
def test_reaches_the_objective_of_scikit_learn(rng, dtype, C):
    X = rng.normal(size=(300, 20)).astype(dtype)
    Y = (X @ rng.normal(size=(20, 5)) + 3 * rng.normal(size=(300, 5)) > 2).astype(int)
    theirs = LabelPowerset(LogisticRegression(C=C, tol=1e-9, max_iter=10_000)).fit(
        X.astype(np.float64), Y
    )
    ours = LogisticPowerset(C=C).fit(X, Y)
    _, numbers = np.unique(Y, axis=0, return_inverse=True)
    numbers = numbers.ravel()
    best = objective(X, numbers, theirs.estimator_.coef_, theirs.estimator_.intercept_, C)
    assert objective(X, numbers, ours.coef_, ours.intercept_, C) <= best * (1 + 1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=0.01)


def test_rotated_or_not_is_the_same(rng, monkeypatch):
    X = rng.normal(size=(300, 20))
    Y = (X @ rng.normal(size=(20, 3)) + 3 * rng.normal(size=(300, 3)) > 2).astype(int)
    kept = LogisticPowerset(tol=1e-13).fit(X, Y)
    monkeypatch.setattr(_shared_basis, "ROTATE_UP_TO", 100)
    rotated = LogisticPowerset(tol=1e-13).fit(X, Y)
    np.testing.assert_allclose(kept.coef_, rotated.coef_, atol=1e-5)
