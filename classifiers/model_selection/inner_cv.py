"""Inner cross-validation folds and held-out splits."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .._base import Labels, check_count, is_whole
from .splitters import MultilabelGroupKFold, MultilabelKFold, MultilabelShuffleSplit

CrossValidation = int | Iterable[tuple[Any, Any]]
Folds = list[tuple[Any, Any]]


def held_out_split(
    Y: Labels, share: float, random_state: Any, groups: Any = None
) -> tuple[Any, Any]:
    """Split rows into training and held-out rows.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_labels)
    share : float
        Fraction of rows to hold out; with groups, the nearest whole fold, and at most half.
    random_state : int, RandomState or None
    groups : ndarray of shape (n_rows,), default=None
        Groups are not split.

    Raises
    ------
    ValueError
        If there is only one group.
    """
    if groups is None:
        splitter = MultilabelShuffleSplit(test_size=share, random_state=random_state)
        return next(splitter.split(Y, Y))
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError("Cannot hold out images: all of them are in one group.")
    n_folds = min(max(2, round(1 / share)), n_groups)
    return next(MultilabelGroupKFold(n_folds, random_state=random_state).split(Y, Y, groups))


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
    """
    if is_whole(cv):
        check_count("cv", cv, at_least=2)
        if cv > len(Y):
            raise ValueError(f"cv={cv} folds cannot be made of {len(Y)} images.")
        if groups is None:
            cv = MultilabelKFold(int(cv), random_state=random_state)
        else:
            cv = MultilabelGroupKFold(int(cv), random_state=random_state)
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
    return folds
