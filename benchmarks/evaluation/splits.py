"""Splits of the images into training and test images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...classifiers import MultilabelGroupKFold, MultilabelKFold
from ..data.tables import LabelTable
from ..utils import InputError

INNER_FOLDS = 3
DEFAULT_FOLDS = 5

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Fold:
    """Row numbers of the training images and of the test images."""

    train: Rows
    test: Rows


def outer_folds(table: LabelTable, folds: int | None, seed: int, repeats: int = 1) -> list[Fold]:
    """Return the split of the table, or seeded iterative-stratified folds.

    Parameters
    ----------
    table : LabelTable
    folds : int or None
        None: the split of the table if it has one, else 5 folds.
    seed : int
    repeats : int
        Number of repeated divisions into folds; every image is a test image once in each.
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
    """Return the rows that are test images of `outer_folds`, in the order of the table."""
    if folds is None and table.split is not None:
        return np.flatnonzero(table.split == "test")
    return np.arange(table.n_images)


def inner_folds(table: LabelTable, seed: int) -> list[Fold]:
    """Split the training images into folds, to choose parameters without the test images."""
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
    """Return the repeat and the fold of each test row, fold after fold.

    A new repeat starts with the fold that contains a test image of the current repeat again.

    Parameters
    ----------
    folds : sequence of Fold

    Returns
    -------
    array of int, shape (n_rows, 2)

    Examples
    --------
    >>> a, b = np.array([0]), np.array([1, 2])
    >>> fold_numbers([Fold(a, b), Fold(b, a), Fold(b, a)]).tolist()
    [[0, 0], [0, 0], [0, 1], [1, 2]]
    """
    numbers, tested, repeat = [], np.empty(0, dtype=np.intp), 0
    for number, fold in enumerate(folds):
        if np.isin(fold.test, tested).any():
            repeat, tested = repeat + 1, np.empty(0, dtype=np.intp)
        tested = np.concatenate([tested, fold.test])
        numbers.append(np.tile([repeat, number], (len(fold.test), 1)))
    return np.concatenate(numbers)


def relative_test_size(folds: list[Fold]) -> float:
    """Return the number of test images per training image of a fit."""
    return sum(len(fold.test) for fold in folds) / sum(len(fold.train) for fold in folds)


def describe_protocol(
    table: LabelTable, folds: int | None, seed: int, repeats: int = 1
) -> dict[str, Any]:
    """Return a description of the protocol, for `results.json`."""
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
        "thresholds": "per label, on the same out-of-fold probabilities: the fewest errors for"
        " Hamming loss and subset accuracy, the highest F1 for the F1 scores and Jaccard",
        "label_sets": "for subset accuracy, by subset accuracy on out-of-fold predictions: the"
        " labels above their thresholds or the label set that the method predicts, each unchanged"
        " or, if every training image has a label, with at least one label",
    }
