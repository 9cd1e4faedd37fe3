"""Calibration of label probabilities on out-of-fold predictions."""

from typing import Any, Literal

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from .._base import Floats, GroupedMissingLabelsClassifier, TrainingSet, check_choice, fit_line
from .._meta import fit_inner, label_probabilities, predict_held_out
from ..linear import LogisticBinaryRelevance
from ..model_selection import CrossValidation

PROBABILITY_MARGIN = 1e-6  # probabilities are clipped by this to keep log-odds finite


class LabelCalibrator(GroupedMissingLabelsClassifier):
    """Calibrate the probabilities of each label with a curve fitted to out-of-fold predictions.

    ``"sigmoid"`` is a non-decreasing linear map of the log-odds. It suits few images, and scores
    that are overconfident or underconfident throughout. ``"isotonic"`` is a non-decreasing step
    function. It suits a thousand images or more; it creates ties, and its probabilities are at
    least 1 / (n_rows + 2) away from 0 and 1.

    The probabilities of a label are unchanged if it is constant in the training or test rows of
    every fold. Curves are fitted to the images for which a label is known.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-label classifier with `predict_proba`; None is `LogisticBinaryRelevance()`. If
        its `fit` accepts no `known`, it is fitted to the labels as given.
    method : {"sigmoid", "isotonic"}, default="sigmoid"
    cv : int, splitter or iterable of (train, test) rows, default=5
        An integer is a number of seeded stratified folds.
    n_jobs : int, default=None
        Number of folds fitted in parallel, as in joblib.

    Attributes
    ----------
    estimator_ : estimator
        The estimator, fitted to all rows.
    calibrated_ : ndarray of bool of shape (n_varying_labels,)
        False for labels whose probabilities are unchanged.
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Linear map of the log-odds; only with ``"sigmoid"``.
    knots_, heights_ : list of ndarray
        The piecewise linear curve of each label that varies; only with ``"isotonic"``.

    References
    ----------
    Platt, J. (2000). Probabilistic outputs for support vector machines. Advances in Large Margin
    Classifiers. Zadrozny, B., Elkan, C. (2002). Transforming classifier scores into accurate
    multiclass probability estimates. KDD 2002. Niculescu-Mizil, A., Caruana, R. (2005). Predicting
    good probabilities with supervised learning. ICML 2005.

    Examples
    --------
    >>> from catnocat.classifiers import HeadClassifier, LabelCalibrator
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import brier_score_loss
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> ranker = HeadClassifier("asymmetric")
    >>> for model in (ranker, LabelCalibrator(ranker)):
    ...     P = model.fit(X[:400], Y[:400]).predict_proba(X[400:])
    ...     print(f"Brier score {brier_score_loss(Y[400:].ravel(), P.ravel()):.2f}")
    Brier score 0.24
    Brier score 0.15
    """

    def __init__(
        self,
        estimator: Any = None,
        method: Literal["sigmoid", "isotonic"] = "sigmoid",
        cv: CrossValidation = 5,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.cv = cv
        self.n_jobs = n_jobs

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "calibrated": {"estimator": LogisticBinaryRelevance(tol=1e-15)},
            "calibrated by steps": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "method": "isotonic",
                "cv": 3,
            },
        }

    def _check_parameters(self) -> None:
        check_choice("method", self.method, ("sigmoid", "isotonic"))

    def _row_reader(self) -> Any:
        return self.estimator

    def _fit_labels(self, training: TrainingSet) -> None:
        held_out = predict_held_out(self.estimator, training, self.cv, self.n_jobs)
        self.calibrated_ = held_out.scorable
        n_labels = training.Y.shape[1]
        if self.method == "sigmoid":
            self.slopes_, self.offsets_ = np.ones(n_labels), np.zeros(n_labels)
            for label in np.flatnonzero(self.calibrated_):
                p, y, weight = held_out.of(int(label))
                line = fit_line(_log_odds(p), y, weight)
                self.slopes_[label], self.offsets_[label] = line
        else:
            curves = [
                _fit_isotonic(*held_out.of(label))
                if calibrated
                else (np.arange(2.0), np.arange(2.0))
                for label, calibrated in enumerate(self.calibrated_)
            ]
            self.knots_ = [knots for knots, _ in curves]
            self.heights_ = [heights for _, heights in curves]
        self.estimator_ = fit_inner(self.estimator, training)

    def _label_probabilities(self, X: Floats) -> Floats:
        P = label_probabilities(self.estimator_, X, len(self.calibrated_))
        if self.method == "sigmoid":
            mapped: Floats = expit(_log_odds(P) * self.slopes_ + self.offsets_)
            return np.where(self.calibrated_, mapped, P)
        curves = zip(P.T, self.knots_, self.heights_, strict=True)
        return np.column_stack([np.interp(p, knots, heights) for p, knots, heights in curves])


def _log_odds(p: Floats) -> Floats:
    odds: Floats = logit(np.clip(p.astype(np.float64), PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN))
    return odds


def _fit_isotonic(p: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    margin = 1 / (weight.sum() + 2)
    curve = IsotonicRegression(y_min=margin, y_max=1 - margin)
    curve.fit(p.astype(np.float64), y, sample_weight=weight)
    return curve.X_thresholds_, curve.y_thresholds_
