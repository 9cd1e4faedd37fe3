"""How many of each image's neighbours show each label."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def count_labels(table: NDArray[np.intp], Y: NDArray[Any]) -> NDArray[np.intp]:
    """Count each label among the neighbours of each row.

    Parameters
    ----------
    table : ndarray of int of shape (n_images, n_neighbors)
        Row numbers of `Y`.
    Y : ndarray of shape (n_rows, n_labels)
        0 and 1.
    """
    counts = np.zeros((len(table), Y.shape[1]), dtype=np.intp)
    for neighbor in table.T:  # never holds (n_images, k, n_labels) at once
        counts += Y[neighbor]
    return counts
