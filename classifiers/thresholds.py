"""Above which probability a yes serves one's aim best."""

import numpy as np
from numpy.typing import ArrayLike

from ._parameters import check_choice
from ._targets import Floats

AIMS = ("f1", "hamming", "pcut")


def best_threshold(
    p: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    aim: str = "f1",
    least_f1: float = 0.0,
) -> float:
    """Choose the threshold of one label on probabilities of images that were held out.

    Parameters
    ----------
    p : array-like of shape (n_images,)
        Probabilities by models that did not see the image.
    y : array-like of shape (n_images,)
        1 where the label is there, at least once, and 0 elsewhere.
    sample_weight : array-like of shape (n_images,), default=None
    aim : {"f1", "hamming", "pcut"}
        The highest F1, the fewest wrong answers, or as many a yes as the label has images. Of equal
        thresholds the highest.
    least_f1 : float, default=0.0
        For ``"f1"``: where it stays below this, the highest probability, so that a yes is said only
        of images that score above all of these.

    Returns
    -------
    float
        More is a yes.

    See Also
    --------
    ThresholdTuner : Holds the images out as well.

    Examples
    --------
    >>> from catnocat.classifiers import best_threshold
    >>> best_threshold([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], aim="f1")
    0.15000000000000002
    >>> best_threshold([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], aim="hamming")
    0.35
    """
    check_choice("aim", aim, AIMS)
    p, y = np.asarray(p), np.asarray(y, dtype=np.float64)
    weight = np.ones(len(p)) if sample_weight is None else np.asarray(sample_weight)
    thresholds, yes, right = _cuts(p, y, weight)
    there = weight @ y
    if aim == "pcut":
        return float(thresholds[np.abs(yes - there).argmin()])
    if aim == "hamming":
        return float(thresholds[(yes - 2 * right).argmin()])  # wrong: yes - right, there - right
    f1 = 2 * right / (yes + there)
    return float(thresholds[f1.argmax()] if f1.max() >= least_f1 else p.max())


def _cuts(p: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Give every threshold that makes a difference, highest first.

    Returns
    -------
    thresholds : ndarray of shape (n_cuts,)
        The highest probability, then half-way between two.
    yes, right : ndarray of shape (n_cuts,)
        Weight of the rows above it, and of those among them that show the label.
    """
    order = np.argsort(-p, kind="stable")
    p = p[order].astype(np.float64)
    last = np.append(p[1:] < p[:-1], True)  # of equal probabilities
    yes, right = (np.cumsum(part[order])[last] for part in (weight, weight * y))
    distinct = p[last]
    below = np.append(distinct[1:], -1e-9)  # so that even a 0 may be a yes
    thresholds = np.append(distinct[0], (distinct + below) / 2)
    return thresholds, np.append(0.0, yes), np.append(0.0, right)
