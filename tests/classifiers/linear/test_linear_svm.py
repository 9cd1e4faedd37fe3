import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from catnocat.classifiers import LinearSVMBinaryRelevance


def scenes(n=300, n_features=20, dtype=np.float64):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, n_features))
    scores = X @ rng.normal(size=(n_features, 4)) + 4 * rng.normal(size=(n, 4))
    return X.astype(dtype), (scores > np.array([-3, 0, 4, 8])).astype(int)


def objective(X, Y, coef, intercept, C):
    X, coef = X.astype(np.float64), coef.astype(np.float64)
    short = np.maximum(1 - (2 * Y - 1) * (X @ coef.T + intercept), 0)
    weight = C[np.newaxis] if np.ndim(C) else C
    return (weight * np.square(short)).sum(axis=0) + np.square(coef).sum(axis=1) / 2


def exact(X, Y, C):
    """Minimise label by label to the last digit."""
    found = []
    for y in 2 * Y.T - 1:

        def value(line, y=y):
            short = np.maximum(1 - y * (X @ line[:-1] + line[-1]), 0)
            slope = -2 * C * y * short
            steep = np.append(X.T @ slope + line[:-1], slope.sum())
            return C * short @ short + line[:-1] @ line[:-1] / 2, steep

        options = {"maxiter": 10_000, "ftol": 1e-15, "gtol": 1e-9}
        start = np.zeros(X.shape[1] + 1)
        found.append(minimize(value, start, jac=True, method="L-BFGS-B", options=options).fun)
    return np.array(found)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("C", [1e-4, 1e-2, 1, 100])
def test_reaches_the_best_objective(C, dtype):
    X, Y = scenes()
    model = LinearSVMBinaryRelevance(C).fit(X.astype(dtype), Y)
    found = objective(X, Y, model.coef_, model.intercept_, C)
    assert (found <= exact(X, Y, C) * (1 + 1e-5)).all()


def test_liblinear_finds_all_but_the_same():
    X, Y = scenes()
    model = LinearSVMBinaryRelevance(0.01, tol=1e-10).fit(X, Y)
    for label, y in enumerate(Y.T):
        theirs = LinearSVC(C=0.01, dual=False, intercept_scaling=1e3, tol=1e-10).fit(X, y)
        np.testing.assert_allclose(model.coef_[label], theirs.coef_[0], atol=1e-4)


def test_one_penalty_per_label():
    X, Y = scenes()
    Cs = np.array([1e-3, 1e-2, 0.1, 1])
    together = LinearSVMBinaryRelevance(Cs, tol=1e-10).fit(X, Y)
    for label, C in enumerate(Cs):
        alone = LinearSVMBinaryRelevance(C, tol=1e-10).fit(X, Y[:, label])
        np.testing.assert_allclose(together.coef_[label], alone.coef_[0], atol=1e-4)


def test_class_weights_move_the_margins():
    X, Y = scenes()
    plain = LinearSVMBinaryRelevance(0.01).fit(X, Y)
    for class_weight in ("balanced", {1: 20}):
        weighed = LinearSVMBinaryRelevance(0.01, class_weight).fit(X, Y)
        assert weighed.predict(X)[:, 3].sum() > plain.predict(X)[:, 3].sum()


def test_margins_decisions_and_probabilities_agree():
    X, Y = scenes(1000)
    model = LinearSVMBinaryRelevance(0.01).fit(X[:600], Y[:600])
    margins, P = model.decision_function(X[600:]), model.predict_proba(X[600:])
    np.testing.assert_array_equal(margins > 0, model.predict(X[600:]))
    np.testing.assert_array_equal(margins > 0, P > 0.5)
    np.testing.assert_array_equal(margins.argsort(axis=0), P.argsort(axis=0))
    np.testing.assert_allclose(P.mean(axis=0), Y[:600].mean(axis=0), atol=0.05)


def test_a_label_too_rare_for_the_folds_has_probabilities():
    X, Y = scenes()
    Y[:, 1] = 0
    Y[5, 1] = 1
    P = LinearSVMBinaryRelevance().fit(X, Y).predict_proba(X)
    assert np.isfinite(P).all()


def test_says_when_it_did_not_converge():
    with pytest.warns(ConvergenceWarning, match="4 of 4 support vector machines") as caught:
        LinearSVMBinaryRelevance(C=100, max_iter=2).fit(*scenes())
    assert caught[0].filename == __file__


@pytest.mark.parametrize("C", [0, -1, [1, 2]])
def test_refuses_a_wrong_penalty(C):
    with pytest.raises(ValueError, match="C must be"):
        LinearSVMBinaryRelevance(C=C).fit(*scenes())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fewer_images_than_features_and_hardly_any_slack(dtype):
    X, Y = scenes(n=40, n_features=400)
    model = LinearSVMBinaryRelevance(1.0).fit(X.astype(dtype), Y)
    found = objective(X, Y, model.coef_, model.intercept_, 1.0)
    assert (found <= exact(X, Y, 1.0) * (1 + 1e-4)).all()
    assert model.n_iter_ < 100
