"""AUROC, and AP in draws of the same make, of one label under many weights of the images.

Both are means over all draws from the images at hand: AUROC over all draws of one image with the
label and one without, AP over all draws of 5 with and 15 without. Such a mean is a U-statistic: it
does not drift with the number of images it is taken from, so that what is reached in 300 pictures
of one label can stand beside what is reached in 30 pictures of five [1]_. Plain AP cannot: its
chance level is the share of the images with the label, and it reads too high where they are few.

References
----------
.. [1] W. Hoeffding, "A class of statistics with asymptotically normal distribution", Annals of
   Mathematical Statistics 19, 1948.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WITH, WITHOUT = 5, 15
"""Images of a draw that AP is measured in: one in four carries the label."""

_A, _B = np.ogrid[:WITH, : WITHOUT + 1]
_PRECISION: Floats = (1.0 + _A) / (1.0 + _A + _B)


def chance_ap() -> float:
    """Give the mean AP of a scorer that knows nothing, in draws of 5 with and 15 without.

    It lies above the share of one in four, since the highest image with the label is counted first.

    Examples
    --------
    >>> round(chance_ap(), 4)
    0.3525
    """
    size = WITH + WITHOUT
    harmonic = float((1.0 / np.arange(1, size + 1)).sum())
    return ((WITH - 1) / (size - 1) * (size - harmonic) + harmonic) / size


def draw_values(positive: Bools, scores: Floats, weights: Floats) -> dict[str, Floats]:
    """Measure one label.

    Parameters
    ----------
    positive : array of bool, shape (n_images,)
        Whether each image carries the label.
    scores : array of float, shape (n_images,)
        Higher means more likely.
    weights : array of float, shape (n_resamples, n_images)
        How often each image is there in each resample: whole numbers.

    Returns
    -------
    dict of str to array of float, shape (n_resamples,)
        ``"auroc"``, ties counting half, NaN without an image of either kind; ``"ap"``, in a tie the
        image counts as the last, NaN with fewer than 5 images with the label or 15 without.

    Examples
    --------
    >>> positive, scores = np.arange(20) < 5, np.r_[np.ones(4), 0, np.zeros(14), 0.5]
    >>> values = draw_values(positive, scores, np.ones((1, 20)))
    >>> values["auroc"].round(3).tolist(), values["ap"].round(3).tolist()
    ([0.893], [0.85])
    """
    order = np.argsort(-scores, kind="stable")
    positive, scores, weights = positive[order], scores[order], weights[:, order]
    new = np.append(True, scores[1:] != scores[:-1])[: len(scores)]
    tie = np.cumsum(new)[positive] - 1
    last = np.append(np.flatnonzero(new)[1:], len(scores))[tie] - 1
    found, missed = np.cumsum(weights * positive, axis=1), np.cumsum(weights * ~positive, axis=1)
    n_with, n_without = found[:, -1:], missed[:, -1:]
    weight, above, wrong = weights[:, positive], found[:, last], missed[:, last]
    tied = np.diff(missed[:, np.flatnonzero(np.append(new[1:], True))], prepend=0.0)[:, tie]
    beaten = n_without - wrong + tied / 2
    auroc = _ratio((weight * beaten).sum(axis=1), (n_with * n_without)[:, 0])
    enough = (n_with >= WITH) & (n_without >= WITHOUT)
    precision = _mean_precision(
        np.maximum(above - 1, 0), np.maximum(n_with - 1, WITH - 1), wrong, n_without
    )
    ap = _ratio((weight * precision).sum(axis=1), np.where(enough, n_with, 0)[:, 0])
    return {"auroc": auroc, "ap": ap}


def _mean_precision(above: Floats, others: Floats, wrong: Floats, without: Floats) -> Floats:
    """Give the mean precision at an image with the label, over all draws that it is in.

    Of the `others` with the label `above` score as high, and 4 are drawn; of those `without` it
    `wrong` do, and 15 are drawn; both numbers are hypergeometric.
    """
    p_above = _hypergeometric(above, others, WITH - 1)
    p_wrong = _hypergeometric(wrong, np.maximum(without, WITHOUT), WITHOUT)
    mean: Floats = np.einsum("...b,...b->...", p_above @ _PRECISION, p_wrong)
    return mean


def _hypergeometric(marked: Floats, total: Floats, drawn: int) -> Floats:
    """Give the probabilities of 0 to `drawn` marked ones, along a last axis."""
    choose = _binomials(2 ** int(total.max()).bit_length(), drawn)  # few sizes, so few tables
    n_marked, n_total = marked.astype(np.intp), total.astype(np.intp)
    ways = choose[n_marked]
    ways *= choose[np.maximum(n_total - n_marked, 0), ::-1]
    ways /= choose[n_total, drawn][..., None]
    return ways


@lru_cache(maxsize=32)
def _binomials(most: int, drawn: int) -> Floats:
    """Give the binomial coefficients of 0 to `most` over 0 to `drawn`, as floats."""
    table: Floats = comb(np.arange(most + 1)[:, None], np.arange(drawn + 1))
    return table


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
