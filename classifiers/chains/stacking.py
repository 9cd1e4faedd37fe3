"""Stacking and dependent binary relevance: a second stage sees predictions of all labels."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from scipy.special import logit
from sklearn.utils import check_random_state

from .._base import (
    Floats,
    GroupedWeightedClassifier,
    TrainingSet,
    WeightedClassifier,
    check_choice,
    check_count,
    check_positive,
)
from .._meta import BinaryProblem, binary_problem_solver, out_of_fold_predictions, row_reader
from ..linear import LogisticBinaryRelevance
from ..model_selection import seeded_folds
from .fitted_chain import chain_feature_transform

PROBABILITY_MARGIN = 1e-6  # keeps log-odds finite


class StackedBinaryRelevance(GroupedWeightedClassifier):
    """Stacked binary relevance: second-stage classifiers see the predictions of all labels.

    The second stage is trained on out-of-fold predictions of the first stage, whose distribution
    matches that at prediction time.

    Parameters
    ----------
    estimator : estimator, default=None
        The binary classifier of the first stage; None is `LogisticBinaryRelevance()`.
    final_estimator : estimator, default=None
        The binary classifier of the second stage for "2BR"; None is `LogisticBinaryRelevance()`,
        independent of `estimator`.
    variant : {"2BR", "BR+"}, default="2BR"
        "2BR": the second stage sees the probabilities of all labels only. "BR+": it sees the
        features and the probabilities of all other labels, and uses `estimator`.
    cv : int, splitter, iterable of (train, test) rows, or None, default=5
        An integer is a number of seeded stratified folds. None, as in the papers: "2BR" is
        trained on in-sample predictions of the first stage, "BR+" on true labels.
    random_state : int, RandomState instance or None, default=0
        Controls the folds.
    stack_method : {"predict_proba", "decision_function"}, default="predict_proba"
        Whether the second stage sees probabilities or log-odds of the first stage. With log-odds,
        a logistic second stage of "2BR" can reproduce the first stage; with probabilities it
        cannot.
    label_scale : float, default=1.0
        Factor by which the inputs from the first stage are multiplied, as in `ClassifierChain`.

    Attributes
    ----------
    first_, second_ : Models
        The fitted stages, one model per label that varies.

    See Also
    --------
    DependentBinaryRelevance : The second stage is trained on true labels.

    References
    ----------
    Godbole, S., Sarawagi, S. (2004). Discriminative methods for multi-labeled classification.
    PAKDD 2004.
    Tsoumakas, G., Dimou, A., Spyromitros, E., Mezaris, V., Kompatsiaris, I., Vlahavas, I. (2009).
    Correlation-based pruning of stacked binary relevance models for multi-label learning. MLD 2009.
    Alvares-Cherman, E., Metz, J., Monard, M. (2012). Incorporating label dependency into the binary
    relevance framework for multi-label classification. Expert Systems with Applications 39(2).

    Examples
    --------
    >>> from catnocat.classifiers import StackedBinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = StackedBinaryRelevance().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self,
        estimator: Any = None,
        final_estimator: Any = None,
        variant: Literal["2BR", "BR+"] = "2BR",
        cv: int | Iterable[tuple[Any, Any]] | None = 5,
        random_state: Any = 0,
        stack_method: Literal["predict_proba", "decision_function"] = "predict_proba",
        label_scale: float = 1.0,
    ) -> None:
        self.estimator = estimator
        self.final_estimator = final_estimator
        self.variant = variant
        self.cv = cv
        self.random_state = random_state
        self.stack_method = stack_method
        self.label_scale = label_scale

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "stacking": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "final_estimator": LogisticBinaryRelevance(tol=1e-15),
            },
            "stacking on features": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "variant": "BR+",
                "cv": 3,
            },
        }

    def _check_parameters(self) -> None:
        check_choice("variant", self.variant, ("2BR", "BR+"))
        check_choice("stack_method", self.stack_method, ("predict_proba", "decision_function"))
        check_positive("label_scale", self.label_scale)
        if self.cv is None and (self.variant, self.stack_method) == ("BR+", "decision_function"):
            raise ValueError(
                "stack_method='decision_function' with variant='BR+' needs cv: without it the "
                "second stage is trained on true labels, which have no log-odds."
            )

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        X, Y, weight = training.X, training.Y, training.sample_weight
        solver = binary_problem_solver(self.estimator, X, weight)
        probabilities: Floats = Y
        if self.cv is not None:
            folds = seeded_folds(self.cv, Y, check_random_state(self.random_state), training.groups)
            self.first_, probabilities = out_of_fold_predictions(solver, X, Y, folds)
        else:
            self.first_ = solver.fit([BinaryProblem(y) for y in Y.T])
            if self.variant == "2BR":
                probabilities = self.first_.probabilities(X)
        inputs = self._second_stage_inputs(probabilities, X.dtype)
        if self.variant == "2BR":
            solver = binary_problem_solver(self.final_estimator, inputs, weight)
            self.second_ = solver.fit([BinaryProblem(y) for y in Y.T])
        else:
            self.second_ = solver.fit(problems_with_other_labels(Y), inputs)

    def _label_probabilities(self, X: Floats) -> Floats:
        first = self.first_.probabilities(X)
        inputs = self._second_stage_inputs(first, first.dtype)
        if self.variant == "2BR":
            return self.second_.probabilities(inputs)
        predictions = self.second_.predictions_for(X)
        return np.column_stack(
            [predictions.probabilities(j, slice(None), inputs) for j in range(first.shape[1])]
        )

    def _second_stage_inputs(self, probabilities: Floats, dtype: Any) -> Floats:
        if self.stack_method == "decision_function":
            clipped = np.clip(
                probabilities.astype(np.float64), PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN
            )
            probabilities = logit(clipped)
        inputs: Floats = (self.label_scale * probabilities).astype(dtype)
        return inputs


