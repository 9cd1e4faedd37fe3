"""Inner cross-validation folds and held-out splits."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .._base import Labels, check_count, is_whole
from .splitters import MultilabelKFold, MultilabelShuffleSplit

CrossValidation = int | Iterable[tuple[Any, Any]]
Folds = list[tuple[Any, Any]]


def held_out_split(
    Y: Labels, share: float, random_state: Any, groups: Any = None
) -> tuple[Any, Any]:
    """Split rows into training and held-out rows, as `MultilabelShuffleSplit` does.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_labels)
    share : float
        Fraction of rows to hold out.
    random_state : int, RandomState or None
    groups : ndarray of shape (n_rows,), default=None
        Groups are not split.

    Raises
    ------
    ValueError
        If there is only one group.
    """
    splitter = MultilabelShuffleSplit(test_size=share, random_state=random_state)
    return next(splitter.split(Y, Y, groups))


def seeded_folds(cv: Any, Y: Labels, random_state: Any, groups: Any = None) -> Folds:
    """Return the training and test rows of each fold.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test) rows
        An integer is a number of seeded stratified folds.
    Y : ndarray of shape (n_rows, n_labels)
    random_state : int, RandomState or None
        Seed of these folds.
    groups : ndarray of shape (n_rows,), default=None
        Groups are not split by a number of folds, and are passed on to a splitter.

    Raises
    ------
    ValueError
        If `cv` is none of these, or holds precomputed splits of another number of rows, which is
        what a part of the data inside an outer cross-validation has.
    """
    if is_whole(cv):
        check_count("cv", cv, at_least=2)
        if cv > len(Y):
            raise ValueError(f"cv={cv} folds cannot be made of {len(Y)} images.")
        cv = MultilabelKFold(int(cv), random_state=random_state)
    if hasattr(cv, "get_n_splits"):
        cv = cv.split(Y, Y, groups)
    try:
        folds = [] if isinstance(cv, str) else [(train, test) for train, test in cv]
    except TypeError:
        folds = []
    if not folds:
        raise ValueError(
            "cv must be a number of folds, a splitter, or pairs of training and test rows, "
            f"got {cv!r}."
        )
    _check_precomputed(folds, len(Y))
    return folds


def _check_precomputed(folds: Folds, n_rows: int) -> None:
    """Raise ValueError if precomputed splits index rows that do not exist, or are masks of more."""
    highest = -1
    for rows in (np.asarray(part) for fold in folds for part in fold):
        if rows.dtype == bool:
            highest = max(highest, len(rows) - 1)
            mismatch = len(rows) != n_rows
        else:
            highest = max(highest, int(rows.max(initial=-1)))
            mismatch = highest >= n_rows
        if mismatch:
            raise ValueError(
                f"cv holds precomputed splits of at least {highest + 1} images, but `fit` got "
                f"{n_rows}. Inside an outer cross-validation `fit` gets a part of the images, to "
                "which precomputed splits do not apply: set cv to a number of folds or a splitter, "
                "and pass groups to `fit` if images belong together."
            )
