"""Binary relevance with linear support vector machines, fitted for all labels together."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._base import (
    ClassWeight,
    Floats,
    GroupedMissingLabelsClassifier,
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
    minimize_lbfgs,
    warn_unless_converged,
)
from ..model_selection import seeded_folds

CALIBRATION_TOL = 1e-4  # sufficient for Platt scaling
MAX_DOUBLE_BYTES = 1 << 27  # largest float32 matrix that is copied to double precision


class LinearSVMBinaryRelevance(MarginClassifier, GroupedMissingLabelsClassifier):
    """Linear support vector machines, one per label, fitted for all labels together.

    The loss is the squared hinge. The models are those of scikit-learn's
    ``LinearSVC(C, dual=False)``, except that the intercept is not penalised.

    Platt scaling, fitted to out-of-fold margins, converts margins to probabilities. It is
    increasing, so probabilities and margins rank alike. A label is predicted where its probability
    exceeds 0.5, which need not be where its margin is above 0.

    Parameters
    ----------
    C : float or array-like of shape (n_labels,), default=1.0
        Inverse regularisation strength; one for all labels or one per label.
    class_weight : "balanced" or dict, default=None
        As for `LogisticBinaryRelevance`.
    cv : int, splitter or iterable of (train, test) indices, default=3
        Folds for Platt scaling; an integer is a number of seeded stratified folds.
    tol : float, default=1e-7
        A label has converged when the expected further decrease, relative to its objective, is
        below this.
    max_iter : int, default=1000

    Attributes
    ----------
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Log-odds as a linear function of the margin ``X @ coef_.T + intercept_``.
    n_iter_ : int
        Largest number of iterations of any label.

    See Also
    --------
    BinaryRelevance : Independent classifiers of any type.

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

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "linear SVM": {"tol": 1e-15},
        }

    def _check_parameters(self) -> None:
        check_positive("tol", self.tol)
        check_count("max_iter", self.max_iter)

    def _fit_labels(self, training: TrainingSet) -> None:
        C = penalties(self.C, self.label_varies_)
        dtype = training.X.dtype
        problem = linear_problem(training, SquaredHinge(), C, self.class_weight)
        P, n_iter = minimize_lbfgs(problem, problem.start(), self.tol, self.max_iter)
        if (n_iter > self.max_iter).any() and dtype == np.float32 and _is_small(training.X):
            # Nearly separable data at a large C: cancellation in the gradient needs float64.
            training = replace(training, X=training.X.astype(np.float64))
            problem = linear_problem(training, SquaredHinge(), C, self.class_weight)
            P, n_iter = minimize_lbfgs(problem, P.astype(np.float64), self.tol, self.max_iter)
        self.coef_, self.intercept_ = problem.rows.coefficients(P)
        self.n_iter_ = warn_unless_converged(n_iter, self.max_iter, "support vector machines")
        Y = training.Y if training.known is None else training.Y * training.known
        folds = seeded_folds(self.cv, Y, 0, training.groups)
        held_out = held_out_predictors(problem, folds, [C], CALIBRATION_TOL, self.max_iter, P)
        self._calibrate(held_out.Z[0], training.Y, held_out.weight)


def _is_small(X: Floats) -> bool:
    """Return whether a copy in double precision is affordable."""
    return X.nbytes <= MAX_DOUBLE_BYTES
