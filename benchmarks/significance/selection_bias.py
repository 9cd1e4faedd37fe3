"""How much of the best method's figure is the luck of having been chosen."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..metrics import METRICS
from .blocks import BlockFigures

Floats = NDArray[np.float64]


def selection_bias(methods: Sequence[BlockFigures], key: str) -> float:
    """Estimate by how much the best of several methods looks better than it is.

    The best of many is the best partly by the luck of the test images and, in folds, of its
    training images. In each partition the best method outside each block is chosen and measured
    inside it, on images, and in folds with models, that did not choose it [1]_. It loses there what
    was luck. What all methods lose between the outside and the inside of a block on average is no
    luck and is subtracted; so a single method has none.

    The choice outside a block rests on (K - 1) / K of the images. Its luck is larger by the root of
    K / (K - 1) than that of the choice on all of them, and is scaled down accordingly.

    Parameters
    ----------
    methods : sequence of BlockFigures
        All methods that the best was chosen from.
    key : str
        The metric it was chosen by.

    Returns
    -------
    float
        In the metric's units, at least 0: what to subtract from a figure that is better the higher
        it is, and to add to a loss.

    References
    ----------
    .. [1] I. Tsamardinos, E. Greasidou and G. Borboudakis, "Bootstrapping the out-of-sample
       predictions for efficient and accurate cross-validation", Machine Learning 107, 2018.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> equal = [BlockFigures(*rng.normal(size=(2, 1, 5, 13))) for _ in range(8)]
    >>> selection_bias(equal[:1], "macro_ap")
    0.0
    """
    if len(methods) < 2 or not methods[0].inside.size:
        return 0.0
    column = list(METRICS).index(key)
    sign = METRICS[key].direction
    inside = sign * np.stack([one.inside[..., column] for one in methods])
    outside = sign * np.stack([one.outside[..., column] for one in methods])
    usable = ~np.isnan(inside).any(axis=0) & ~np.isnan(outside).any(axis=0)
    if not usable.any():
        return 0.0
    lost = (outside - inside)[:, usable]
    chosen = outside[:, usable].argmax(axis=0)
    luck = float((lost[chosen, np.arange(lost.shape[1])] - lost.mean(axis=0)).mean())
    blocks = inside.shape[-1]
    return max(0.0, luck) * float(np.sqrt((blocks - 1) / blocks))
