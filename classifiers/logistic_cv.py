"""Repeated cat/no-cat with the penalty chosen on folds, for little more than one fit."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, log_loss

from ._lbfgs import minimise
from ._logistic_problem import LogisticProblem
from ._parameters import check_choice
from ._targets import Floats, Mask
from .logistic import ClassWeight, LogisticBinaryRelevance
from .multilabel_splits import MultilabelKFold

COLUMN_CELLS = 1 << 23  # scores of rows by columns solved at once
CHOICE_TOL = 1e-6  # a penalty is told from the next one long before the last digit

Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


class LogisticBinaryRelevanceCV(LogisticBinaryRelevance):
    """One L2-penalised logistic regression per label, C chosen by cross-validation.

    All folds of all labels are solved together on one factorisation of all features, each C
    starting from the solution of the one before. A choice is scored label by label on the pooled
    out-of-fold predictions.

    Parameters
    ----------
    Cs : array-like of float, default=(1e-4, 1e-3, 1e-2, 1e-1, 1)
    cv : int or iterable of (train, test) indices, default=5
        A number means seeded stratified folds.
    scoring : {"average_precision", "log_loss"}, default="average_precision"
    per_label : bool, default=False
        Choose one C for each label instead of one for all.
    class_weight, tol, max_iter
        As for `LogisticBinaryRelevance`.

    Attributes
    ----------
    C_ : float, or ndarray of shape (n_varying_labels,) if per label
    scores_ : ndarray of shape (n_Cs, n_varying_labels)
        Out of fold, higher is better.
    coef_, intercept_, n_iter_
        As for `LogisticBinaryRelevance`, fitted to all rows with the chosen C.

    Examples
    --------
    >>> from catnocat.classifiers import LogisticBinaryRelevanceCV
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LogisticBinaryRelevanceCV().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"C {model.C_:g}: {label_ranking_average_precision_score(Y[400:], P):.2f}"
    'C 0.1: 0.95'
    """

    def __init__(
        self,
        Cs: ArrayLike = (1e-4, 1e-3, 1e-2, 1e-1, 1),
        cv: int | Iterable[tuple[Any, Any]] = 5,
        scoring: Literal["average_precision", "log_loss"] = "average_precision",
        per_label: bool = False,
        class_weight: ClassWeight = None,
        tol: float = 1e-8,
        max_iter: int = 1000,
    ) -> None:
        self.Cs = Cs
        self.cv = cv
        self.scoring = scoring
        self.per_label = per_label
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter

    def _penalties(self, problem: LogisticProblem) -> Floats:
        check_choice("scoring", self.scoring, ("average_precision", "log_loss"))
        Cs = np.sort(np.asarray(self.Cs, dtype=np.float64).ravel())
        if not len(Cs) or not (Cs > 0).all():
            raise ValueError(f"Cs must hold numbers above 0, got {self.Cs!r}.")
        Y = problem.Y
        if isinstance(self.cv, int):
            folds = list(MultilabelKFold(self.cv).split(Y, Y))
        else:
            folds = list(self.cv)
        held_out = np.broadcast_to(problem.weight, Y.shape).copy()
        held_out[~np.isin(np.arange(len(Y)), np.concatenate([test for _, test in folds]))] = 0
        path = out_of_fold(problem, folds, Cs, self.max_iter)
        self.scores_ = np.array([_scores(Y, Z, held_out, self.scoring) for Z in path])
        if self.per_label:
            self.C_ = Cs[self.scores_.argmax(axis=0)]
        else:
            self.C_ = Cs[self.scores_.mean(axis=1).argmax()]
        return np.broadcast_to(self.C_, Y.shape[1])


def out_of_fold(
    problem: LogisticProblem, folds: Folds, Cs: Floats, max_iter: int
) -> NDArray[np.floating]:
    """Give the log-odds of each row by the models that did not see it.

    Returns
    -------
    ndarray of shape (n_Cs, n_rows, n_labels)
        Rows in no fold's test part are 0.
    """
    n_rows, n_labels = problem.Y.shape
    found = np.zeros((len(Cs), n_rows, n_labels), dtype=problem.Y.dtype)
    for fold, labels in _batches(len(folds), n_labels, n_rows):
        weight = np.broadcast_to(problem.weight, problem.Y.shape)[:, labels].copy()
        for column, number in enumerate(fold):
            left_out = np.ones(n_rows, dtype=bool)
            left_out[folds[number][0]] = False
            weight[left_out, column] = 0
        part = LogisticProblem(problem.basis, problem.Y[:, labels], problem.C[labels], weight)
        varies = (weight * part.Y).any(axis=0) & (weight * (1 - part.Y)).any(axis=0)
        always = (weight * part.Y).any(axis=0)
        Z = np.where(always, 1, -1) * np.log(2 * np.full_like(part.Y, n_rows))
        part = part.keep(varies)
        P = part.start() if varies.any() else np.empty(0)
        for number, C in enumerate(Cs):
            if varies.any():
                part = replace(part, C=np.full_like(part.C, C))
                P, _ = minimise(part, P, CHOICE_TOL, max_iter)
                Z[:, varies] = part.scores(P)
            for column, (of_fold, label) in enumerate(zip(fold, labels, strict=True)):
                test = folds[of_fold][1]
                found[number, test, label] = Z[test, column]
    return found


def _batches(
    n_folds: int, n_labels: int, n_rows: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give the fold and label of the columns to solve at once: as many as memory is meant for."""
    fold, label = (part.ravel() for part in np.indices((n_folds, n_labels)))
    size = max(1, COLUMN_CELLS // n_rows)
    for start in range(0, len(fold), size):
        yield fold[start : start + size], label[start : start + size]


def _scores(Y: Floats, Z: Floats, weight: Floats, scoring: str) -> NDArray[np.float64]:
    scores = np.zeros(Y.shape[1])
    for label in range(Y.shape[1]):
        counted: Mask = weight[:, label] > 0
        y, z, w = Y[counted, label], Z[counted, label], weight[counted, label]
        if not y.any():
            continue  # nothing to rank: alike for every C
        if scoring == "average_precision":
            scores[label] = average_precision_score(y, z, sample_weight=w)
        else:
            chance = 1 / (1 + np.exp(-z.astype(np.float64)))
            scores[label] = -log_loss(y, chance, sample_weight=w, labels=[0, 1])
    return scores
