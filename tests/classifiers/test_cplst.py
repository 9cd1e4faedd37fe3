import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import Ridge

from catnocat.classifiers import ConditionalPrincipalLabelSpace, RidgeBinaryRelevance
from catnocat.classifiers._base.margins import fit_increasing_line


@pytest.fixture(params=[(60, 8), (30, 45)])
def scenes(request, rng):
    n, d = request.param
    X = 3 + rng.normal(size=(n, d))
    Y = (X @ rng.normal(size=(d, 6)) + rng.normal(size=(n, 6)) > 0).astype(int)
    Y[:2] = [[0] * 6, [1] * 6]  # none is constant
    return X, Y


def paper(X, Y, m, alpha):
    """Chen & Lin's algorithm: encode by the top eigenvectors of Z'HZ, regress, decode.

    X is centred instead of carrying a constant, so that the penalty spares the intercept.
    """
    mean, x_mean = Y.mean(axis=0), X.mean(axis=0)
    Z, A = Y - mean, X - x_mean
    H = A @ np.linalg.solve(A.T @ A + alpha * np.eye(X.shape[1]), A.T)
    values, vectors = np.linalg.eigh(Z.T @ H @ Z)
    V = vectors[:, np.argsort(values)[::-1][:m]]
    codes = Ridge(alpha).fit(A, Z @ V)
    return lambda rows: codes.predict(rows - x_mean).reshape(len(rows), m) @ V.T + mean


@pytest.mark.parametrize("m", [1, 3, 6])
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
def test_is_the_papers_closed_form(scenes, rng, m, alpha):
    X, Y = scenes
    X_new = 3 + rng.normal(size=(20, X.shape[1]))
    model = ConditionalPrincipalLabelSpace(m, alpha).fit(X, Y)
    expected = 2 * paper(X, Y, m, alpha)(X_new) - 1
    np.testing.assert_allclose(X_new @ model.coef_.T + model.intercept_, expected, atol=1e-7)
    odds = expit(expected * model.slopes_ + model.offsets_)
    np.testing.assert_allclose(model.predict_proba(X_new), odds, atol=1e-7)
    np.testing.assert_array_equal(model.predict(X_new), odds > 0.5)
    np.testing.assert_allclose(model.components_ @ model.components_.T, np.eye(m), atol=1e-10)
    assert (np.diff(model.explained_) <= 0).all()


def test_all_directions_are_ridge_regression(scenes):
    X, Y = scenes
    model = ConditionalPrincipalLabelSpace(99, alpha=3.0).fit(X, Y)
    ridge = RidgeBinaryRelevance(alphas=[3.0]).fit(X, Y)
    np.testing.assert_allclose(model.predict_proba(X), ridge.predict_proba(X), atol=1e-7)


def test_odds_are_learned_on_images_left_out(scenes):
    X, Y = scenes
    model = ConditionalPrincipalLabelSpace(2, alpha=3.0).fit(X, Y)
    kept = model.components_.T @ model.components_
    held_out = np.empty(Y.shape)
    for image in range(len(X)):
        others = np.arange(len(X)) != image
        found = Ridge(3.0).fit(X[others], 2 * Y[others] @ kept).predict(X[[image]])
        held_out[image] = found + 2 * Y[others].mean(axis=0) @ (np.eye(6) - kept) - 1
    pairs = zip(held_out.T, Y.T, strict=True)
    lines = [fit_increasing_line(z, y, np.ones(len(y))) for z, y in pairs]
    np.testing.assert_allclose(np.transpose(lines), [model.slopes_, model.offsets_], atol=1e-4)


def test_what_is_far_beyond_certain_is_still_ranked(scenes):
    X, Y = scenes
    model = ConditionalPrincipalLabelSpace().fit(X, Y)
    along = model.coef_[0] / (model.coef_[0] @ model.coef_[0])
    far = X[0] + np.arange(1, 4)[:, None] * along  # margins of more than 1
    assert (np.diff(model.predict_proba(far)[:, 0]) > 0).all()


def test_a_share_of_the_labels_is_rounded_up(scenes):
    assert len(ConditionalPrincipalLabelSpace(0.4).fit(*scenes).components_) == 3


@pytest.mark.parametrize("n_components", [0, -1, 0.0, 1.5])
def test_refuses_a_wrong_number_of_directions(scenes, n_components):
    with pytest.raises(ValueError, match="n_components must be"):
        ConditionalPrincipalLabelSpace(n_components).fit(*scenes)
