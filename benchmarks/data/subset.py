"""Samples of the images, and selections of the labels, of a data set."""

import numpy as np
from numpy.typing import NDArray

from ..utils import InputError
from .tables import LabelTable

Rows = NDArray[np.intp]

_FOLDS = 5
_MOST_SWAPS = 200


def sample_rows(table: LabelTable, limit: int, seed: int = 0) -> Rows:
    """Sample rows so that each label, and each part of the split, keeps its share.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011), one label at a time: first the
    rarest label, then the rarest label of the remaining images, and so on.

    Parameters
    ----------
    table : LabelTable
    limit : int
        Number of rows; all rows if the table has fewer.
    seed : int

    Returns
    -------
    array of int, shape (min(limit, n_images),)
        In the order of the table; deterministic for a seed.

    Raises
    ------
    InputError
        If the limit is not a positive number.

    Examples
    --------
    >>> names = [str(i) for i in range(10)]
    >>> Y = [[1, 0]] * 6 + [[0, 1]] * 4
    >>> table = LabelTable("t", "t.csv", names, names, ["cat", "dog"], Y, np.ones((10, 2)))
    >>> table.take(sample_rows(table, 5)).Y.sum(axis=0).tolist()
    [3, 2]
    """
    if limit < 1:
        raise InputError(f"--limit {limit}: must be at least 1")
    if limit >= table.n_images:
        return np.arange(table.n_images)
    random = np.random.default_rng(seed)
    parts = np.zeros(table.n_images) if table.split is None else table.split
    rows = [np.flatnonzero(parts == part) for part in np.unique(parts)]
    numbers = _allocate(limit, np.array([len(of_part) for of_part in rows]))
    drawn = [
        of_part[_stratified(table.Y[of_part], number, random)]
        for of_part, number in zip(rows, numbers.tolist(), strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def _allocate(limit: int, sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the number of rows of each part, at least one each if the limit allows."""
    exact = limit * sizes / sizes.sum()
    numbers = np.maximum(np.floor(exact).astype(np.intp), min(1, limit // len(sizes)))
    while numbers.sum() < limit:
        numbers[np.argmax(np.where(numbers < sizes, exact - numbers, -np.inf))] += 1
    while numbers.sum() > limit:
        numbers[np.argmax(numbers - exact)] -= 1
    return np.asarray(numbers)


def _stratified(Y: NDArray[np.uint8], number: int, random: np.random.Generator) -> Rows:
    # Rounded at random, so that labels too rare for one whole image are not always left out.
    target = np.floor(Y.sum(axis=0) * (number / len(Y)) + random.random(Y.shape[1]))
    taken = np.zeros(len(Y), dtype=np.bool_)
    left = np.ones(len(Y), dtype=np.bool_)
    while (carried := Y[left].sum(axis=0)).any():
        label = int(np.argmin(np.where(carried > 0, carried, np.iinfo(np.int64).max)))
        rows = random.permutation(np.flatnonzero(left & (Y[:, label] == 1)))
        share = int(np.clip(target[label] - Y[taken, label].sum(), 0, len(rows)))
        taken[rows[:share]] = True
        left[rows] = False
    rest = random.permutation(np.flatnonzero(left))
    taken[rest[: max(number - int(taken.sum()), 0)]] = True
    _adjust(Y.astype(np.float32), taken, number, target.astype(np.float32))
    return np.flatnonzero(taken)


def _adjust(
    Y: NDArray[np.float32], taken: NDArray[np.bool_], number: int, target: NDArray[np.float32]
) -> None:
    """Reach the exact number, then swap rows as long as that improves the balance of labels."""
    size = Y.sum(axis=1)
    for _ in range(_MOST_SWAPS):
        excess = int(taken.sum()) - number
        before = taken.copy()
        # Decrease of the squared distance to the target counts if a row is added or removed.
        if excess <= 0:
            gain = 2 * Y @ (target - Y[taken].sum(axis=0)) - size
            added = int(np.argmax(np.where(taken, -np.inf, gain)))
            gained = gain[added]
            taken[added] = True
        if excess >= 0:
            gain = -2 * Y @ (target - Y[taken].sum(axis=0)) - size
            removed = int(np.argmax(np.where(taken, gain, -np.inf)))
            taken[removed] = False
            if excess == 0 and gained + gain[removed] <= 1e-3:
                taken[:] = before
                return


def with_min_positives(table: LabelTable, least: int) -> LabelTable:
    """Leave out labels with fewer than `least` images; all images are kept.

    Parameters
    ----------
    table : LabelTable
    least : int
        Minimum number of images with a label.

    Raises
    ------
    InputError
        If no label is left.

    Examples
    --------
    >>> table = LabelTable(
    ...     "t", "t.csv", ["a", "b"], ["a", "b"], ["cat", "dog"], [[1, 1], [1, 0]], np.ones((2, 2))
    ... )
    >>> with_min_positives(table, 2).labels
    ('cat',)
    """
    positives = table.Y.sum(axis=0)
    keep = np.flatnonzero(positives >= least)
    if not keep.size:
        raise InputError(
            f"--min-positives {least}: no label of {table.source} has as many images; the most "
            f"frequent, {table.labels[int(positives.argmax())]!r}, has {positives.max()}"
        )
    return table.take_labels(keep)


def scorable_labels(table: LabelTable, folds: int | None = None) -> NDArray[np.bool_]:
    """Return which labels have enough images to be evaluated.

    In K folds a label needs at least K images with it and K without it, so that each fold can have
    one of each; with the table's own split it needs one of each in both parts.

    Parameters
    ----------
    table : LabelTable
    folds : int or None
        None: the table's own split if it has one, else 5 folds.

    Returns
    -------
    array of bool, shape (n_labels,)

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> Y = [[1, 1], [0, 1], [1, 0]]
    >>> table = LabelTable("t", "t.csv", names, names, ["cat", "dog"], Y, np.ones((3, 2)))
    >>> scorable_labels(table, 2).tolist()
    [False, False]
    """
    if folds is None and table.split is not None:
        sides, least = [table.split == "train", table.split == "test"], 1
    else:
        sides, least = [np.ones(table.n_images, dtype=np.bool_)], folds or _FOLDS
    positive = table.Y == 1
    negative = table.known & ~positive
    enough = [kind[side].sum(axis=0) >= least for side in sides for kind in (positive, negative)]
    return np.asarray(np.all(enough, axis=0))
