"""Linear SVMs of the VISSL protocol for PASCAL VOC 2007, and the variants of average precision."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.svm import LinearSVC

from ..data.tables import LabelTable
from ..metrics import average_precision, eleven_point_precision, interpolated_precision
from ..utils import ElapsedTime, InputError, limit_threads, measure_time
from .cross_validation import MethodResult, scored_rows
from .methods import Method
from .splits import Fold

Array = NDArray[Any]

VISSL_METHOD = "vissl-svm"
COSTS = (0.01, 0.1, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 50.0, 100.0, 1000.0)
N_FOLDS = 3
VARIANTS: dict[str, Callable[[Array, Array], float]] = {
    "eleven_point": eleven_point_precision,
    "interpolated": interpolated_precision,
    "step": average_precision,
}
"""Average precision as in VOC 2007, as in VOC since 2010 and VISSL, and as in scikit-learn."""


def evaluate_vissl(
    X: Array, table: LabelTable, folds: Sequence[Fold], *, n_jobs: int = 1
) -> MethodResult:
    """Fit a linear support vector machine per label as VISSL does [1]_.

    Features of unit length, squared hinge loss, positive images with weight 2, C chosen for each
    label by the AP in three folds of the training images. Images whose label is unknown (objects
    marked difficult in VOC) are left out for that label.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    table : LabelTable
    folds : sequence of Fold
    n_jobs : int
        Number of processes; one label is one task.

    Returns
    -------
    MethodResult
        Of an external method. The scores are margins mapped by the logistic function, which keeps
        their order; labels with a positive margin are predicted.

    References
    ----------
    .. [1] P. Goyal, D. Mahajan, A. Gupta and I. Misra, "Scaling and Benchmarking Self-Supervised
       Visual Representation Learning", ICCV 2019.
    """
    flat = X.reshape(len(X), -1).astype(np.float64)
    unit = flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-5)
    method = Method(
        VISSL_METHOD,
        "independent",
        _raise_unfittable,
        "a linear SVM per label, as VISSL fits and tunes it",
        "linear SVM by VISSL",
        external=True,
    )
    method_result = MethodResult(method, scored_rows(folds))
    n_workers = effective_n_jobs(n_jobs)
    scores = []
    for fold in folds:
        Y, known = table.Y[fold.train], table.known[fold.train]
        by_label = Parallel(n_jobs=n_jobs)(
            delayed(_fit_label)(unit[fold.train], Y[:, j], known[:, j], unit[fold.test], n_workers)
            for j in range(table.n_labels)
        )
        scores.append(np.column_stack([expit(fitted.margins) for fitted in by_label]))
        method_result.chosen.append(
            {label: fitted.C for label, fitted in zip(table.labels, by_label, strict=True)}
        )
        for fitted in by_label:
            method_result.add_time(fitted.search_time, fitted.fit_time, ElapsedTime())
    method_result.predict_seconds = method_result.predict_cpu_seconds = np.nan
    method_result.scores = np.concatenate(scores)
    predictions = (method_result.scores > 0.5).astype(np.uint8)
    method_result.predictions_by_aim = {
        "hamming": predictions,
        "f1": predictions,
        "set": predictions,
    }
    return method_result


def _raise_unfittable(seed: int) -> BaseEstimator:
    raise InputError(
        "the VISSL protocol tunes each label separately; use --methods linear-svm instead"
    )


@dataclass(frozen=True)
class _LabelResult:
    """Margins of the test images for one label, the chosen C, and the times."""

    margins: Array
    C: float | None
    search_time: ElapsedTime
    fit_time: ElapsedTime


def _fit_label(X: Array, y: Array, known: Array, X_test: Array, n_workers: int) -> _LabelResult:
    X, y = X[known], y[known]
    n_rarer = min(int(y.sum()), int((1 - y).sum()))
    if not n_rarer:
        margins = np.full(len(X_test), float(y[:1].sum()) * 2 - 1)
        return _LabelResult(margins, None, ElapsedTime(), ElapsedTime())
    with warnings.catch_warnings(), limit_threads(X.size, n_workers):
        # Poor candidates may not converge, which does not matter.
        warnings.simplefilter("ignore", ConvergenceWarning)
        with measure_time() as search_time:
            C = 1.0  # if there are too few images for a search
            if n_rarer >= N_FOLDS:
                mean_precisions = [
                    cross_val_score(
                        _svm(cost), X, y, cv=N_FOLDS, scoring="average_precision"
                    ).mean()
                    for cost in COSTS
                ]
                C = COSTS[int(np.argmax(mean_precisions))]
        with measure_time() as fit_time:
            model = _svm(C).fit(X, y)
    return _LabelResult(model.decision_function(X_test), C, search_time, fit_time)


def _svm(C: float) -> LinearSVC:
    # VISSL solves the dual problem, which with a high C and few features stops at its limit of
    # 2,000 iterations far from the solution.
    return LinearSVC(C=C, class_weight={1: 2, 0: 1}, max_iter=2000, dual=False)


def average_precision_variants(
    method_results: Sequence[MethodResult], test: LabelTable, averaged: NDArray[np.bool_]
) -> dict[str, dict[str, Any]]:
    """Compute the variants of AP of every method, averaged over the labels and label by label.

    Parameters
    ----------
    method_results : sequence of MethodResult
    test : LabelTable
        Test images in the order of the predictions.
    averaged : array of bool, shape (n_labels,)
        Labels in the averages.

    Returns
    -------
    dict
        By method and variant: "macro", and "per_label" with None where it is undefined.
    """
    return {
        method_result.method.name: {
            variant: _average_over_labels(function, method_result.scores, test, averaged)
            for variant, function in VARIANTS.items()
        }
        for method_result in method_results
        if not method_result.failed
    }


def _average_over_labels(
    function: Callable[[Array, Array], float],
    scores: Array,
    test: LabelTable,
    averaged: NDArray[np.bool_],
) -> dict[str, Any]:
    values: list[float | None] = []
    for j in range(test.n_labels):
        rows = test.known[:, j]
        y = test.Y[rows, j]
        if averaged[j] and y.any() and not y.all():
            values.append(round(function(y, scores[rows, j]), 5))
        else:
            values.append(None)
    defined = [value for value in values if value is not None]
    return {
        "macro": round(float(np.mean(defined)), 5) if defined else None,
        "per_label": values,
    }
