"""Conversion between label sets and the label matrix."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from .targets import Labels, read_targets

COLLECTIONS = (set, frozenset, list, tuple)


def label_matrix(labels: Any, names: Sequence[Any] | None = None) -> tuple[Labels, NDArray[Any]]:
    """Convert label sets to a label matrix.

    Parameters
    ----------
    labels : iterable of iterables, data frame, sparse matrix or array
        One set, list or tuple of names per image; or a matrix of 0 and 1, one column per label.
    names : sequence, default=None
        Label names in column order. None: the sorted names that occur, the columns of a data
        frame, or the column indices of a matrix.

    Returns
    -------
    Y : ndarray of uint8 of shape (n_images, n_labels)
    names : ndarray of shape (n_labels,)

    Raises
    ------
    ValueError
        If a label is not among the names, a string is given in place of a set, or a matrix has
        values other than 0 and 1.

    See Also
    --------
    label_sets : The inverse.

    Examples
    --------
    >>> from catnocat.classifiers import label_matrix
    >>> Y, names = label_matrix([{"cat", "dog"}, {"cat"}, set()])
    >>> Y.tolist(), names.tolist()
    ([[1, 1], [1, 0], [0, 0]], ['cat', 'dog'])
    """
    if getattr(labels, "ndim", 1) > 1:
        return _of_matrix(labels, names)
    sets = [_one_set(row, given) for row, given in enumerate(labels)]
    words = list(set().union(*sets)) if names is None else list(names)
    column = _columns_of(sorted(words) if names is None else words)
    Y = np.zeros((len(sets), len(column)), dtype=np.uint8)
    for row, members in enumerate(sets):
        for name in members:
            if name not in column:
                raise ValueError(f"Label {name!r} of image {row} is not among the names given.")
            Y[row, column[name]] = 1
    return Y, _as_array(list(column))


def label_sets(Y: Any, names: Sequence[Any] | None = None) -> list[set[Any]]:
    """Convert a label matrix to one set of label names per image.

    Parameters
    ----------
    Y : array-like, sparse matrix or data frame of shape (n_images, n_labels)
        0 and 1.
    names : sequence of length n_labels, default=None
        None: the columns of a data frame, else the column indices.

    Returns
    -------
    list of set

    Examples
    --------
    >>> from catnocat.classifiers import label_sets
    >>> [sorted(labels) for labels in label_sets([[1, 1], [1, 0], [0, 0]], ["cat", "dog"])]
    [['cat', 'dog'], ['cat'], []]
    """
    given = Y if issparse(Y) or hasattr(Y, "columns") else np.asarray(Y)
    matrix, of_columns = _of_matrix(given, names)
    words = of_columns.tolist()
    return [{words[column] for column in np.flatnonzero(row)} for row in matrix]


def are_label_sets(y: Any) -> bool:
    """Return whether targets are label sets: Python sets, or collections of strings."""
    if not isinstance(y, list | tuple) and str(getattr(y, "dtype", "")) != "object":
        return False
    if getattr(y, "ndim", 1) != 1:
        return False
    first = next((row for row in y if not isinstance(row, COLLECTIONS) or len(row)), None)
    if isinstance(first, list | tuple):
        return all(isinstance(name, str) for name in first)
    return isinstance(first, set | frozenset)


def _of_matrix(labels: Any, names: Sequence[Any] | None) -> tuple[Labels, NDArray[Any]]:
    columns = getattr(labels, "columns", None)
    if columns is not None:
        missing = [name for name in ([] if names is None else names) if name not in columns]
        if missing:
            raise ValueError(f"The data frame has no column {missing[0]!r}.")
        labels = labels if names is None else labels[list(names)]
    values = labels if issparse(labels) else np.asarray(labels)
    words = list(names if names is not None else columns if columns is not None else ())
    if names is None and columns is None:
        words = list(range(values.shape[-1]))
    if values.ndim != 2 or values.shape[1] != len(_columns_of(words)):
        raise ValueError(
            f"A label matrix is (n_images, {len(words)}), one column per name, got {values.shape}."
        )
    Y, _ = read_targets(values)
    return Y, _as_array(words)


def _one_set(row: int, given: Any) -> set[Any]:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ValueError(
            f"Image {row} has {given!r} where a set of labels is expected; write [{given!r}]."
        )
    return set(given)


def _columns_of(names: Sequence[Any]) -> dict[Any, int]:
    column = {name: number for number, name in enumerate(names)}
    if len(column) < len(names):
        raise ValueError("Label names must be unique.")
    return column


def _as_array(words: list[Any]) -> NDArray[Any]:
    if all(isinstance(word, int | np.integer) for word in words):
        return np.array(words, dtype=np.intp)
    return np.array(words, dtype=object)  # same dtype as `label_names_in_`
