"""Seeded multi-label stratified folds and train/test splits."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold, MultilabelStratifiedShuffleSplit
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.model_selection import BaseCrossValidator
from sklearn.model_selection._split import GroupsConsumerMixin
from sklearn.utils import check_array, check_random_state

from .._base import (
    Labels,
    are_label_sets,
    check_count,
    check_flag,
    check_number,
    is_whole,
    label_matrix,
    read_targets,
)

Split = tuple[NDArray[np.intp], NDArray[np.intp]]


class MultilabelKFold(GroupsConsumerMixin, BaseCrossValidator):
    """Multi-label stratified k-fold by iterative stratification.

    Images without labels are stratified as a label of their own. A label with fewer images than
    folds is in as many test folds as it has images. If groups are given, they are kept whole, as by
    `MultilabelGroupKFold`.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=True
        Whether the images are shuffled first. If False, images are assigned in their order, and
        `random_state` decides only between folds that suit an image equally well.
    random_state : int, RandomState instance or None, default=0
        An integer gives the same folds on every call.

    See Also
    --------
    MultilabelGroupKFold : Requires groups.

    References
    ----------
    Sechidis, K., Tsoumakas, G., Vlahavas, I. (2011). On the stratification of multi-label data.
    ECML PKDD 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from catnocat.classifiers import MultilabelKFold
    >>> Y = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0], [0, 0]])
    >>> [int(Y[test].sum()) for _, test in MultilabelKFold(2).split(Y, Y)]
    [2, 2]
    """

    def __init__(self, n_splits: int = 5, *, shuffle: bool = True, random_state: Any = 0) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        return self.n_splits

    def split(self, X: Any, y: ArrayLike, groups: Any = None) -> Iterator[Split]:
        """Yield the training and test row indices of each fold.

        Parameters
        ----------
        X : ignored
        y : array-like or sparse matrix of shape (n_images, n_labels)
        groups : array-like of shape (n_images,), default=None
            Images of one group are in the same fold.

        Raises
        ------
        ValueError
            If there are fewer than two folds, or fewer images or groups than folds.
        """
        check_flag("shuffle", self.shuffle)
        if groups is not None:
            whole = MultilabelGroupKFold(
                self.n_splits, shuffle=self.shuffle, random_state=self.random_state
            )
            yield from whole.split(X, y, groups)
            return
        Y = _with_no_label(y)
        _check_folds(self.n_splits, len(Y), "images")
        folds = MultilabelStratifiedKFold(
            self.n_splits, shuffle=True, random_state=self.random_state
        )
        folds.shuffle = self.shuffle  # the constructor refuses a seed without shuffling
        yield from folds.split(Y, Y)


class MultilabelGroupKFold(GroupsConsumerMixin, BaseCrossValidator):
    """Multi-label stratified k-fold that does not split groups.

    Groups are assigned greedily, those with the largest share of any label first, each to the fold
    that makes the label distribution most even.

    Parameters
    ----------
    n_splits : int, default=5
    shuffle : bool, default=True
        Whether equivalent groups are assigned in random order, instead of in sorted order.
    random_state : int, RandomState instance or None, default=0
        Seed of the random order.

    Examples
    --------
    >>> import numpy as np
    >>> from catnocat.classifiers import MultilabelGroupKFold
    >>> Y, groups = np.array([[1], [0], [1], [0]]), ["a", "a", "b", "b"]
    >>> [test.tolist() for _, test in MultilabelGroupKFold(2).split(Y, Y, groups)]
    [[2, 3], [0, 1]]
    """

    def __init__(self, n_splits: int = 5, *, shuffle: bool = True, random_state: Any = 0) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds."""
        return self.n_splits

    def split(self, X: Any, y: ArrayLike, groups: Any = None) -> Iterator[Split]:
        """Yield the training and test row indices of each fold.

        Parameters
        ----------
        X : ignored
        y : array-like or sparse matrix of shape (n_images, n_labels)
        groups : array-like of shape (n_images,)
            Images of one group are in the same fold.

        Raises
        ------
        ValueError
            If there are no groups, or fewer of them than folds.
        """
        check_flag("shuffle", self.shuffle)
        if groups is None:
            raise ValueError("groups must be given: one name or number per image.")
        Y = _with_no_label(y)
        group = _group_numbers(groups, len(Y))
        _check_folds(self.n_splits, group.max() + 1, "groups")
        content = np.zeros((group.max() + 1, Y.shape[1] + 1))  # images with each label, and images
        np.add.at(content, group, np.column_stack([Y, np.ones(len(Y))]))
        content = content[:, content.any(axis=0)]
        fold = self._place(content / content.sum(axis=0))[group]
        for number in range(self.n_splits):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)

    def _place(self, shares: NDArray[np.float64]) -> NDArray[np.intp]:
        """Assign each group to a fold, given its share of the images of every label."""
        shuffled = np.arange(len(shares))
        if self.shuffle:
            shuffled = check_random_state(self.random_state).permutation(len(shares))
        order = shuffled[np.argsort(-shares[shuffled].max(axis=1), kind="stable")]
        load = np.zeros((self.n_splits, shares.shape[1]))
        fold = np.empty(len(shares), dtype=np.intp)
        for left, group in zip(range(len(order), 0, -1), order, strict=True):
            # The increase of the sum of squares, which is smallest when loads are even.
            cost = 2 * load @ shares[group]
            empty = ~load.any(axis=1)
            if empty.sum() >= left:  # the last groups go to empty folds
                cost[~empty] = np.inf
            fold[group] = cost.argmin()
            load[fold[group]] += shares[group]
        return fold


