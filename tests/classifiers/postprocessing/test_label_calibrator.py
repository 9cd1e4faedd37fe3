import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss

from catnocat.classifiers import LabelCalibrator, LogisticBinaryRelevance, MultilabelKFold
from catnocat.classifiers._base.margins import fit_line


class Oversure(ClassifierMixin, BaseEstimator):
    """Classifier whose log-odds are three times too large, and shifted."""

    def fit(self, X, y):
        self.classes_ = np.tile([0, 1], (np.shape(y)[1], 1))
        return self

    def predict_proba(self, X):
        return expit(3 * X + 2)


@pytest.fixture
def judged(rng):
    """Return log-odds and labels that come true so often."""
    X = rng.normal(scale=1.5, size=(1500, 3)) - [0, 1, 2]
    return X, (rng.random(X.shape) < expit(X)).astype(int)


def losses(P, Y):
    return np.array([log_loss(Y[:, label], P[:, label]) for label in range(Y.shape[1])])


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_makes_good_what_is_miscalibrated(judged, method):
    X, Y = judged
    before = Oversure().fit(X, Y).predict_proba(X[1000:])
    model = LabelCalibrator(Oversure(), method).fit(X[:1000], Y[:1000])
    after = model.predict_proba(X[1000:])
    best = losses(expit(X[1000:]), Y[1000:])
    assert (losses(before, Y[1000:]) > best + 0.1).all()
    assert (losses(after, Y[1000:]) < best + 0.03).all()
    assert model.calibrated_.all()


def test_finds_the_line_that_was_bent(judged):
    model = LabelCalibrator(Oversure()).fit(*judged)
    np.testing.assert_allclose(model.slopes_, 1 / 3, atol=0.05)
    np.testing.assert_allclose(model.offsets_, -2 / 3, atol=0.2)


def test_ranks_as_before(judged):
    X, Y = judged
    P = LabelCalibrator(Oversure()).fit(X, Y).predict_proba(X)
    before = Oversure().fit(X, Y).predict_proba(X)
    assert average_precision_score(Y, P) == pytest.approx(average_precision_score(Y, before))


def test_the_line_is_platts(judged, rng):
    X, Y = judged
    p, y, weight = expit(3 * X[:, 0] + 2), Y[:, 0], rng.uniform(0, 2, len(Y))
    there, total = weight @ y, weight.sum()
    share = np.where(y, (there + 1) / (there + 2), 1 / (total - there + 2))
    z = np.log(p / (1 - p)).clip(np.log(1e-6), -np.log(1e-6))[:, None]
    exact = LogisticRegression(C=1e10, tol=1e-12).fit(
        np.vstack([z, z]),
        np.repeat([1, 0], len(y)),
        sample_weight=np.concatenate([weight * share, weight * (1 - share)]),
    )
    slope, offset = fit_line(z[:, 0], y, weight)
    assert slope == pytest.approx(exact.coef_[0, 0], rel=1e-4)
    assert offset == pytest.approx(exact.intercept_[0], rel=1e-4)


def test_the_steps_are_scikit_learns_on_held_out_predictions(judged):
    X, Y = judged
    model = LabelCalibrator(method="isotonic", cv=3).fit(X, Y)
    P = np.empty(X.shape)
    for train, test in MultilabelKFold(3).split(Y, Y):
        P[test] = LogisticBinaryRelevance().fit(X[train], Y[train]).predict_proba(X[test])
    given = model.estimator_.predict_proba(X)
    for label in range(3):
        surest = 1 / (len(X) + 2)
        curve = IsotonicRegression(y_min=surest, y_max=1 - surest, out_of_bounds="clip")
        expected = curve.fit(P[:, label], Y[:, label]).predict(given[:, label])
        np.testing.assert_allclose(model.predict_proba(X)[:, label], expected, atol=1e-9)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_never_quite_sure(method):
    X = np.repeat([[-9.0], [9.0]], 20, axis=0)
    Y = np.column_stack([X > 0, X < 0]).astype(int)
    P = LabelCalibrator(LogisticBinaryRelevance(), method).fit(X, Y).predict_proba(X)
    assert ((P > 0.01) & (P < 0.99)).all()
    assert np.isfinite(losses(P, Y)).all()


def test_scores_that_rank_backwards_become_the_labels_share(rng):
    y = (rng.random(200) < 0.3).astype(int)
    slope, offset = fit_line(np.where(y, 0.2, 0.8), y, np.ones(200))
    assert slope == 0
    assert expit(offset) == pytest.approx(y.mean(), abs=0.01)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_label_that_no_fold_can_judge_keeps_its_probabilities(judged, method):
    X, Y = judged
    Y[:, 2] = np.arange(len(Y)) == 3
    model = LabelCalibrator(LogisticBinaryRelevance(), method).fit(X, Y)
    assert model.calibrated_.tolist() == [True, True, False]
    given = LogisticBinaryRelevance().fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X)[:, 2], given[:, 2])


def test_refuses_an_unknown_method(judged):
    with pytest.raises(ValueError, match="method must be one of"):
        LabelCalibrator(method="beta").fit(*judged)
