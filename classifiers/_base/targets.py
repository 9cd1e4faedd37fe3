"""Validation of targets, sample weights, masks of known labels and groups."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets

Floats = NDArray[Any]  # float32 or float64
Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def read_targets(y: Any) -> tuple[Labels, NDArray[Any] | None]:
    """Convert targets to a label matrix of 0 and 1.

    Parameters
    ----------
    y : ndarray or sparse matrix of shape (n_images, n_labels), or ndarray of shape (n_images,)

    Returns
    -------
    Y : ndarray of shape (n_images, n_labels)
    classes : ndarray of one or two values, or None
        The values of a vector, the second meaning "present"; None for a matrix.

    Raises
    ------
    ValueError
        If a matrix has values other than 0 and 1, or a vector more than two distinct values.
    """
    if issparse(y):
        y = y.toarray()
    if y.ndim == 1:
        check_classification_targets(y)
        classes, encoded = np.unique(y, return_inverse=True)
        if len(classes) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is multiclass: a "
                f"vector of {len(classes)} different values. Give one 0/1 column per label."
            )
        return encoded.astype(np.uint8)[:, None], classes
    if y.dtype.kind not in "biuf":  # mixed strings and numbers need element-wise comparison
        y = y.astype(object)
    Y = np.equal(y, 1).astype(np.uint8)
    wrong = np.not_equal(y, Y).astype(bool)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"Unknown label type: y must hold only 0 and 1, got {_plain(y[row, column])!r} in row "
            f"{row}, column {column}; label_matrix makes columns from label names."
        )
    return Y, None


def read_weights(sample_weight: ArrayLike | None, n_rows: int) -> Floats | None:
    """Check sample weights: one per row, non-negative, not all zero.

    Raises
    ------
    ValueError
    """
    if sample_weight is None:
        return None
    weights: Floats = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weights.shape != (n_rows,):
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected ({n_rows},).")
    if (weights < 0).any():
        raise ValueError("Negative values in sample_weight: weights must be non-negative.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def read_known(known: Any, shape: tuple[int, ...]) -> Mask | None:
    """Check the mask of known labels: one bool per row and label.

    Raises
    ------
    ValueError
    """
    if known is None:
        return None
    given = known.toarray() if issparse(known) else np.asarray(known)
    if given.shape != shape:
        raise ValueError(f"known.shape == {given.shape}, expected {shape} as y.")
    mask: Mask = given.astype(bool)
    if not np.array_equal(given, mask):
        raise ValueError("known must hold only True and False, or 1 and 0.")
    return mask


def read_groups(groups: Any, n_rows: int) -> NDArray[Any] | None:
    """Check the groups: one name or number per row.

    Raises
    ------
    ValueError
    """
    if groups is None:
        return None
    given = np.asarray(groups)
    if given.shape != (n_rows,):
        raise ValueError(f"groups.shape == {given.shape}, expected ({n_rows},).")
    return given


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
