"""Images with the same bytes, and rows of ready vectors with the same values."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def content_digests(X: NDArray[Any]) -> list[str]:
    """Return a digest of each row of features, for data sets without images."""
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in np.ascontiguousarray(X)]


def identical_groups(digests: Sequence[str | None]) -> list[list[int]]:
    """Return the rows of each content that occurs more than once.

    Examples
    --------
    >>> identical_groups(["a", "b", "a", None, None])
    [[0, 2]]
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row, digest in enumerate(digests):
        if digest is not None:
            rows[digest].append(row)
    return [group for group in rows.values() if len(group) > 1]


def has_discrete_features(X: NDArray[Any]) -> bool:
    """Return whether rows can be equal by chance, because every feature has few values.

    Continuous features have about as many values as there are distinct rows: equal rows are
    copies. Features such as one-hot codes have far fewer, and equal rows mean nothing.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)

    Examples
    --------
    >>> has_discrete_features(np.array([[0, 1], [1, 0], [1, 1], [0, 0], [0, 1]] * 3))
    True
    >>> has_discrete_features(np.repeat(np.random.default_rng(0).normal(size=(4, 3)), 5, axis=0))
    False
    """
    rows = np.unique(X, axis=0)
    return all(2 * len(np.unique(column)) <= len(rows) for column in rows.T)