def problems_with_other_labels(Y: Any) -> list[BinaryProblem]:
    """Return a problem per label with all other labels as additional inputs."""
    labels = np.arange(Y.shape[1])
    return [BinaryProblem(Y[:, label], np.delete(labels, label)) for label in labels]


class DependentBinaryRelevance(WeightedClassifier):
    """Dependent binary relevance: each binary classifier also sees all other labels.

    The classifiers are trained on true labels. At prediction time, binary relevance predicts the
    labels that they see.

    Parameters
    ----------
    estimator : estimator, default=None
        Binary classifier of both stages; None is `LogisticBinaryRelevance()`, with which both
        stages are fitted together.
    stack_method : {"predict", "predict_proba"}, default="predict_proba"
        Whether the other labels are seen as 0 or 1, or as probabilities.
    n_rounds : int, default=1
        Number of times the predictions are updated from those of the previous round.
    label_scale : float, default=1.0
        Factor by which the label inputs are multiplied, as for `ClassifierChain`.

    Attributes
    ----------
    first_, second_ : Models
        The fitted stages, one model per label that varies.

    See Also
    --------
    StackedBinaryRelevance : The second stage is trained on predicted labels.

    References
    ----------
    Montañés, E., Senge, R., Barranquero, J., Quevedo, J., del Coz, J., Hüllermeier, E. (2014).
    Dependent binary relevance models for multi-label classification. Pattern Recognition 47(3).

    Examples
    --------
    >>> from catnocat.classifiers import DependentBinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = DependentBinaryRelevance().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.95'
    """

    def __init__(
        self,
        estimator: Any = None,
        stack_method: Literal["predict", "predict_proba"] = "predict_proba",
        n_rounds: int = 1,
        label_scale: float = 1.0,
    ) -> None:
        self.estimator = estimator
        self.stack_method = stack_method
        self.n_rounds = n_rounds
        self.label_scale = label_scale

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "dependent": {"estimator": LogisticBinaryRelevance(tol=1e-15)},
        }

    def _check_parameters(self) -> None:
        check_choice("stack_method", self.stack_method, ("predict", "predict_proba"))
        check_count("n_rounds", self.n_rounds)
        check_positive("label_scale", self.label_scale)

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        Y = training.Y
        solver = binary_problem_solver(self.estimator, training.X, training.sample_weight)
        problems = [BinaryProblem(y) for y in Y.T] + problems_with_other_labels(Y)
        models = solver.fit(problems, Y, self.label_scale)
        self.first_ = models.part(slice(Y.shape[1]))
        self.second_ = models.part(slice(Y.shape[1], None))

    def _label_probabilities(self, X: Floats) -> Floats:
        P = self.first_.probabilities(X)
        predictions = self.second_.predictions_for(X)
        to_feature = chain_feature_transform(self.stack_method)
        for _ in range(self.n_rounds):
            seen = np.asarray(to_feature(P))
            P = np.column_stack(
                [predictions.probabilities(j, slice(None), seen) for j in range(P.shape[1])]
            )
        return P
