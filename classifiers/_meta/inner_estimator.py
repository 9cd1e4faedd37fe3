"""A multi-label classifier inside another one: ours, one of scikit-learn's, or a pipeline."""

from typing import Any

import numpy as np

from .._base import Floats, TrainingSet, base_learner, fit_weighted, takes, unwrap
from ..linear import LogisticBinaryRelevance


def fit_inner(estimator: Any, training: TrainingSet) -> Any:
    """Fit a copy of `estimator`; None is `LogisticBinaryRelevance()`.

    One that takes no mask of known labels learns from the labels as they are given.

    Raises
    ------
    ValueError
        If it gives no probabilities, or there are row weights and it takes none.
    """
    estimator = LogisticBinaryRelevance() if estimator is None else estimator
    ours = LogisticBinaryRelevance() if estimator is None else estimator
    model = base_learner(ours, "predict_proba")
    known = training.known if takes(model, "known") else None
    return fit_weighted(
        model, training.X, training.Y, training.sample_weight, known, training.groups
    )


def label_probabilities(model: Any, X: Floats, n_labels: int) -> Floats:
    """Give the probabilities (n_rows, n_labels), in whichever form the model gives them."""
    P = model.predict_proba(unwrap(X))
    if isinstance(P, list):  # of scikit-learn's forests and neighbours: a table per label
        P = np.column_stack(
            [
                part[:, list(values).index(1)] if 1 in values else np.zeros(len(X))
                for part, values in zip(P, model.classes_, strict=True)
            ]
        )
    probabilities: Floats = P[:, -1:] if n_labels == 1 else P
    return probabilities
