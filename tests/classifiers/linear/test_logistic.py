import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from catnocat.classifiers import LogisticBinaryRelevance

PREVALENCES = np.array([0.001, 0.01, 0.04, 0.2, 0.5, 0.9])


def pictures(n=1000, n_features=40, seed=0):
    """Return skewed, correlated features like a network's and labels of every rarity."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(n, 10))
    X = np.maximum(hidden @ rng.normal(size=(10, n_features)) + rng.normal(size=(n, n_features)), 0)
    X *= rng.uniform(0.05, 2, n_features)
    scores = hidden @ rng.normal(size=(10, len(PREVALENCES)))
    scores += 2 * rng.normal(size=scores.shape)
    ranks = scores.argsort(axis=0).argsort(axis=0)
    return X, (ranks >= np.round(n * (1 - PREVALENCES))).astype(int)


def objective(X, Y, coef, intercept, C, weight=1.0):
    X, coef, intercept = (np.asarray(part, dtype=np.float64) for part in (X, coef, intercept))
    Z = X @ coef.T + intercept
    losses = np.logaddexp(0, Z) - Y * Z
    return C * (weight * losses).sum(axis=0) + (coef**2).sum(axis=1) / 2


def exact(X, Y, C, weights=None, **options):
    """Solve label by label with scikit-learn to its last digit."""
    models = [
        LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12, max_iter=500, **options)
        for _ in range(Y.shape[1])
    ]
    for label, model in enumerate(models):
        row_weights = None if weights is None else weights[:, label]
        model.fit(X.astype(np.float64), Y[:, label], sample_weight=row_weights)
    return np.vstack([m.coef_ for m in models]), np.hstack([m.intercept_ for m in models])


def gap(X, Y, model, C, weights=None):
    weight = 1.0 if weights is None else weights
    best = objective(X, Y, *exact(X, Y, C, weights), C, weight)
    return (objective(X, Y, model.coef_, model.intercept_, C, weight) / best - 1).max()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("C", [1e-4, 1e-2, 1, 100])
def test_reaches_the_objective_of_scikit_learn(scaled, C):
    X, Y = pictures()
    X = StandardScaler().fit_transform(X) if scaled else X
    X = X.astype(np.float32)
    best = objective(X, Y, *exact(X, Y, C), C)
    for dtype in (np.float32, np.float64):
        model = LogisticBinaryRelevance(C=C).fit(X.astype(dtype), Y)
        assert (objective(X, Y, model.coef_, model.intercept_, C) <= best * (1 + 1e-5)).all()


@pytest.mark.parametrize("n", [60, 300])
def test_fewer_images_than_features_or_hardly_more(n):
    X, Y = pictures(n=n, n_features=150)
    Y = Y[:, 3:]
    assert gap(X, Y, LogisticBinaryRelevance(C=0.1).fit(X, Y), 0.1) <= 1e-5


def test_far_from_zero_in_short_floats():
    X, Y = pictures()
    X = (X + 100).astype(np.float32)
    assert gap(X, Y, LogisticBinaryRelevance(C=0.01).fit(X, Y), 0.01) <= 1e-5


def test_one_penalty_per_label():
    X, Y = pictures()
    Cs = np.geomspace(1e-3, 10, len(PREVALENCES))
    together = LogisticBinaryRelevance(C=Cs, tol=1e-13).fit(X, Y)
    for label, C in enumerate(Cs):
        coef, intercept = exact(X, Y[:, [label]], C)
        np.testing.assert_allclose(together.coef_[label], coef[0], atol=1e-4)
        np.testing.assert_allclose(together.intercept_[label], intercept[0], atol=1e-4)


def test_row_weights_and_mask(rng):
    X, Y = pictures()
    weights, known = rng.uniform(0, 2, len(X)), rng.random(Y.shape) < 0.8
    known[:, 0] = True
    model = LogisticBinaryRelevance(C=0.1).fit(X, Y, sample_weight=weights, known=known)
    assert gap(X, Y, model, 0.1, weights[:, None] * known) <= 1e-5


@pytest.mark.parametrize("class_weight", ["balanced", {1: 5.0}])
def test_class_weights(class_weight):
    X, Y = pictures()
    model = LogisticBinaryRelevance(C=0.1, class_weight=class_weight, tol=1e-13).fit(X, Y)
    coef, _ = exact(X, Y, 0.1, class_weight=class_weight)
    np.testing.assert_allclose(model.coef_, coef, atol=1e-4)


def test_says_when_it_did_not_converge():
    X, Y = pictures()
    with pytest.warns(ConvergenceWarning, match="6 of 6 logistic models") as caught:
        model = LogisticBinaryRelevance(C=100, max_iter=2).fit(X, Y)
    assert model.n_iter_ == 2
    assert caught[0].filename == __file__


@pytest.mark.parametrize("C", [0, -1, [1, 2]])
def test_refuses_a_wrong_penalty(C):
    with pytest.raises(ValueError, match="C must be"):
        LogisticBinaryRelevance(C=C).fit(*pictures())


@pytest.mark.parametrize("C", [1e-2, 1, 100])
def test_short_floats_of_very_different_sizes(C):
    X, Y = pictures()
    X = (StandardScaler().fit_transform(X) * np.geomspace(1e-4, 1e4, X.shape[1])).astype(np.float32)
    assert gap(X, Y, LogisticBinaryRelevance(C=C).fit(X, Y), C) <= 1e-5