class MultilabelShuffleSplit(GroupsConsumerMixin, BaseCrossValidator):
    """Random stratified train/test splits.

    Parameters
    ----------
    n_splits : int, default=1
    test_size : float or int, default=0.25
        Fraction or number of test images; approximate. With groups it is rounded to 1/2, 1/3, 1/4
        and so on of the images.
    random_state : int, RandomState instance or None, default=0

    Examples
    --------
    >>> import numpy as np
    >>> from catnocat.classifiers import MultilabelShuffleSplit
    >>> Y = np.repeat(np.eye(4, dtype=int), 8, axis=0)
    >>> train, test = next(MultilabelShuffleSplit().split(Y, Y))
    >>> Y[test].sum(axis=0).tolist()
    [2, 2, 2, 2]
    """

    def __init__(
        self, n_splits: int = 1, *, test_size: float = 0.25, random_state: Any = 0
    ) -> None:
        self.n_splits = n_splits
        self.test_size = test_size
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of splits."""
        return self.n_splits

    def split(self, X: Any, y: ArrayLike, groups: Any = None) -> Iterator[Split]:
        """Yield the training and test row indices of each split.

        Parameters
        ----------
        X : ignored
        y : array-like or sparse matrix of shape (n_images, n_labels)
        groups : array-like of shape (n_images,), default=None
            Images of one group are all training or all test images.

        Raises
        ------
        ValueError
            If one of the parts would be empty.
        """
        check_count("n_splits", self.n_splits)
        if not is_whole(self.test_size):
            check_number("test_size", self.test_size, above=0, below=1)
        Y = _with_no_label(y)
        if groups is not None:
            yield from self._split_groups(Y, _group_numbers(groups, len(Y)))
            return
        splits = MultilabelStratifiedShuffleSplit(
            self.n_splits, test_size=self.test_size, random_state=self.random_state
        )
        for train, test in splits.split(Y, Y):
            if not len(train) or not len(test):
                raise ValueError(
                    f"MultilabelShuffleSplit cannot hold out {self.test_size} of {len(Y)} images."
                )
            yield train, test

    def _split_groups(self, Y: Labels, group: NDArray[np.intp]) -> Iterator[Split]:
        n_groups = int(group.max()) + 1
        if n_groups < 2:
            raise ValueError("Cannot hold out images: all of them are in one group.")
        share = self.test_size / len(Y) if is_whole(self.test_size) else self.test_size
        n_folds = min(max(2, round(1 / share)), n_groups)
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            yield next(MultilabelGroupKFold(n_folds, random_state=rng).split(Y, Y, group))


def _with_no_label(y: Any) -> Labels:
    """Return the label matrix with an additional column for images without labels."""
    if are_label_sets(y):
        y, _ = label_matrix(y)
    checked = y if issparse(y) else check_array(y, dtype=None, ensure_2d=False, input_name="y")
    Y, _ = read_targets(checked)
    return np.column_stack([Y, ~Y.any(axis=1)]).astype(np.uint8)


def _group_numbers(groups: Any, n_rows: int) -> NDArray[np.intp]:
    """Return the groups as numbers 0, 1, ... in sorted order."""
    try:
        _, numbers = np.unique(np.asarray(groups), return_inverse=True)
    except TypeError:
        raise ValueError("groups must be all names or all numbers.") from None
    if len(numbers) != n_rows:
        raise ValueError(f"groups must be one per image, got {len(numbers)} for {n_rows} images.")
    return numbers


def _check_folds(n_splits: int, n_parts: int, parts: str) -> None:
    check_count("n_splits", n_splits, at_least=2)
    if n_parts < n_splits:
        raise ValueError(f"Cannot make {n_splits} folds of {n_parts} {parts}.")
