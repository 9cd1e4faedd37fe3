"""Bootstrap resamples of the test images, and partitions of them into blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..metrics import METRICS, Scorecard

Floats = NDArray[np.float64]

N_RANDOM_BLOCKS = 5
N_PARTITIONS = 20
"""Number of random partitions of a single test set into `N_RANDOM_BLOCKS` blocks."""

_RESAMPLES_PER_BLOCK = 100  # limits memory: 80 MB of weights for 100,000 images


class Resamples:
    """Resamples with replacement, as counts of each row.

    Dependent rows are drawn together: all images of a group, or all predictions for one image in
    repeated cross-validation. The resamples depend on the seed only, so every process draws the
    same ones; this makes comparisons of methods paired.

    Parameters
    ----------
    units : array, shape (n_rows,)
        Unit of each row, a number or a name; rows of the same unit are drawn together.
    n_resamples : int
    seed : int
        Not negative.

    Attributes
    ----------
    n_units : int
        Number of different units.

    Examples
    --------
    >>> resamples = Resamples(["a", "a", "b", "c"], 3, seed=1)
    >>> np.concatenate(list(resamples)).tolist()
    [[0.0, 0.0, 2.0, 1.0], [2.0, 2.0, 0.0, 1.0], [1.0, 1.0, 0.0, 2.0]]
    """

    def __init__(self, units: ArrayLike, n_resamples: int, seed: int) -> None:
        names, self._unit = np.unique(np.asarray(units), return_inverse=True)
        self.n_units = len(names)
        self.n_resamples = n_resamples
        self.seed = seed

    def __iter__(self) -> Iterator[Floats]:
        """Generate blocks of weights, each of shape (up to 100 resamples, n_rows)."""
        for first in range(0, self.n_resamples, _RESAMPLES_PER_BLOCK):
            rng = np.random.default_rng((self.seed, first))
            size = min(_RESAMPLES_PER_BLOCK, self.n_resamples - first)
            drawn = rng.integers(self.n_units, size=(size, self.n_units))
            drawn += np.arange(size)[:, None] * self.n_units
            counts = np.bincount(drawn.ravel(), minlength=size * self.n_units)
            yield counts.reshape(size, self.n_units)[:, self._unit].astype(np.float64)


@dataclass(frozen=True)
class BlockMetrics:
    """One method's metrics on each block of the test images and on the images outside it.

    Attributes
    ----------
    inside, outside : arrays of float, shape (n_partitions, n_blocks, n_metrics)
        NaN where a metric is undefined.
    """

    inside: Floats
    outside: Floats


def partition_rows(
    units: ArrayLike, folds: ArrayLike | None, seed: int
) -> list[list[NDArray[np.bool_]]]:
    """Return partitions of the test rows into blocks, as masks.

    Parameters
    ----------
    units : array, shape (n_rows,)
        Rows of the same unit stay together.
    folds : array of shape (n_rows, 2) or None
        Repeat and fold of each row: one partition per repeat, with its folds as blocks. Every fold
        has its own models, so these blocks also differ by training images. With None or a single
        fold the blocks are random, in `N_PARTITIONS` partitions.
    seed : int

    Examples
    --------
    >>> [len(blocks) for blocks in partition_rows(range(10), [[0, 0]] * 5 + [[0, 1]] * 5, seed=0)]
    [2]
    >>> [len(blocks) for blocks in partition_rows(range(10), None, seed=0)][:3]
    [5, 5, 5]
    """
    fold_numbers = None if folds is None else np.asarray(folds)
    if fold_numbers is not None and len(np.unique(fold_numbers, axis=0)) > 1:
        repeats, numbers = fold_numbers.T
        return [
            [
                np.asarray((repeats == repeat) & (numbers == fold))
                for fold in np.unique(numbers[repeats == repeat])
            ]
            for repeat in np.unique(repeats)
        ]
    names, unit = np.unique(np.asarray(units), return_inverse=True)
    n_blocks = min(N_RANDOM_BLOCKS, len(names))
    rng = np.random.default_rng((seed, 1))
    partitions = []
    for _ in range(N_PARTITIONS if n_blocks > 1 else 0):
        block = rng.permutation(len(names)) % n_blocks
        partitions.append([block[unit] == number for number in range(n_blocks)])
    return partitions


def block_metrics(
    card: Scorecard, partitions: Sequence[Sequence[NDArray[np.bool_]]]
) -> BlockMetrics:
    """Score a method on every block, and on the images outside the block.

    Parameters
    ----------
    card : Scorecard
    partitions : sequence of sequences of masks
        As returned by `partition_rows`.
    """
    inside, outside = [], []
    for partition in partitions:
        masks = np.stack(partition).astype(np.float64)
        inside.append(stack_metrics(card, masks))
        outside.append(stack_metrics(card, masks.sum(axis=0) - masks))
    empty = np.empty((0, 0, len(METRICS)))
    return BlockMetrics(
        np.stack(inside) if inside else empty, np.stack(outside) if outside else empty
    )


def stack_metrics(card: Scorecard, weights: Floats | None = None) -> Floats:
    """Return all metrics of a scorecard as an array, with the metrics on the last axis."""
    metrics = card.measure(weights)
    return np.stack([metrics[key] for key in METRICS], axis=-1)
