"""Which images a method learns from and which it is judged on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...classifiers import MultilabelGroupKFold, MultilabelKFold
from ..data.tables import LabelTable
from ..options import DEFAULT_FOLDS
from ..utils import InputError

INNER_FOLDS = 3

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Fold:
    """Row numbers to train on and, disjoint from them, to test on."""

    train: Rows
    test: Rows


def outer_folds(table: LabelTable, folds: int | None, seed: int, repeats: int = 1) -> list[Fold]:
    """Split a table as it says itself, or into seeded iterative-stratified folds.

    Parameters
    ----------
    table : LabelTable
    folds : int or None
        None: the table's own split where it has one, else 5 folds.
    seed : int
    repeats : int
        How many times to divide the table anew into folds; every image is judged once in each.
    """
    if folds is None and table.split is not None:
        train, test = (np.flatnonzero(table.split == part) for part in ("train", "test"))
        if not train.size or not test.size:
            raise InputError(
                f"{table.source}: no readable image is left in its"
                f" {'test' if train.size else 'train'} split; give --folds K instead."
            )
        return [Fold(train, test)]
    return [
        fold
        for repeat in range(repeats)
        for fold in _stratified(table, folds or DEFAULT_FOLDS, seed + repeat)
    ]


def planned_test_rows(table: LabelTable, folds: int | None) -> Rows:
    """Give the rows that `outer_folds` will judge."""
    if folds is None and table.split is not None:
        return np.flatnonzero(table.split == "test")
    return np.arange(table.n_images)


def inner_folds(table: LabelTable, seed: int) -> list[Fold]:
    """Split the training images once more, to choose parameters without the test images."""
    return _stratified(table, INNER_FOLDS, seed)


def _stratified(table: LabelTable, folds: int, seed: int) -> list[Fold]:
    if table.n_images < 2 * folds:
        raise InputError(
            f"{table.source}: {table.n_images} readable images are too few for {folds} folds;"
            " give more images, or fewer --folds."
        )
    if table.group is None:
        splitter = MultilabelKFold(folds, random_state=seed)
    else:
        groups = len(np.unique(table.group))
        if groups < folds:
            raise InputError(
                f"{table.source}: {groups} groups are too few for {folds} folds that keep groups"
                " whole; give fewer --folds."
            )
        splitter = MultilabelGroupKFold(folds, random_state=seed)
    return [Fold(*rows) for rows in splitter.split(table.Y, table.Y, table.group)]


def fold_numbers(folds: Sequence[Fold]) -> Rows:
    """Return the repeat and the fold of each judged row, fold after fold.

    A new repeat starts with a fold that tests an image which the current one has tested before.

    Parameters
    ----------
    folds : sequence of Fold

    Returns
    -------
    array of int, shape (n_judged, 2)

    Examples
    --------
    >>> a, b = np.array([0]), np.array([1, 2])
    >>> fold_numbers([Fold(a, b), Fold(b, a), Fold(b, a)]).tolist()
    [[0, 0], [0, 0], [0, 1], [1, 2]]
    """
    numbers, seen, repeat = [], np.empty(0, dtype=np.intp), 0
    for number, fold in enumerate(folds):
        if np.isin(fold.test, seen).any():
            repeat, seen = repeat + 1, np.empty(0, dtype=np.intp)
        seen = np.concatenate([seen, fold.test])
        numbers.append(np.tile([repeat, number], (len(fold.test), 1)))
    return np.concatenate(numbers)


def test_to_train(folds: list[Fold]) -> float:
    """Give how many images a model judges for every one it learned from."""
    return sum(len(fold.test) for fold in folds) / sum(len(fold.train) for fold in folds)


def describe(table: LabelTable, folds: int | None, seed: int, repeats: int = 1) -> dict[str, Any]:
    """State the protocol in words and figures, for `results.json`."""
    own_split = folds is None and table.split is not None
    return {
        "split": "the table's own"
        if own_split
        else "iterative-stratified folds"
        + ("" if table.group is None else " that keep groups whole"),
        "folds": 1 if own_split else folds or DEFAULT_FOLDS,
        "repeats": repeats,
        "inner_folds": INNER_FOLDS,
        "seed": seed,
        "features": "standardised on the training images of each fold",
        "chosen_by": "once per base learner and fold, on the out-of-fold probabilities of the inner"
        " folds: of the candidates within one standard error of the highest macro average"
        " precision, the one with the lowest log-loss",
        "thresholds": "per label, on the same out-of-fold probabilities: the fewest wrong answers"
        " for Hamming loss and subset accuracy, the highest F1 for the F1s and Jaccard",
        "label_sets": "for subset accuracy, by the whole sets right on held-out images: the labels"
        " above their thresholds or the set that the method finds, each as it is or, where"
        " every training image has a label, with at least one label",
    }
