"""A multi-label classifier inside another one: ours, one of scikit-learn's, or a pipeline."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from ._base import TrainingSet
from ._targets import Floats
from .logistic import LogisticBinaryRelevance


def fit_inner(estimator: Any, training: TrainingSet) -> Any:
    """Fit a copy of `estimator`; None is `LogisticBinaryRelevance()`.

    One that takes no mask of known labels learns from the labels as they are given.

    Raises
    ------
    ValueError
        If there are row weights and the estimator takes none.
    """
    model = LogisticBinaryRelevance() if estimator is None else clone(estimator)
    last, prefix = model, ""
    while isinstance(last, Pipeline):
        name, last = last.steps[-1]
        prefix += f"{name}__"
    given = {}
    if training.sample_weight is not None:
        if not has_fit_parameter(last, "sample_weight"):
            raise ValueError(f"{type(last).__name__}.fit takes no sample_weight.")
        given[f"{prefix}sample_weight"] = training.sample_weight
    if training.known is not None and takes_known(model):
        given[f"{prefix}known"] = training.known
    return model.fit(training.X, training.Y, **given)


def takes_known(estimator: Any) -> bool:
    """Whether an estimator, or the last step of a pipeline, takes a mask of known labels."""
    while isinstance(estimator, Pipeline):
        estimator = estimator[-1]
    return estimator is None or has_fit_parameter(estimator, "known")


def label_probabilities(model: Any, X: Floats, n_labels: int) -> Floats:
    """Give the probabilities (n_rows, n_labels), in whichever form the model gives them."""
    P = model.predict_proba(X)
    if isinstance(P, list):  # of scikit-learn's forests and neighbours: a table per label
        P = np.column_stack(
            [
                part[:, list(values).index(1)] if 1 in values else np.zeros(len(X))
                for part, values in zip(P, model.classes_, strict=True)
            ]
        )
    probabilities: Floats = P[:, -1:] if n_labels == 1 else P
    return probabilities
