"""Many binary problems on the same images, solved by any estimator.

The links of a chain, the links of all chains of an ensemble, the pairs of a label ranking and the
second stage of stacking are all of this form: one binary classifier per problem, whose inputs are
the features and some columns of a matrix of additional inputs `seen`, mostly other labels.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline

from .._base import BinaryModel, Floats, Labels, Mask, Table, append_columns, fit_weighted

Columns = NDArray[np.intp]


def _no_columns() -> Columns:
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class BinaryProblem:
    """Targets, additional inputs and training rows of one binary classifier.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        0 or 1.
    sees : ndarray of int
        The columns of the additional inputs, in the order of the model inputs.
    rows : ndarray of bool of shape (n_rows,), or None
        The training rows, at least one; None means all.
    """

    y: Labels
    sees: Columns = field(default_factory=_no_columns)
    rows: Mask | None = None


class BinaryPredictions(Protocol):
    """Predictions of all models for a fixed set of rows."""

    def probabilities(self, number: int, rows: Any, seen: Floats) -> Floats:
        """Return the probabilities of one model.

        Parameters
        ----------
        number : int
            Index of the problem.
        rows : index
            The rows to predict; may contain repetitions.
        seen : ndarray of shape (n_selected_rows, n_seen)
        """

    def grid(self, number: int, seen: Floats) -> Floats:
        """Return probabilities (n_rows, len(seen)) for each row with each row of `seen`."""


class Models(Protocol):
    """Fitted binary classifiers, one per problem."""

    def predictions_for(self, X: Floats) -> BinaryPredictions:
        """Return the predictions for rows `X`, given additional inputs later."""

    def probabilities(self, X: Floats) -> Floats:
        """Return the probabilities (n_rows, n_problems) of models without additional inputs."""

    def part(self, numbers: Any) -> Self:
        """Return a subset of the models."""

    def joined(self, parts: list[Any]) -> Self:
        """Return the concatenated models of several parts of the same type."""


class BinaryProblemSolver(Protocol):
    """Solver of binary problems on fixed training rows."""

    def fit(
        self, problems: list[BinaryProblem], seen: Floats | None = None, seen_scale: float = 1.0
    ) -> Models:
        """Fit a model to each problem.

        Parameters
        ----------
        problems : list of BinaryProblem
        seen : ndarray of shape (n_rows, n_seen), default=None
        seen_scale : float, default=1.0
            Factor by which the models multiply `seen`, both in training and in prediction.
        """


class EstimatorProblemSolver:
    """Solver that fits a clone of a scikit-learn classifier to each problem.

    Parameters
    ----------
    estimator : estimator
    X : ndarray of shape (n_rows, n_features)
    sample_weight : ndarray of shape (n_rows,), or None
    """

    def __init__(self, estimator: Any, X: Floats, sample_weight: Floats | None) -> None:
        self.estimator = estimator
        self.X = X
        self.sample_weight = sample_weight

    def fit(
        self, problems: list[BinaryProblem], seen: Floats | None = None, seen_scale: float = 1.0
    ) -> Models:
        """Fit a clone of the estimator to each problem."""
        models = []
        for problem in problems:
            rows = slice(None) if problem.rows is None else problem.rows
            X, columns = self.X[rows], None if seen is None else seen[rows]
            paired = isinstance(self.estimator, Pipeline)
            inputs = append_seen(X, columns, problem.sees, seen_scale, paired=paired)
            estimator = self.estimator
            if isinstance(inputs, FeaturesWithLabels) and paired:
                estimator = FeaturesThenLabels(estimator)
            weights = None if self.sample_weight is None else self.sample_weight[rows]
            models.append(BinaryModel(estimator).fit(inputs, problem.y[rows], weights))
        return EstimatorModels(models, [problem.sees for problem in problems], seen_scale)


@dataclass(frozen=True)
class EstimatorModels:
    """Fitted scikit-learn classifiers with the columns and the scale of their additional inputs."""

    models: list[BinaryModel]
    sees: list[Columns]
    seen_scale: float = 1.0

    def predictions_for(self, X: Floats) -> BinaryPredictions:
        """Return the predictions for rows `X`, given additional inputs later."""
        return EstimatorPredictions(self, X)

    def probabilities(self, X: Floats) -> Floats:
        """Return the probabilities of models without additional inputs."""
        return np.column_stack([model.probability(X) for model in self.models])

    def part(self, numbers: Any) -> Self:
        """Return a subset of the models."""
        selected = np.arange(len(self.models))[numbers]
        sees = [self.sees[k] for k in selected]
        return type(self)([self.models[k] for k in selected], sees, self.seen_scale)

    def joined(self, parts: list[Any]) -> Self:
        """Return the concatenated models of several parts."""
        models = [model for part in parts for model in part.models]
        return type(self)(models, [sees for part in parts for sees in part.sees], self.seen_scale)


@dataclass(frozen=True)
class EstimatorPredictions:
    """Predictions of scikit-learn classifiers for a fixed set of rows."""

    fitted: EstimatorModels
    X: Floats

    def probabilities(self, number: int, rows: Any, seen: Floats) -> Floats:
        """Return the probabilities of one model."""
        model = self.fitted.models[number]
        paired = isinstance(model.estimator, FeaturesThenLabels)
        inputs = append_seen(
            self.X[rows], seen, self.fitted.sees[number], self.fitted.seen_scale, paired=paired
        )
        return model.probability(inputs)

    def grid(self, number: int, seen: Floats) -> Floats:
        """Return the probabilities for each row combined with each row of `seen`."""
        n_rows, n_seen = len(self.X), len(seen)
        rows = np.repeat(np.arange(n_rows), n_seen)
        return self.probabilities(number, rows, np.tile(seen, (n_rows, 1))).reshape(n_rows, n_seen)


def append_seen(
    X: Any, seen: Any, columns: Columns, scale: float = 1.0, *, paired: bool = False
) -> Any:
    """Return the features with some columns of `seen`, multiplied by `scale`, appended.

    With `paired` the two stay separate, for `FeaturesThenLabels`.
    """
    if seen is None or not len(columns):
        return X
    selected = seen[:, columns].astype(X.dtype)
    selected *= scale
    if isinstance(X, Table):
        return FeaturesWithLabels(X, selected, paired=paired)
    return np.hstack([X, selected])


class FeaturesWithLabels(Table):
    """Feature rows of any type together with additional numeric columns."""

    def __init__(self, X: Table, seen: Floats, *, paired: bool = False) -> None:
        self.X, self.seen, self.dtype, self.paired = X, seen, X.dtype, paired

    def __len__(self) -> int:
        return len(self.seen)

    def __getitem__(self, rows: Any) -> "FeaturesWithLabels":
        return FeaturesWithLabels(self.X[rows], self.seen[rows], paired=self.paired)

    @property
    def data(self) -> Any:
        """Return the pair for `FeaturesThenLabels`, and one table for any other estimator."""
        return self if self.paired else append_columns(self.X, self.seen)


class FeaturesThenLabels(ClassifierMixin, BaseEstimator):
    """Pipeline whose last step also receives the additional columns, untransformed.

    Parameters
    ----------
    pipeline : Pipeline
    """

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    def fit(self, X: FeaturesWithLabels, y: Labels, sample_weight: Floats | None = None) -> Self:
        """Fit the transformers to the features and the last step to both."""
        *_, (_, last) = self.pipeline.steps
        self.features_ = clone(self.pipeline[:-1])
        inputs = append_columns(self.features_.fit_transform(X.X.data, y), X.seen)
        self.model_ = fit_weighted(clone(last), inputs, y, sample_weight)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: FeaturesWithLabels) -> Floats:
        """Return the probabilities of the last step, or the logistic function of its scores."""
        inputs = self._inputs(X)
        if hasattr(self.model_, "predict_proba"):
            P: Floats = self.model_.predict_proba(inputs)
            return P
        positive = expit(self.model_.decision_function(inputs))
        return np.column_stack([1 - positive, positive])

    def _inputs(self, X: FeaturesWithLabels) -> Any:
        return append_columns(self.features_.transform(X.X.data), X.seen)


def out_of_fold_predictions(
    solver: BinaryProblemSolver, X: Floats, Y: Labels, folds: list[tuple[Any, Any]]
) -> tuple[Models, Floats]:
    """Fit a model per label to all rows and return out-of-fold predictions as well.

    Returns
    -------
    models : Models
        One per label, fitted to all rows.
    held_out : ndarray of shape (n_rows, n_labels)
    """
    problems = [BinaryProblem(y) for y in Y.T]
    for train, _ in folds:
        problems += [BinaryProblem(y, rows=rows_mask(train, len(Y))) for y in Y.T]
    models, n_labels = solver.fit(problems), Y.shape[1]
    held_out = np.empty(Y.shape, dtype=X.dtype)
    for number, (_, test) in enumerate(folds, start=1):
        part = models.part(slice(number * n_labels, (number + 1) * n_labels))
        held_out[test] = part.probabilities(X[test])
    return models.part(slice(n_labels)), held_out


def rows_mask(rows: Any, n_rows: int) -> Mask:
    """Turn row indices, or a mask, into a mask."""
    mask = np.zeros(n_rows, dtype=bool)
    mask[rows] = True
    return mask
