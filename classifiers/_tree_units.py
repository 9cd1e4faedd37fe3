"""The units in which trees can tell features apart."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ._targets import Floats

LEAST_SPREAD = 1e-3  # differences below 1e-7 are none to scikit-learn's trees
LARGEST_SPREAD = 1e30  # float32, in which they read, ends at 1e38
FARTHEST = 256.0  # from 0, in spreads: beyond, float32 keeps less than 16 bits of a difference
ROUNDING = 8.0  # units in the last place that are no difference


@dataclass(frozen=True)
class TreeUnits:
    """Where features lie that scikit-learn's trees would not see as they are.

    Attributes
    ----------
    offset, unit : ndarray of shape (n_features,)
        0 and 1 for features in which nothing is lost. Units are powers of two: exact.
    """

    offset: Floats
    unit: Floats

    @classmethod
    def of(cls, X: Floats) -> Self:
        """Find the units of some features."""
        low, high = X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)
        spread, size = high / 2 - low / 2, np.maximum(np.abs(low), np.abs(high))
        constant = spread <= ROUNDING * np.finfo(X.dtype).eps * size
        far = ~constant & (size > FARTHEST * spread)
        plain = constant | ((spread > LEAST_SPREAD) & (spread < LARGEST_SPREAD))
        unit = np.exp2(np.floor(np.log2(np.where(plain, 1.0, spread))))
        return cls(np.where(far, low, 0.0), unit)

    def read(self, X: Floats) -> Floats:
        """Give rows as trees are to see them: in float32, and as they are if nothing is lost."""
        if self.offset.any():
            X = X - self.offset
        if (self.unit != 1).any():
            X = X / self.unit
        return X.astype(np.float32, copy=False)
