"""The folds that `cv` stands for."""

from collections.abc import Iterable
from typing import Any

from ._parameters import check_count, is_whole
from ._targets import Labels
from .multilabel_splits import MultilabelKFold

CrossValidation = int | Iterable[tuple[Any, Any]]
Folds = list[tuple[Any, Any]]


def seeded_folds(cv: Any, Y: Labels, random_state: Any) -> Folds:
    """Give the rows of each fold's training and test part.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test) rows
        A number means seeded stratified folds.
    Y : ndarray of shape (n_rows, n_labels)
    random_state : int, RandomState or None
        Of these.

    Raises
    ------
    ValueError
    """
    if is_whole(cv):
        check_count("cv", cv, at_least=2)
        if cv > len(Y):
            raise ValueError(f"cv={cv} folds cannot be made of {len(Y)} images.")
        cv = MultilabelKFold(int(cv), random_state=random_state)
    if hasattr(cv, "get_n_splits"):
        cv = cv.split(Y, Y)
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
