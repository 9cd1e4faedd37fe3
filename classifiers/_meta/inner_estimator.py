"""Inner multi-label classifiers: of this package, of scikit-learn, or pipelines."""

from typing import Any

import numpy as np

from .._base import Floats, TrainingSet, accepts_fit_param, base_learner, fit_weighted, unwrap
from ..linear import LogisticBinaryRelevance


def fit_inner(estimator: Any, training: TrainingSet) -> Any:
    """Fit a clone of `estimator`; None is `LogisticBinaryRelevance()`.

    If its `fit` accepts no mask of known labels, it is fitted to the labels as given.

    Raises
    ------
    ValueError
        If it has no `predict_proba`, or there are weights and its `fit` accepts none.
    """
    estimator = LogisticBinaryRelevance() if estimator is None else estimator
    ours = LogisticBinaryRelevance() if estimator is None else estimator
    model = base_learner(ours, "predict_proba")
    known = training.known if accepts_fit_param(model, "known") else None
    return fit_weighted(
        model, training.X, training.Y, training.sample_weight, known, training.groups
    )


def label_probabilities(model: Any, X: Floats, n_labels: int) -> Floats:
    """Return the probabilities (n_rows, n_labels) from any form of `predict_proba` output."""
    P = model.predict_proba(unwrap(X))
    if isinstance(P, list):  # scikit-learn's forests and neighbours return one array per label
        P = np.column_stack(
            [
                part[:, list(values).index(1)] if 1 in values else np.zeros(len(X))
                for part, values in zip(P, model.classes_, strict=True)
            ]
        )
    probabilities: Floats = P[:, -1:] if n_labels == 1 else P
    return probabilities
