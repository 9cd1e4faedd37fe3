"""Whether there are enough positive images for an interval."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..metrics import Scorecard

MIN_POSITIVES = 10.0
"""Fewest positive and negative test images of a label, as a harmonic mean over the labels. Below it
the distribution of a figure is too skewed and too discrete for an interval that covers."""

MIN_FOR_SETS = 40.0
"""The same for the figures of `BY_F1_THRESHOLD`."""

BY_F1_THRESHOLD = ("sample_f1", "jaccard")
"""Most images of rare labels have none: one threshold decides whether all of those are right."""

MIN_FOR_A_DIFFERENCE = 5.0
"""The same for the difference of two methods, in which most of the skewness cancels."""

COUNTS = ("hamming_loss", "subset_accuracy")
"""Their differences are those of two paired counts, which need no positives."""

TOO_FEW = "too few positives"


def effective_positives(card: Scorecard, units: ArrayLike) -> float:
    """Return the harmonic mean over the averaged labels of the scarcer kind of test images.

    The error of a macro average comes from its rarest labels, in proportion to one over their
    positives: that is what the harmonic mean measures.

    Parameters
    ----------
    card : Scorecard
    units : array, shape (n_judged,)
        Rows that belong together count once.

    Returns
    -------
    float
        0 where no label is averaged.

    Examples
    --------
    >>> Y = [[1, 1], [0, 1], [0, 0], [1, 0]]
    >>> effective_positives(Scorecard(Y, Y, Y), range(4))
    2.0
    """
    number = np.unique(np.asarray(units), return_inverse=True)[1]
    scarcer = np.minimum(_units_with(card.positive, number), _units_with(card.negative, number))
    judged = card.averaged & (scarcer > 0)
    return float(judged.sum() / (1 / scarcer[judged]).sum()) if judged.any() else 0.0


def _units_with(cells: NDArray[np.bool_], number: NDArray[np.intp]) -> NDArray[np.float64]:
    """Count the units that hold such a cell, for each label."""
    counts = np.zeros((number.max(initial=-1) + 1, cells.shape[1]))
    np.add.at(counts, number, cells)
    return np.asarray((counts > 0).sum(axis=0), dtype=np.float64)


def too_few_for_interval(key: str, positives: float) -> bool:
    """Return whether a method's figure has no interval.

    Examples
    --------
    >>> too_few_for_interval("macro_ap", 12.0), too_few_for_interval("jaccard", 12.0)
    (False, True)
    """
    return positives < (MIN_FOR_SETS if key in BY_F1_THRESHOLD else MIN_POSITIVES)


def too_few_for_difference(key: str, positives: float) -> bool:
    """Return whether a difference has neither an interval nor a verdict.

    Examples
    --------
    >>> too_few_for_difference("macro_ap", 4.0), too_few_for_difference("hamming_loss", 4.0)
    (True, False)
    """
    return key not in COUNTS and positives < MIN_FOR_A_DIFFERENCE
