"""Every fold of every label as one more column of the same problem."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, Mask
from .lbfgs import minimise
from .linear_problem import LinearProblem

COLUMN_CELLS = 1 << 23  # predictors of rows by columns solved at once

Folds = list[tuple[Any, Any]]


class HeldOutPredictors(NamedTuple):
    """What models that did not see a row say of it.

    Attributes
    ----------
    Z : ndarray of shape (n_Cs, n_rows, n_labels)
    weight : ndarray of shape (n_rows, n_labels)
        0 where there is no such model: rows in no test part, and labels that a fold's models saw
        only present or only absent; and where the problem gives no weight.
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
    """Solve all folds of all labels together, each C from the solution of the one before.

    Parameters
    ----------
    problem : LinearProblem
        Of all rows.
    folds : list of (train, test)
        Row numbers or masks; the test parts do not overlap.
    Cs : list of float or of ndarray of shape (n_labels,)
        Best in rising order.
    tol : float
    max_iter : int
    start : ndarray of shape (n_parameters, n_labels), default=None
        Where all folds start.
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
        learnt = _varies(sign, weight)
        fold, label = fold[learnt], label[learnt]
        if not len(fold):
            continue
        part = replace(problem, sign=sign[:, learnt], weight=weight[:, learnt])
        P = None if start is None else start[:, label]
        for number, C in enumerate(Cs):
            each = np.broadcast_to(C, n_labels)[label].astype(Z.dtype)
            part = replace(part, C=each)
            P = minimise(part, part.start() if P is None else P, tol, max_iter)[0]
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
    """Give the fold and label of the columns to solve at once: as many as memory is meant for."""
    fold, label = (part.ravel() for part in np.indices((n_folds, n_labels)))
    size = max(1, COLUMN_CELLS // n_rows)
    for start in range(0, len(fold), size):
        yield fold[start : start + size], label[start : start + size]
