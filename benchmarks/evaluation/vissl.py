"""VISSL's protocol for linear probes of PASCAL VOC 2007, beside the comparison's own."""

import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.svm import LinearSVC

from ..data.tables import LabelTable
from ..metrics import average_precision, eleven_point_precision, interpolated_precision
from ..utils import InputError
from .cross_validation import MethodResult, scored_rows
from .methods import Method
from .splits import Fold

Array = NDArray[Any]

VISSL_METHOD = "vissl-svm"
COSTS = (0.01, 0.1, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 50.0, 100.0, 1000.0)
FOLDS = 3
FORMS = {
    "eleven_point": eleven_point_precision,
    "interpolated": interpolated_precision,
    "step": average_precision,
}
"""How average precision is counted: as VOC 2007, as VOC since 2010 and VISSL, as scikit-learn."""


def evaluate_vissl(
    X: Array, table: LabelTable, folds: Sequence[Fold], *, n_jobs: int = 1
) -> MethodResult:
    """Fit a linear support vector machine per label as VISSL does [1]_.

    Features of length 1, squared hinge, positive pictures weighted twice, C by the AP of three
    folds of the training pictures, for each label by itself. Pictures whose label is unknown
    (VOC's difficult objects) are left out of that label.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    table : LabelTable
    folds : sequence of Fold
    n_jobs : int
        Labels at the same time.

    Returns
    -------
    MethodResult
        A rival: margins through the logistic curve, which keeps their order; a margin above 0 is a
        yes.

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
        _cannot_be_fitted,
        "a linear SVM per label, as VISSL fits and tunes it",
        "linear SVM by VISSL",
        external=True,
    )
    method_result = MethodResult(method, scored_rows(folds), predict_seconds=np.nan)
    scores = []
    for fold in folds:
        Y, known = table.Y[fold.train], table.known[fold.train]
        found = Parallel(n_jobs=n_jobs)(
            delayed(_one_label)(unit[fold.train], Y[:, j], known[:, j], unit[fold.test])
            for j in range(table.n_labels)
        )
        scores.append(np.column_stack([expit(margin) for margin, *_ in found]))
        method_result.chosen.append(
            {label: cost for label, (_, cost, *_) in zip(table.labels, found, strict=True)}
        )
        method_result.choose_seconds += sum(one[2] for one in found)
        method_result.fit_seconds += sum(one[3] for one in found)
    method_result.scores = np.concatenate(scores)
    yes = (method_result.scores > 0.5).astype(np.uint8)
    method_result.predictions_by_aim = {"hamming": yes, "f1": yes, "set": yes}
    return method_result


def _cannot_be_fitted(seed: int) -> BaseEstimator:
    raise InputError(
        "VISSL's protocol tunes each label by itself; use --methods linear-svm instead"
    )


def _one_label(
    X: Array, y: Array, known: Array, judged: Array
) -> tuple[Array, float | None, float, float]:
    """Give the margins of the judged pictures, C, and the seconds to choose it and to fit."""
    X, y = X[known], y[known]
    rarest = min(int(y.sum()), int((1 - y).sum()))
    if not rarest:
        return np.full(len(judged), float(y[:1].sum()) * 2 - 1), None, 0.0, 0.0
    started = time.perf_counter()
    with warnings.catch_warnings():
        # A poor candidate may not converge, which is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        cost = 1.0  # too few pictures to choose by
        if rarest >= FOLDS:
            reached = [
                cross_val_score(_svm(C), X, y, cv=FOLDS, scoring="average_precision").mean()
                for C in COSTS
            ]
            cost = COSTS[int(np.argmax(reached))]
        chosen = time.perf_counter()
        model = _svm(cost).fit(X, y)
    fitted = time.perf_counter()
    return model.decision_function(judged), cost, chosen - started, fitted - chosen


def _svm(C: float) -> LinearSVC:
    # VISSL solves the same problem in the dual, which at a high C ends after its 2,000 rounds far
    # from the solution, where there are few features.
    return LinearSVC(C=C, class_weight={1: 2, 0: 1}, max_iter=2000, dual=False)


def average_precision_variants(
    method_results: Sequence[MethodResult], judged: LabelTable, averaged: NDArray[np.bool_]
) -> dict[str, dict[str, Any]]:
    """Give the AP of every method in each of its forms, averaged over labels and label by label.

    Parameters
    ----------
    method_results : sequence of MethodResult
    judged : LabelTable
        The pictures they are about, row by row.
    averaged : array of bool, shape (n_labels,)
        The labels that are judged.

    Returns
    -------
    dict
        By method and form: "macro", and "per_label" with None where there is nothing to judge.
    """
    return {
        method_result.method.name: {
            form: _over_labels(function, method_result.scores, judged, averaged)
            for form, function in FORMS.items()
        }
        for method_result in method_results
        if not method_result.failed
    }


def _over_labels(
    function: Any, scores: Array, judged: LabelTable, averaged: NDArray[np.bool_]
) -> dict[str, Any]:
    values: list[float | None] = []
    for j in range(judged.n_labels):
        rows = judged.known[:, j]
        y = judged.Y[rows, j]
        if averaged[j] and y.any() and not y.all():
            values.append(round(function(y, scores[rows, j]), 5))
        else:
            values.append(None)
    held = [value for value in values if value is not None]
    return {"macro": round(float(np.mean(held)), 5) if held else None, "per_label": values}
