"""Cross-validation in one batch: each fold of each label is a column of the same problem."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, Mask
from .lbfgs import minimize_lbfgs
from .linear_problem import LinearProblem

COLUMN_CELLS = 1 << 23  # rows times columns solved at once

Folds = list[tuple[Any, Any]]


class HeldOutPredictors(NamedTuple):
    """Out-of-fold linear predictors with the weight of each.

    Attributes
    ----------
    Z : ndarray of shape (n_Cs, n_rows, n_labels)
    weight : ndarray of shape (n_rows, n_labels)
        0 for rows in no test fold, for labels that are constant in the training folds, and where
        the problem has zero weight.
    """

    Z: Floats
    weight: Floats


def held_out_predictors(
    problem: LinearProblem,
    folds: Folds,
    Cs: list[Any],
    tol: float,
    max_iter: int,
    start: Floats | None = None,
) -> HeldOutPredictors:
    """Solve all folds of all labels together, with warm starts along the path of C.

    Parameters
    ----------
    problem : LinearProblem
        The problem on all rows.
    folds : list of (train, test)
        Row indices or masks; the test folds do not overlap.
    Cs : list of float or of ndarray of shape (n_labels,)
        Preferably in ascending order.
    tol : float
    max_iter : int
    start : ndarray of shape (n_parameters, n_labels), default=None
        Starting point of all folds.
    """
    n_rows, n_labels = problem.sign.shape
    all_weights = np.ones((1, 1), problem.sign.dtype) if problem.weight is None else problem.weight
    all_weights = np.broadcast_to(all_weights, problem.sign.shape)
    Z = np.zeros((len(Cs), n_rows, n_labels), dtype=problem.sign.dtype)
    counted = np.zeros((n_rows, n_labels), dtype=problem.sign.dtype)
    for fold, label in _batches(len(folds), n_labels, n_rows):
        sign, weight = problem.sign[:, label], np.zeros((n_rows, len(fold)), dtype=Z.dtype)
        for column, (number, of) in enumerate(zip(fold, label, strict=True)):
            train = folds[number][0]
            weight[train, column] = all_weights[train, of]
        varying = _varies(sign, weight)
        fold, label = fold[varying], label[varying]
        if not len(fold):
            continue
        part = replace(problem, sign=sign[:, varying], weight=weight[:, varying])
        P = None if start is None else start[:, label]
        for number, C in enumerate(Cs):
            each = np.broadcast_to(C, n_labels)[label].astype(Z.dtype)
            part = replace(part, C=each)
            P = minimize_lbfgs(part, part.start() if P is None else P, tol, max_iter)[0]
            predicted = part.scores(P)
            for column, (of_fold, of) in enumerate(zip(fold, label, strict=True)):
                test = folds[of_fold][1]
                Z[number, test, of] = predicted[test, column]
                counted[test, of] = all_weights[test, of]
    return HeldOutPredictors(Z, counted)


def _varies(sign: Floats, weight: Floats) -> Mask:
    present = np.einsum("ij,ij->j", weight, sign > 0)
    absent = np.einsum("ij,ij->j", weight, sign < 0)
    both: Mask = (present > 0) & (absent > 0)
    return both


def _batches(
    n_folds: int, n_labels: int, n_rows: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the folds and labels of batches of columns of limited size."""
    fold, label = (part.ravel() for part in np.indices((n_folds, n_labels)))
    size = max(1, COLUMN_CELLS // n_rows)
    for start in range(0, len(fold), size):
        yield fold[start : start + size], label[start : start + size]
