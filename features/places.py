"""Places of a picture, and what they add to something."""

from dataclasses import dataclass

import numpy as np

from .crops import Box


@dataclass(frozen=True)
class Places:
    """What the places of a rectangle of a picture add to weighted sums of its features.

    Attributes
    ----------
    box : tuple of float
        Left, top, right and bottom in the upright picture's pixels.
    values : numpy.ndarray
        float64 (n_sums, rows, columns), a number for each place of the network's feature map.
    """

    box: Box
    values: np.ndarray
