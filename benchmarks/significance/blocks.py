"""Every metric on blocks of the test images, and on the rest of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..metrics import METRICS, Scorecard

Floats = NDArray[np.float64]

RANDOM_BLOCKS = 5
PARTITIONS = 20
"""How often one test set is divided at random into `RANDOM_BLOCKS` blocks."""


@dataclass(frozen=True)
class BlockFigures:
    """One method's metrics on each block and on the images outside it.

    Attributes
    ----------
    inside, outside : arrays of float, shape (n_partitions, n_blocks, n_metrics)
        NaN where a metric has no value.
    """

    inside: Floats
    outside: Floats


def divide(units: ArrayLike, folds: ArrayLike | None, seed: int) -> list[list[NDArray[np.bool_]]]:
    """Return the partitions of the judged rows into blocks, as masks.

    Parameters
    ----------
    units : array, shape (n_judged,)
        Rows that belong together stay together.
    folds : array of shape (n_judged, 2) or None
        The repeat and the fold of each row: one partition per repeat, its folds are the blocks. A
        fold has models of its own, so a block of this kind also differs by what was learned. None,
        or one fold: random blocks, many times.
    seed : int

    Examples
    --------
    >>> [len(partition) for partition in divide(range(10), [[0, 0]] * 5 + [[0, 1]] * 5, seed=0)]
    [2]
    >>> [len(partition) for partition in divide(range(10), None, seed=0)][:3]
    [5, 5, 5]
    """
    given = None if folds is None else np.asarray(folds)
    if given is not None and len(np.unique(given, axis=0)) > 1:
        return [
            [
                np.asarray((given[:, 0] == repeat) & (given[:, 1] == fold))
                for fold in np.unique(given[given[:, 0] == repeat, 1])
            ]
            for repeat in np.unique(given[:, 0])
        ]
    names, number = np.unique(np.asarray(units), return_inverse=True)
    blocks = min(RANDOM_BLOCKS, len(names))
    rng = np.random.default_rng((seed, 1))
    partitions = []
    for _ in range(PARTITIONS if blocks > 1 else 0):
        block = rng.permutation(len(names)) % blocks
        partitions.append([block[number] == one for one in range(blocks)])
    return partitions


def block_figures(
    card: Scorecard, partitions: Sequence[Sequence[NDArray[np.bool_]]]
) -> BlockFigures:
    """Measure a method on every block, and on the images of its partition outside the block.

    Parameters
    ----------
    card : Scorecard
    partitions : sequence of sequences of masks
        As `divide` returns them.
    """
    inside, outside = [], []
    for partition in partitions:
        masks = np.stack(partition).astype(np.float64)
        inside.append(_measure(card, masks))
        outside.append(_measure(card, masks.sum(axis=0) - masks))
    empty = np.empty((0, 0, len(METRICS)))
    return BlockFigures(
        np.stack(inside) if inside else empty, np.stack(outside) if outside else empty
    )


def _measure(card: Scorecard, weights: Floats) -> Floats:
    measured = card.measure(weights)
    return np.stack([measured[key] for key in METRICS], axis=-1)
