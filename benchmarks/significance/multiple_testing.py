"""Corrections for testing many differences, and for choosing the best of many methods."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..metrics import METRICS
from .resampling import BlockMetrics


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values for multiple testing by Holm's step-down procedure [1]_.

    The probability of at least one false rejection is at most the level, for any dependence between
    the tests.

    Parameters
    ----------
    p : array of float, any shape
        NaN stays NaN and does not count as a test.

    Returns
    -------
    array of float, same shape
        Adjusted p-values, to be compared with the level.

    References
    ----------
    .. [1] S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian
       Journal of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    p_values = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p_values.shape, np.nan)
    tested = ~np.isnan(p_values)
    order = np.argsort(p_values[tested])
    multiplied = np.arange(len(order), 0, -1) * p_values[tested][order]
    monotone = np.empty(len(order))
    monotone[order] = np.minimum(np.maximum.accumulate(multiplied), 1.0)
    adjusted[tested] = monotone
    return adjusted


def selection_bias(methods: Sequence[BlockMetrics], key: str) -> float:
    """Estimate by how much the best of several methods looks better than it is.

    A method that is best on the test images is so partly by chance: the chance of the test images
    and, in cross-validation, of the training images. For each block, the method that is best
    outside the block is scored inside it, on images and (in folds) with models that had no part in
    the selection [1]_. The loss between outside and inside is the bias. The mean loss of all
    methods is not due to selection and is subtracted, so the bias of a single method is 0.

    The selection outside a block uses (K - 1) / K of the images. Its bias is larger by the square
    root of K / (K - 1) than that of a selection on all images, and is scaled down accordingly.

    Parameters
    ----------
    methods : sequence of BlockMetrics
        All methods from which the best was selected.
    key : str
        Metric of the selection.

    Returns
    -------
    float
        In units of the metric, at least 0: to be subtracted from scores and added to losses.

    References
    ----------
    .. [1] I. Tsamardinos, E. Greasidou and G. Borboudakis, "Bootstrapping the out-of-sample
       predictions for efficient and accurate cross-validation", Machine Learning 107, 2018.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> equal = [BlockMetrics(*rng.normal(size=(2, 1, 5, 13))) for _ in range(8)]
    >>> selection_bias(equal[:1], "macro_ap")
    0.0
    """
    if len(methods) < 2 or not methods[0].inside.size:
        return 0.0
    column = list(METRICS).index(key)
    sign = METRICS[key].direction
    inside = sign * np.stack([method.inside[..., column] for method in methods])
    outside = sign * np.stack([method.outside[..., column] for method in methods])
    defined = ~np.isnan(inside).any(axis=0) & ~np.isnan(outside).any(axis=0)
    if not defined.any():
        return 0.0
    loss = (outside - inside)[:, defined]
    best = outside[:, defined].argmax(axis=0)
    bias = float((loss[best, np.arange(loss.shape[1])] - loss.mean(axis=0)).mean())
    n_blocks = inside.shape[-1]
    return max(0.0, bias) * float(np.sqrt((n_blocks - 1) / n_blocks))
