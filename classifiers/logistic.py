"""Repeated cat/no-cat with logistic regression, all labels solved together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from ._base import MultiLabelClassifier, TrainingSet
from ._lbfgs import minimise, warn_unless_converged
from ._logistic_problem import LogisticProblem
from ._parameters import check_count, check_positive
from ._shared_basis import SharedBasis
from ._targets import Floats, Labels

ClassWeight = Literal["balanced"] | Mapping[int, float] | None


class LogisticBinaryRelevance(MultiLabelClassifier):
    """One L2-penalised logistic regression per label, solved in one go.

    The models are those of `BinaryRelevance(LogisticRegression(C))`, but the features are
    factorised once for all labels, each label's curvature is known from that but for a factor, and
    every iteration is two matrix products for all labels.

    Parameters
    ----------
    C : float or array-like of shape (n_labels,), default=1.0
        Weight of the data against the penalty; one for all or one per label.
    class_weight : "balanced" or dict, default=None
        Weights of absent and present, `{0: w, 1: w}`; "balanced": so that both weigh alike in every
        label.
    tol : float, default=1e-8
        A label is solved when it is expected to lose less than this share of its objective yet.
    max_iter : int, default=1000

    Attributes
    ----------
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    n_iter_ : int
        Iterations of the label that took the most.

    See Also
    --------
    LogisticBinaryRelevanceCV : Chooses C on folds.
    BinaryRelevance : The same with any estimator.

    References
    ----------
    Böhning, D. (1992). Multinomial logistic regression algorithm. Annals of the Institute of
    Statistical Mathematics 44(1): the shared bound of the curvature.

    Examples
    --------
    >>> from catnocat.classifiers import LogisticBinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LogisticBinaryRelevance(C=0.01).fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self,
        C: float | ArrayLike = 1.0,
        class_weight: ClassWeight = None,
        tol: float = 1e-8,
        max_iter: int = 1000,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        known: ArrayLike | None = None,
    ) -> Self:
        """Fit all labels.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
        y : array-like of shape (n_images, n_labels)
        sample_weight : array-like of shape (n_images,), default=None
        known : array-like of bool of shape (n_images, n_labels), default=None
            A label learns only from rows where it is known.

        Returns
        -------
        self
        """
        check_positive("tol", self.tol)
        check_count("max_iter", self.max_iter)
        return self._fit_checked(X, y, sample_weight, known)

    def _fit_labels(self, training: TrainingSet) -> None:
        dtype = training.X.dtype
        problem = LogisticProblem(
            SharedBasis(training.X, training.sample_weight),
            training.Y.astype(dtype),
            np.ones(training.Y.shape[1], dtype=dtype),
            target_weights(training, self.class_weight).astype(dtype),
        )
        problem = replace(problem, C=self._penalties(problem).astype(dtype))
        P, n_iter = minimise(problem, problem.start(), self.tol, self.max_iter)
        self.coef_, self.intercept_ = problem.basis.coefficients(P)
        self.n_iter_ = warn_unless_converged(n_iter, self.max_iter)

    def _penalties(self, problem: LogisticProblem) -> Floats:
        """Give the C of each label that varies."""
        C = np.asarray(self.C, dtype=np.float64)
        if C.ndim and C.shape != self.label_varies_.shape:
            raise ValueError(
                f"C must be a number or one per label ({len(self.label_varies_)}), got {C.shape}."
            )
        if not (C > 0).all():
            raise ValueError(f"C must be above 0, got {self.C!r}.")
        each: Floats = np.broadcast_to(C, self.label_varies_.shape)[self.label_varies_]
        return each

    def _label_probabilities(self, X: Floats) -> Floats:
        probabilities: Floats = expit(X @ self.coef_.T + self.intercept_)
        return probabilities


def target_weights(training: TrainingSet, class_weight: ClassWeight) -> Floats:
    """Give the weight of each target.

    Returns
    -------
    ndarray of shape (n_rows, 1), or (n_rows, n_labels) if labels differ in it
    """
    Y: Labels = training.Y
    weight: Floats = np.ones((len(Y), 1))
    if training.sample_weight is not None:
        weight = training.sample_weight[:, None]
    if training.known is not None:
        weight = weight * training.known
    if class_weight is None:
        return weight
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f"class_weight must be 'balanced' or a dict, got {class_weight!r}.")
        present, absent = (weight * Y).sum(axis=0), (weight * (1 - Y)).sum(axis=0)
        half = (present + absent) / 2
        if_present, if_absent = half / present, half / absent
    else:
        factors: dict[int, Any] = {0: 1.0, 1: 1.0, **class_weight}
        if_present, if_absent = factors[1], factors[0]
    weighed: Floats = weight * np.where(Y, if_present, if_absent)
    return weighed
