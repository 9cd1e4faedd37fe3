"""How well the labels of one image are ranked, for every image."""

import numpy as np
from numpy.typing import NDArray

from .checks import Bools, Floats


def rank_images(positive: Bools, negative: Bools, scores: Floats) -> dict[str, Floats]:
    """Measure the ranking of the labels within each image.

    A tie counts against the ranking: all labels of equal score stand at the lowest of their ranks.
    A label that is neither positive nor negative is not there.

    Parameters
    ----------
    positive, negative : arrays of bool, shape (n_images, n_labels)
        The true labels of each image, and the false ones.
    scores : array of float, shape (n_images, n_labels)
        Higher means more likely.

    Returns
    -------
    dict of str to array of float, shape (n_images,)
        ``lrap``, ``ranking_loss``, ``coverage`` (0-based) and ``one_error``; 0 without a true
        label, where they mean nothing.

    Examples
    --------
    >>> truth = np.array([[True, False, True]])
    >>> pieces = rank_images(truth, ~truth, np.array([[0.9, 0.5, 0.2]]))
    >>> {key: values.round(3).tolist() for key, values in pieces.items()}
    {'lrap': [0.833], 'ranking_loss': [0.5], 'coverage': [2.0], 'one_error': [0.0]}
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    hit, miss = (np.take_along_axis(part, order, axis=1) for part in (positive, negative))
    last = _last_of_tie(np.take_along_axis(scores, order, axis=1))
    hits, misses = (
        np.take_along_axis(np.cumsum(part, axis=1), last, axis=1) for part in (hit, miss)
    )
    depth = hits + misses
    n_hit, n_miss = hit.sum(axis=1), miss.sum(axis=1)
    precision = np.where(hit, hits / np.maximum(depth, 1), 0.0).sum(axis=1)
    wrong_pairs = np.where(hit, misses, 0).sum(axis=1)
    top = (depth == depth.min(axis=1, where=hit | miss, initial=scores.shape[1])[:, None]) & miss
    return {
        "lrap": precision / np.maximum(n_hit, 1),
        "ranking_loss": wrong_pairs / np.maximum(n_hit * n_miss, 1),
        "coverage": np.maximum(np.where(hit, depth, 0).max(axis=1, initial=0) - 1, 0).astype(float),
        "one_error": (top.any(axis=1) & (n_hit > 0)).astype(float),
    }


def _last_of_tie(sorted_scores: Floats) -> NDArray[np.intp]:
    """Give the position of the last label that scores the same, in each row."""
    n_labels = sorted_scores.shape[1]
    ends = np.ones(sorted_scores.shape, dtype=np.bool_)
    ends[:, :-1] = sorted_scores[:, :-1] != sorted_scores[:, 1:]
    position = np.where(ends, np.arange(n_labels), n_labels)
    return np.minimum.accumulate(position[:, ::-1], axis=1)[:, ::-1]
