"""Each label judged by the features and the true values of all other labels."""

from typing import Any, Literal

import numpy as np

from ._base import TrainingSet, WeightedClassifier
from ._chain import hand_on_by
from ._logistic_questions import questioner, row_reader
from ._parameters import check_choice, check_count, check_positive
from ._questions import Question
from ._targets import Floats
from .stacked import questions_about_each_by_the_others


class DependentBinaryRelevance(WeightedClassifier):
    """One yes/no model per label, fed with the features and all other labels.

    The models learn from true labels. To predict, plain binary relevance answers first, and each
    model is told its answers about the other labels.

    Parameters
    ----------
    estimator : estimator, default=None
        Asked about every label, in both stages; None is `LogisticBinaryRelevance()`, whose models
        of both stages are solved together.
    stack_method : {"predict", "predict_proba"}, default="predict_proba"
        Whether a model is told the others' labels as 0 or 1, or as their probabilities.
    n_rounds : int, default=1
        How often the answers are revised: in each round by those of the round before.
    label_scale : float, default=1.0
        Factor by which the label inputs are multiplied, as for `ClassifierChain`.

    Attributes
    ----------
    first_, second_ : Models
        The fitted stages, one model per label that varies.

    See Also
    --------
    StackedBinaryRelevance : Learns from predicted labels instead.

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

    def _check_parameters(self) -> None:
        check_choice("stack_method", self.stack_method, ("predict", "predict_proba"))
        check_count("n_rounds", self.n_rounds)
        check_positive("label_scale", self.label_scale)

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        Y = training.Y
        ask = questioner(self.estimator, training.X, training.sample_weight)
        questions = [Question(y) for y in Y.T] + questions_about_each_by_the_others(Y)
        models = ask.fit(questions, Y, self.label_scale)
        self.first_ = models.part(slice(Y.shape[1]))
        self.second_ = models.part(slice(Y.shape[1], None))

    def _label_probabilities(self, X: Floats) -> Floats:
        P = self.first_.probabilities(X)
        answers = self.second_.about(X)
        hand_on = hand_on_by(self.stack_method)
        for _ in range(self.n_rounds):
            seen = np.asarray(hand_on(P))
            P = np.column_stack([answers.of(j, slice(None), seen) for j in range(P.shape[1])])
        return P
