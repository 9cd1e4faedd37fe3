"""Many yes/no questions about the same images, asked of any estimator or solved together.

A chain's links, the links of all chains of an ensemble, the pairs of a label ranking and the second
stage of a stack are all this: a yes/no model for each question, which sees the features and some
columns of what is "seen" besides them, mostly other labels.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline

from .._base import Floats, Labels, Mask, Table, YesNo, append_columns, fit_weighted

Columns = NDArray[np.intp]


def _nothing() -> Columns:
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class Question:
    """What one yes/no model is to learn.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        0 or 1.
    sees : ndarray of int
        The columns of what is seen besides the features, in the order the model gets them.
    rows : ndarray of bool of shape (n_rows,), or None
        The rows it learns from, at least one; None stands for all.
    """

    y: Labels
    sees: Columns = field(default_factory=_nothing)
    rows: Mask | None = None


class Answers(Protocol):
    """The models' answers about some rows."""

    def of(self, number: int, rows: Any, seen: Floats) -> Floats:
        """Give one model's probabilities.

        Parameters
        ----------
        number : int
            Of the question.
        rows : index
            Picks rows, with repetition if wanted.
        seen : ndarray of shape (n_picked_rows, n_seen)
        """

    def grid(self, number: int, seen: Floats) -> Floats:
        """Give one model's probabilities, (n_rows, len(seen)), for each row with each of `seen`."""


class Models(Protocol):
    """Fitted yes/no models, one per question."""

    def about(self, X: Floats) -> Answers:
        """Begin to answer about rows `X`."""

    def probabilities(self, X: Floats) -> Floats:
        """Give the answers (n_rows, n_questions) of models that see nothing but features."""

    def part(self, numbers: Any) -> Self:
        """Give some of the models."""

    def joined(self, parts: list[Any]) -> Self:
        """Give the models of several parts of the same kind, one after the other."""


class Questioner(Protocol):
    """Makes models for questions about the rows it was made with."""

    def fit(
        self, questions: list[Question], seen: Floats | None = None, seen_scale: float = 1.0
    ) -> Models:
        """Fit a model to each question.

        Parameters
        ----------
        questions : list of Question
        seen : ndarray of shape (n_rows, n_seen), default=None
        seen_scale : float, default=1.0
            Factor by which the models multiply `seen`, both here and when they predict.
        """


class EstimatorQuestioner:
    """Asks any scikit-learn classifier, one question after the other.

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
        self, questions: list[Question], seen: Floats | None = None, seen_scale: float = 1.0
    ) -> Models:
        """Fit a clone of the estimator to each question."""
        models = []
        for question in questions:
            rows = slice(None) if question.rows is None else question.rows
            X, columns = self.X[rows], None if seen is None else seen[rows]
            paired = isinstance(self.estimator, Pipeline)
            inputs = beside(X, columns, question.sees, seen_scale, paired=paired)
            estimator = self.estimator
            if isinstance(inputs, Beside) and paired:
                estimator = FeaturesThenLabels(estimator)
            weights = None if self.sample_weight is None else self.sample_weight[rows]
            models.append(YesNo(estimator).fit(inputs, question.y[rows], weights))
        return EstimatorModels(models, [question.sees for question in questions], seen_scale)


@dataclass(frozen=True)
class EstimatorModels:
    """Fitted scikit-learn classifiers, which columns each of them sees, and multiplied by what."""

    models: list[YesNo]
    sees: list[Columns]
    seen_scale: float = 1.0

    def about(self, X: Floats) -> Answers:
        """Begin to answer about rows `X`."""
        return EstimatorAnswers(self, X)

    def probabilities(self, X: Floats) -> Floats:
        """Give the answers of models that see nothing but features."""
        return np.column_stack([model.probability(X) for model in self.models])

    def part(self, numbers: Any) -> Self:
        """Give some of the models."""
        picked = np.arange(len(self.models))[numbers]
        sees = [self.sees[k] for k in picked]
        return type(self)([self.models[k] for k in picked], sees, self.seen_scale)

    def joined(self, parts: list[Any]) -> Self:
        """Give the models of several parts, one after the other."""
        models = [model for part in parts for model in part.models]
        return type(self)(models, [sees for part in parts for sees in part.sees], self.seen_scale)


@dataclass(frozen=True)
class EstimatorAnswers:
    """What scikit-learn classifiers answer about rows."""

    fitted: EstimatorModels
    X: Floats

    def of(self, number: int, rows: Any, seen: Floats) -> Floats:
        """Give one model's probabilities."""
        model = self.fitted.models[number]
        paired = isinstance(model.estimator, FeaturesThenLabels)
        inputs = beside(
            self.X[rows], seen, self.fitted.sees[number], self.fitted.seen_scale, paired=paired
        )
        return model.probability(inputs)

    def grid(self, number: int, seen: Floats) -> Floats:
        """Give one model's probabilities for each row with each of `seen`."""
        n_rows, n_seen = len(self.X), len(seen)
        rows = np.repeat(np.arange(n_rows), n_seen)
        return self.of(number, rows, np.tile(seen, (n_rows, 1))).reshape(n_rows, n_seen)


