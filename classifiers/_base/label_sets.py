"""Label sets, and their conversion to and from the label matrix."""

from collections.abc import Iterable, Sequence
from typing import Any, Self, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from .targets import Labels, read_targets

Names = Sequence[Any] | NDArray[Any] | None
COLLECTIONS = (set, frozenset, list, tuple)
CONCATENATIONS = (np.concatenate, np.vstack)
MAX_NAMES_IN_REPR = 5
NDArrayBase: Any = np.ndarray


def label_matrix(labels: Any, names: Names = None) -> tuple[Labels, NDArray[Any]]:
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


def label_sets(Y: Any, names: Names = None) -> list[set[Any]]:
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


class LabelSets(Sequence[set[Any]]):
    """Label sets with fixed label names, for use as `y` in cross-validation.

    A plain list of label sets has a column for each name that occurs in it, so the training parts
    of two folds may have different columns. A part of `LabelSets` keeps all names: the columns of
    every fold are the same. NumPy and scikit-learn's metrics see the label matrix.

    Parameters
    ----------
    sets : iterable of iterables, or matrix
        One set, list or tuple of names per image; or a matrix of 0 and 1.
    names : sequence, default=None
        As for `label_matrix`.

    Attributes
    ----------
    columns : ndarray of shape (n_labels,)
        The label names, in column order.
    shape : tuple of int
        (n_images, n_labels).

    See Also
    --------
    label_matrix : Returns the matrix and the names separately.

    Examples
    --------
    >>> import numpy as np
    >>> from catnocat.classifiers import LabelSets
    >>> y = LabelSets([{"cat", "dog"}, {"cat"}, set()])
    >>> np.asarray(y[1:])
    array([[1, 0],
           [0, 0]], dtype=uint8)
    >>> y[1], list(y.columns)
    ({'cat'}, ['cat', 'dog'])
    """

    ndim = 2
    dtype = np.dtype(np.uint8)

    def __init__(self, sets: Any, names: Names = None) -> None:
        self._matrix, self.columns = label_matrix(sets, names)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of images and of labels."""
        n_images, n_labels = self._matrix.shape
        return n_images, n_labels

    def __len__(self) -> int:
        return len(self._matrix)

    @overload
    def __getitem__(self, rows: SupportsIndex) -> set[Any]: ...
    @overload
    def __getitem__(self, rows: Any) -> Self: ...
    def __getitem__(self, rows: Any) -> set[Any] | Self:
        """Return the label set of one image, or the `LabelSets` of several."""
        if isinstance(rows, tuple) and rows[1:] == (Ellipsis,):  # as scikit-learn indexes arrays
            rows = rows[0]
        if isinstance(rows, tuple):
            raise IndexError("LabelSets has rows only; np.asarray returns the label matrix.")
        part = self._matrix[rows]
        if part.ndim == 1:
            return set(self.columns[part > 0].tolist())
        return type(self)(part, self.columns)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._matrix, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        """Return the size and the first names."""
        more = ", ..." if len(self.columns) > MAX_NAMES_IN_REPR else ""
        names = ", ".join(map(repr, self.columns[:MAX_NAMES_IN_REPR].tolist()))
        return f"LabelSets({len(self)} images; {names}{more})"


class NamedPredictions(NDArrayBase):
    """Predictions of a classifier that was fitted to plain label sets.

    They are an ordinary label matrix, except that matrices whose columns mean different labels are
    not concatenated. This happens in `cross_val_predict` with a plain list of label sets, where
    each fold has a column for each of its own labels.

    Attributes
    ----------
    names : tuple, or None if the columns are no longer those of the prediction
    """

    names: tuple[Any, ...] | None

    def __array_finalize__(self, source: Any) -> None:
        names = getattr(source, "names", None)
        same = names is not None and self.ndim == 2 and self.shape[1] == len(names)
        self.names = names if same else None

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in CONCATENATIONS and args:
            parts = [part for part in args[0] if isinstance(part, NamedPredictions)]
            if len({part.names for part in parts}) > 1:
                raise ValueError(
                    "The columns of these predictions mean different labels, because each model "
                    "was fitted to label sets with other labels. Fix the columns before the data "
                    "is split: pass y=LabelSets(label_sets) instead of a list of sets."
                )
        return super().__array_function__(func, types, args, kwargs)

    def __reduce__(self) -> Any:
        build, arguments, state = super().__reduce__()
        return build, arguments, (state, self.names)

    def __setstate__(self, state: Any) -> None:
        array_state, self.names = state
        super().__setstate__(array_state)


def named_predictions(Y: NDArray[Any], names: Any) -> Any:
    """Return predictions as `NamedPredictions`."""
    named: Any = Y.view(NamedPredictions)
    named.names = tuple(names)
    return named


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


def _of_matrix(labels: Any, names: Names) -> tuple[Labels, NDArray[Any]]:
    if isinstance(labels, LabelSets):
        return label_matrix(list(labels), labels.columns if names is None else names)
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
