"""Take rare label sets apart into frequent ones."""

import numpy as np
from numpy.typing import NDArray

from ._set_models import SetExamples
from ._targets import Floats, Labels


def prune(
    Y: Labels, weight: Floats | None, rows: NDArray[np.intp], rarest: float, n_subsets: int
) -> SetExamples:
    """Make rows examples of frequent label sets: their own, or subsets of it.

    A row of a rare set becomes an example of its largest frequent subsets, of equally large ones
    the more frequent; the empty set is one only of itself. Where no set is frequent, all are.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_labels)
    weight : ndarray of shape (n_rows,), or None
    rows : ndarray of int
        Those to be used.
    rarest : float
        A set is frequent if rows of more weight than this have it.
    n_subsets : int
        Subsets taken for a rare set at most.
    """
    sets, numbers = np.unique(Y[rows], axis=0, return_inverse=True)
    numbers = numbers.ravel()
    count = np.bincount(numbers, None if weight is None else weight[rows])
    frequent = count > rarest
    if not sets[frequent].any():  # none, or only that of no label
        frequent[:] = True
    kept = np.flatnonzero(frequent)
    sizes = sets.sum(axis=1, dtype=np.intp)
    rank = kept[np.lexsort((-count[kept], -sizes[kept]))]  # the best subsets first
    rank = rank[sizes[rank] > 0]

    number_of_kept = np.cumsum(frequent) - 1
    examples = [(rows[frequent[numbers]], number_of_kept[numbers[frequent[numbers]]])]
    for rare in np.flatnonzero(~frequent):
        within = ~(sets[rank] & ~sets[rare] & 1).any(axis=1)
        of_set = rows[numbers == rare]
        for subset in rank[within][:n_subsets]:
            examples.append((of_set, np.full(len(of_set), number_of_kept[subset])))
    used, of_kept = (np.concatenate(part) for part in zip(*examples, strict=True))
    return SetExamples(used, of_kept, sets[kept])
