"""Make each label's probabilities come true as often as they say."""

from typing import Any, Literal

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from .._base import Floats, GroupedPartlyKnownClassifier, TrainingSet, check_choice, fit_line
from .._meta import fit_inner, label_probabilities, predict_held_out
from ..model_selection import CrossValidation

SUREST = 1e-6  # a probability nearer to 0 or 1 than this has no log-odds worth the name


class LabelCalibrator(GroupedPartlyKnownClassifier):
    """Map each label's probabilities by a curve learned on held-out predictions.

    ``"sigmoid"`` shifts and stretches the log-odds, never reversing them: with few images, or for
    scores that are too sure or too timid throughout. ``"isotonic"`` is any rising step curve:
    with a thousand images and more; it makes ties, and says nothing surer than one in the number
    of rows plus two.

    A label that no fold can judge, because the models or the held-out rows saw only one kind of it,
    keeps its probabilities. Curves are learned where a label is known.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-label classifier with `predict_proba`; None is `LogisticBinaryRelevance()`. One
        whose `fit` takes no `known` learns from the labels as given.
    method : {"sigmoid", "isotonic"}, default="sigmoid"
    cv : int, splitter or iterable of (train, test) rows, default=5
        A number means seeded stratified folds.
    n_jobs : int, default=None
        Folds fitted at once, as joblib counts.

    Attributes
    ----------
    estimator_ : estimator
        Fitted to all rows.
    calibrated_ : ndarray of bool of shape (n_varying_labels,)
        False for labels that keep their probabilities.
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Of the log-odds; only for ``"sigmoid"``.
    knots_, heights_ : list of ndarray
        The curve of each label that varies, straight in between; only for ``"isotonic"``.

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

    def _check_parameters(self) -> None:
        check_choice("method", self.method, ("sigmoid", "isotonic"))

    def _row_reader(self) -> Any:
        return self.estimator

    def _fit_labels(self, training: TrainingSet) -> None:
        held_out = predict_held_out(self.estimator, training, self.cv, self.n_jobs)
        self.calibrated_ = held_out.judged
        n_labels = training.Y.shape[1]
        if self.method == "sigmoid":
            self.slopes_, self.offsets_ = np.ones(n_labels), np.zeros(n_labels)
            for label in np.flatnonzero(self.calibrated_):
                p, y, weight = held_out.of(int(label))
                line = fit_line(_log_odds(p), y, weight)
                self.slopes_[label], self.offsets_[label] = line
        else:
            curves = [
                _fit_steps(*held_out.of(label)) if calibrated else (np.arange(2.0), np.arange(2.0))
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
    odds: Floats = logit(np.clip(p.astype(np.float64), SUREST, 1 - SUREST))
    return odds


def _fit_steps(p: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    surest = 1 / (weight.sum() + 2)
    curve = IsotonicRegression(y_min=surest, y_max=1 - surest)
    curve.fit(p.astype(np.float64), y, sample_weight=weight)
    return curve.X_thresholds_, curve.y_thresholds_
