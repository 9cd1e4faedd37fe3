"""AUROC and AP at matched prevalence of one label, for many bootstrap weights at once.

Both are means over all draws from the given images: AUROC over all draws of one positive and one
negative image, AP over all draws of 5 positive and 15 negative images. Such a mean is a U-statistic
[1]_: its expectation does not depend on the number of images, so that 300 images of one label can
be compared with 30 images of five labels. Plain AP cannot be compared: its chance level is the
prevalence, and it is biased upwards for few positives.

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

N_POSITIVE, N_NEGATIVE = 5, 15
"""Positive and negative images per draw of AP: a prevalence of one quarter."""

_A, _B = np.ogrid[:N_POSITIVE, : N_NEGATIVE + 1]
_PRECISION_TABLE: Floats = (1.0 + _A) / (1.0 + _A + _B)


def chance_ap() -> float:
    """Return the expected AP of random scores in draws of 5 positive and 15 negative images.

    It exceeds the prevalence of one quarter, because precision is evaluated at positive images.

    Examples
    --------
    >>> round(chance_ap(), 4)
    0.3525
    """
    size = N_POSITIVE + N_NEGATIVE
    harmonic = float((1.0 / np.arange(1, size + 1)).sum())
    return ((N_POSITIVE - 1) / (size - 1) * (size - harmonic) + harmonic) / size


def compute_metrics(positive: Bools, scores: Floats, weights: Floats) -> dict[str, Floats]:
    """Compute the metrics of one label.

    Parameters
    ----------
    positive : array of bool, shape (n_images,)
        Whether each image has the label.
    scores : array of float, shape (n_images,)
        Higher means more likely.
    weights : array of float, shape (n_resamples, n_images)
        Multiplicity of each image in each resample, integer values.

    Returns
    -------
    dict of str to array of float, shape (n_resamples,)
        ``"auroc"``: ties count half; NaN without a positive or a negative image. ``"ap"``: a tied
        positive is ranked last; NaN with fewer than 5 positive or 15 negative images.

    Examples
    --------
    >>> positive, scores = np.arange(20) < 5, np.r_[np.ones(4), 0, np.zeros(14), 0.5]
    >>> values = compute_metrics(positive, scores, np.ones((1, 20)))
    >>> values["auroc"].round(3).tolist(), values["ap"].round(3).tolist()
    ([0.893], [0.85])
    """
    order = np.argsort(-scores, kind="stable")
    positive, scores, weights = positive[order], scores[order], weights[:, order]
    new = np.append(True, scores[1:] != scores[:-1])[: len(scores)]
    tie = np.cumsum(new)[positive] - 1
    last = np.append(np.flatnonzero(new)[1:], len(scores))[tie] - 1
    true_positives, false_positives = (
        np.cumsum(weights * positive, axis=1),
        np.cumsum(weights * ~positive, axis=1),
    )
    n_positive, n_negative = true_positives[:, -1:], false_positives[:, -1:]
    weight, above, wrong = weights[:, positive], true_positives[:, last], false_positives[:, last]
    tied = np.diff(false_positives[:, np.flatnonzero(np.append(new[1:], True))], prepend=0.0)[
        :, tie
    ]
    beaten = n_negative - wrong + tied / 2
    auroc = _divide((weight * beaten).sum(axis=1), (n_positive * n_negative)[:, 0])
    enough = (n_positive >= N_POSITIVE) & (n_negative >= N_NEGATIVE)
    precision = _mean_precision(
        np.maximum(above - 1, 0), np.maximum(n_positive - 1, N_POSITIVE - 1), wrong, n_negative
    )
    ap = _divide((weight * precision).sum(axis=1), np.where(enough, n_positive, 0)[:, 0])
    return {"auroc": auroc, "ap": ap}


def _mean_precision(above: Floats, others: Floats, wrong: Floats, without: Floats) -> Floats:
    """Return the mean precision at a positive image over all draws that contain it.

    Of the `others` (positive images), `above` have at least its score and 4 are drawn. Of the
    `without` (negative images), `wrong` have and 15 are drawn. Both counts are hypergeometric.
    """
    p_above = _hypergeometric(above, others, N_POSITIVE - 1)
    p_wrong = _hypergeometric(wrong, np.maximum(without, N_NEGATIVE), N_NEGATIVE)
    mean: Floats = np.einsum("...b,...b->...", p_above @ _PRECISION_TABLE, p_wrong)
    return mean


def _hypergeometric(marked: Floats, total: Floats, drawn: int) -> Floats:
    """Return the hypergeometric probabilities of 0 to `drawn`, along a new last axis."""
    choose = _binomials(
        2 ** int(total.max()).bit_length(), drawn
    )  # powers of two, so that few tables are cached
    n_marked, n_total = marked.astype(np.intp), total.astype(np.intp)
    ways = choose[n_marked]
    ways *= choose[np.maximum(n_total - n_marked, 0), ::-1]
    ways /= choose[n_total, drawn][..., None]
    return ways


@lru_cache(maxsize=32)
def _binomials(most: int, drawn: int) -> Floats:
    """Return the binomial coefficients of 0 to `most` over 0 to `drawn`, as floats."""
    table: Floats = comb(np.arange(most + 1)[:, None], np.arange(drawn + 1))
    return table


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
