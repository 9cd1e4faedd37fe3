import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV

from catnocat.classifiers import RidgeBinaryRelevance
from catnocat.classifiers._solvers import svd as _spectrum

ALPHAS = [1e-2, 1.0, 10.0, 100.0, 1e3]


def scenes(n, n_features, dtype=np.float64):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, n_features)) + 3
    scores = (X - 3) @ rng.normal(size=(n_features, 4)) + 4 * rng.normal(size=(n, 4))
    return X.astype(dtype), (scores > np.array([-3, 0, 3, 6])).astype(int)


@pytest.mark.parametrize("shape", [(300, 20), (60, 150), (80, 79)])
@pytest.mark.parametrize(("dtype", "digits"), [(np.float64, 1e-9), (np.float32, 1e-3)])
def test_is_what_scikit_learn_finds_label_by_label(shape, dtype, digits):
    X, Y = scenes(*shape)
    model = RidgeBinaryRelevance(ALPHAS).fit(X.astype(dtype), Y)
    for label, y in enumerate(2 * Y.T - 1):
        theirs = RidgeCV(alphas=ALPHAS, store_cv_results=True).fit(X, y)
        assert model.alpha_[label] == theirs.alpha_
        errors = theirs.cv_results_.mean(axis=0)
        np.testing.assert_allclose(-model.scores_[:, label], errors, rtol=10 * digits)
        np.testing.assert_allclose(model.coef_[label], theirs.coef_, atol=digits)
        np.testing.assert_allclose(model.intercept_[label], theirs.intercept_, atol=10 * digits)


def test_what_is_left_out_is_what_refitting_leaves_out():
    X, Y = scenes(25, 40)
    model = RidgeBinaryRelevance([5.0]).fit(X, Y)
    errors = np.empty(Y.shape)
    for row in range(len(X)):
        others = np.arange(len(X)) != row
        refitted = Ridge(5.0).fit(X[others], 2 * Y[others] - 1)
        errors[row] = 2 * Y[row] - 1 - refitted.predict(X[[row]])[0]
    np.testing.assert_allclose(-model.scores_[0], np.square(errors).mean(axis=0))


def test_small_blocks_change_nothing(monkeypatch):
    X, Y = scenes(300, 20)
    whole = RidgeBinaryRelevance(ALPHAS).fit(X, Y)
    monkeypatch.setattr(_spectrum, "BLOCK_CELLS", 140)
    parts = RidgeBinaryRelevance(ALPHAS).fit(X, Y)
    np.testing.assert_allclose(parts.coef_, whole.coef_, atol=1e-12)
    np.testing.assert_allclose(parts.slopes_, whole.slopes_)


def test_margins_decisions_and_probabilities_agree():
    X, Y = scenes(1000, 20)
    model = RidgeBinaryRelevance().fit(X[:600], Y[:600])
    margins, P = model.decision_function(X[600:]), model.predict_proba(X[600:])
    np.testing.assert_array_equal(margins > 0, model.predict(X[600:]))
    np.testing.assert_array_equal(margins > 0, P > 0.5)
    np.testing.assert_array_equal(margins.argsort(axis=0), P.argsort(axis=0))
    np.testing.assert_allclose(P.mean(axis=0), Y[:600].mean(axis=0), atol=0.05)


def test_a_constant_label_has_a_margin_too():
    X, Y = scenes(100, 20)
    Y[:, 0], Y[:, 3] = 0, 1
    with pytest.warns(match="predicted as constants"):
        margins = RidgeBinaryRelevance().fit(X, Y).decision_function(X)
    assert (margins[:, 0] == -1).all()
    assert (margins[:, 3] == 1).all()


@pytest.mark.parametrize("alphas", [[], [0.0], [1.0, -1.0], [np.inf], "many"])
def test_refuses_wrong_penalties(alphas):
    with pytest.raises(ValueError, match="alphas must be above 0"):
        RidgeBinaryRelevance(alphas).fit(*scenes(50, 5))