def beside(X: Any, seen: Any, columns: Columns, scale: float = 1.0, *, paired: bool = False) -> Any:
    """Return the features with some columns of `seen`, multiplied by `scale`, on their right.

    `paired` keeps the two apart, for `FeaturesThenLabels`.
    """
    if seen is None or not len(columns):
        return X
    picked = seen[:, columns].astype(X.dtype)
    picked *= scale
    if isinstance(X, Table):
        return Beside(X, picked, paired=paired)
    return np.hstack([X, picked])


class Beside(Table):
    """Rows of any kind, and columns of what is seen besides them."""

    def __init__(self, X: Table, seen: Floats, *, paired: bool = False) -> None:
        self.X, self.seen, self.dtype, self.paired = X, seen, X.dtype, paired

    def __len__(self) -> int:
        return len(self.seen)

    def __getitem__(self, rows: Any) -> "Beside":
        return Beside(self.X[rows], self.seen[rows], paired=self.paired)

    @property
    def data(self) -> Any:
        """Return the pair for `FeaturesThenLabels`, and one table for any other estimator."""
        return self if self.paired else append_columns(self.X, self.seen)


class FeaturesThenLabels(ClassifierMixin, BaseEstimator):
    """A pipeline whose last step sees further columns besides what the steps before make of X.

    Parameters
    ----------
    pipeline : Pipeline
    """

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline

    def fit(self, X: Beside, y: Labels, sample_weight: Floats | None = None) -> Self:
        """Fit the steps before to the rows alone, the last one to both."""
        *_, (_, last) = self.pipeline.steps
        self.features_ = clone(self.pipeline[:-1])
        inputs = append_columns(self.features_.fit_transform(X.X.data, y), X.seen)
        self.model_ = fit_weighted(clone(last), inputs, y, sample_weight)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, X: Beside) -> Floats:
        """Return the probabilities of the last step, or the logistic function of its scores."""
        inputs = self._inputs(X)
        if hasattr(self.model_, "predict_proba"):
            P: Floats = self.model_.predict_proba(inputs)
            return P
        yes = expit(self.model_.decision_function(inputs))
        return np.column_stack([1 - yes, yes])

    def _inputs(self, X: Beside) -> Any:
        return append_columns(self.features_.transform(X.X.data), X.seen)


def out_of_fold_answers(
    questioner: Questioner, X: Floats, Y: Labels, folds: list[tuple[Any, Any]]
) -> tuple[Models, Floats]:
    """Ask about each label, and give the answers about rows by models that did not see them.

    Returns
    -------
    models : Models
        One per label, fitted to all rows.
    held_out : ndarray of shape (n_rows, n_labels)
    """
    questions = [Question(y) for y in Y.T]
    for train, _ in folds:
        questions += [Question(y, rows=rows_mask(train, len(Y))) for y in Y.T]
    models, n_labels = questioner.fit(questions), Y.shape[1]
    held_out = np.empty(Y.shape, dtype=X.dtype)
    for number, (_, test) in enumerate(folds, start=1):
        part = models.part(slice(number * n_labels, (number + 1) * n_labels))
        held_out[test] = part.probabilities(X[test])
    return models.part(slice(n_labels)), held_out


def rows_mask(rows: Any, n_rows: int) -> Mask:
    """Turn row numbers, or a mask, into a mask."""
    mask = np.zeros(n_rows, dtype=bool)
    mask[rows] = True
    return mask
