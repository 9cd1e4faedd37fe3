"""Evaluate the constant baseline on the outer folds of a comparison."""

import time
from collections.abc import Sequence

import numpy as np

from ..data.tables import LabelTable
from .cross_validation import MethodResult, scored_rows
from .methods import CONSTANT, fit_constant
from .splits import Fold


def constant_baseline(table: LabelTable, folds: Sequence[Fold]) -> MethodResult:
    """Answer every test image with what is most frequent among the training images.

    The scores of a label are the same for all images, its prevalence in training (the mean over the
    folds), so that its average precision is its prevalence among the test images, the chance level.

    Parameters
    ----------
    table : LabelTable
    folds : sequence of Fold

    Returns
    -------
    MethodResult
        Its ``chosen`` holds the most frequent label set of each fold as ``"label_set"``.
    """
    method_result = MethodResult(CONSTANT, scored_rows(folds))
    started = time.perf_counter()
    fitted, predictions = [], []
    for fold in folds:
        constant = fit_constant(table.Y[fold.train], table.known[fold.train])
        shape = (len(fold.test), table.n_labels)
        predictions.append(
            {key: np.broadcast_to(row, shape) for key, row in constant.predictions.items()}
        )
        method_result.chosen.append(
            {"label_set": [table.labels[j] for j in np.flatnonzero(constant.predictions["set"])]}
        )
        fitted.append(constant)
    prevalence = np.mean([constant.prevalence for constant in fitted], axis=0)
    method_result.scores = np.broadcast_to(
        prevalence, (len(method_result.rows), table.n_labels)
    ).copy()
    method_result.predictions_by_aim = {
        key: np.concatenate([part[key] for part in predictions]) for key in predictions[0]
    }
    method_result.fit_seconds = time.perf_counter() - started
    return method_result
