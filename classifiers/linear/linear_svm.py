"""Repeated cat/no-cat with linear support vector machines, all labels solved together."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._base import (
    ClassWeight,
    Floats,
    GroupedPartlyKnownClassifier,
    MarginClassifier,
    TrainingSet,
    check_count,
    check_positive,
    penalties,
)
from .._solvers import (
    SquaredHinge,
    held_out_predictors,
    linear_problem,
    minimise,
    warn_unless_converged,
)
from ..model_selection import seeded_folds

CALIBRATION_TOL = 1e-4  # Platt's curve does not see the digits beyond
MAX_DOUBLE_BYTES = 1 << 27  # of float32 features that may be copied in double precision


class LinearSVMBinaryRelevance(MarginClassifier, GroupedPartlyKnownClassifier):
    """One L2-penalised linear support vector machine per label, solved in one go.

    The loss is the squared hinge. The models are those of scikit-learn's
    ``LinearSVC(C, dual=False)``, except that the intercept is not penalised.

    Platt's curve, which turns margins into probabilities, is learned on margins by models that did
    not see the image. It rises, so probabilities rank as margins do. A label is a yes where it is
    more likely than not, which need not be where its margin is above 0.

    Parameters
    ----------
    C : float or array-like of shape (n_labels,), default=1.0
        Weight of the data against the penalty; one for all or one per label.
    class_weight : "balanced" or dict, default=None
        As for `LogisticBinaryRelevance`.
    cv : int, splitter or iterable of (train, test) indices, default=3
        Folds for the probabilities; a number means seeded stratified ones.
    tol : float, default=1e-7
        A label is solved when it is expected to lose less than this share of its objective yet.
    max_iter : int, default=1000

    Attributes
    ----------
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Of the log-odds, by the margin ``X @ coef_.T + intercept_``.
    n_iter_ : int
        Iterations of the label that took the most.

    See Also
    --------
    BinaryRelevance : The same with any estimator.

    References
    ----------
    Fan, R.-E., Chang, K.-W., Hsieh, C.-J., Wang, X.-R., Lin, C.-J. (2008). LIBLINEAR: a library for
    large linear classification. Journal of Machine Learning Research 9.
    Platt, J. (2000). Probabilistic outputs for support vector machines. In: Advances in Large
    Margin Classifiers. MIT Press.

    Examples
    --------
    >>> from catnocat.classifiers import LinearSVMBinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LinearSVMBinaryRelevance(C=0.01).fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self,
        C: float | ArrayLike = 1.0,
        class_weight: ClassWeight = None,
        cv: int | Iterable[tuple[Any, Any]] = 3,
        tol: float = 1e-7,
        max_iter: int = 1000,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.cv = cv
        self.tol = tol
        self.max_iter = max_iter

    def _check_parameters(self) -> None:
        check_positive("tol", self.tol)
        check_count("max_iter", self.max_iter)

    def _fit_labels(self, training: TrainingSet) -> None:
        C = penalties(self.C, self.label_varies_)
        dtype = training.X.dtype
        problem = linear_problem(training, SquaredHinge(), C, self.class_weight)
        P, n_iter = minimise(problem, problem.start(), self.tol, self.max_iter)
        if (n_iter > self.max_iter).any() and dtype == np.float32 and _is_small(training.X):
            # Nearly separable data at a large C: the slope is a difference of large numbers.
            training = replace(training, X=training.X.astype(np.float64))
            problem = linear_problem(training, SquaredHinge(), C, self.class_weight)
            P, n_iter = minimise(problem, P.astype(np.float64), self.tol, self.max_iter)
        self.coef_, self.intercept_ = problem.rows.coefficients(P)
        self.n_iter_ = warn_unless_converged(n_iter, self.max_iter, "support vector machines")
        Y = training.Y if training.known is None else training.Y * training.known
        folds = seeded_folds(self.cv, Y, 0, training.groups)
        held_out = held_out_predictors(problem, folds, [C], CALIBRATION_TOL, self.max_iter, P)
        self._calibrate(held_out.Z[0], training.Y, held_out.weight)


def _is_small(X: Floats) -> bool:
    """Return whether a copy in double precision is affordable."""
    return X.nbytes <= MAX_DOUBLE_BYTES
