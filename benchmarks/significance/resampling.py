"""Drawing the judged images again and again."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_BLOCK = 100  # resamples whose weights are held at once: 80 MB at 100,000 images


class Resamples:
    """Resamples with replacement, told as how often each row counts in each of them.

    What belongs together is drawn together: all images of a group, or all judgements of one image
    when it was judged once in every repetition of the folds. The resamples follow from the seed
    alone, so whoever asks, in whatever process, is given the same ones: that is what makes a
    comparison of methods a paired one.

    Parameters
    ----------
    units : array, shape (n_judged,)
        What each judged row belongs to, by number or by name.
    n_resamples : int
        How many to draw.
    seed : int
        Not negative.

    Attributes
    ----------
    n_units : int
        How many different units there are.

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
        """Give blocks of weights, each of shape (a few resamples, n_judged)."""
        for first in range(0, self.n_resamples, _BLOCK):
            rng = np.random.default_rng((self.seed, first))
            size = min(_BLOCK, self.n_resamples - first)
            drawn = rng.integers(self.n_units, size=(size, self.n_units))
            drawn += np.arange(size)[:, None] * self.n_units
            counts = np.bincount(drawn.ravel(), minlength=size * self.n_units)
            yield counts.reshape(size, self.n_units)[:, self._unit].astype(np.float64)
