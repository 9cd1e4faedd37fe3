"""The points of a curve: at each, which pictures count for a label and which against it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

LEAST_WITH, LEAST_WITHOUT = 8, 20
"""Pictures of each kind at each point, below which a label is left out of the averages."""
LEAST_LABELS = 3


@dataclass(frozen=True)
class Point:
    """One place on a curve.

    Attributes
    ----------
    x : float
        Where on the axis.
    label : str
        What to call it.
    positive, negative : array of bool, shape (n_images, n_labels)
        The cells between which the scores of a label are to tell.
    """

    x: float
    label: str
    positive: Bools
    negative: Bools

    @property
    def images(self) -> int:
        """How many pictures show what the point is about."""
        return int(self.positive.any(axis=1).sum())


def labels_at_all(points: Sequence[Point], least_with: int = LEAST_WITH) -> Bools:
    """Say which labels have enough pictures with and without them at every point.

    A curve is averaged over the same labels throughout: were an easy label missing at one end, the
    curve would bend for that alone.

    Returns
    -------
    array of bool, shape (n_labels,)
    """
    enough = [
        (point.positive.sum(axis=0) >= least_with) & (point.negative.sum(axis=0) >= LEAST_WITHOUT)
        for point in points
    ]
    return np.asarray(np.all(enough, axis=0))


def points_by_number(
    Y: NDArray[np.uint8], known: Bools, number: NDArray[np.integer], most: int
) -> list[Point]:
    """Make a point for the pictures with 1, 2, ... and with `most` or more labels or objects.

    Both sides are of the same crowd: of all pictures with three labels, those with a cat against
    those without one.

    Parameters
    ----------
    Y, known : arrays of shape (n_images, n_labels)
    number : array of int, shape (n_images,)
        Labels, or objects, in each picture.
    most : int
        From where on there is one point for all.

    Examples
    --------
    >>> Y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    >>> points = points_by_number(Y, Y >= 0, Y.sum(axis=1), 2)
    >>> [(point.x, point.label, point.images) for point in points]
    [(1, '1', 2), (2, '2', 1)]
    """
    crowds = [(x, number >= most if x == most else number == x) for x in range(1, max(most, 1) + 1)]
    top = int(number.max(initial=0))
    return [
        Point(
            x,
            f"{x} or more" if x == most < top else str(x),
            (Y == 1) & crowd[:, None],
            (Y == 0) & known & crowd[:, None],
        )
        for x, crowd in crowds
    ]


def choose_points(
    Y: NDArray[np.uint8], known: Bools, number: NDArray[np.integer], usable: Bools | None = None
) -> list[Point]:
    """Make as many points as two in three of the labels can be followed through.

    Parameters
    ----------
    Y, known, number
        As for `points_by_number`.
    usable : array of bool, shape (n_labels,), optional
        Labels that may be averaged; all by default.

    Returns
    -------
    list of Point
        Empty where fewer than 3 labels can be followed from one label, or object, to several.
    """
    allowed = np.ones(Y.shape[1], dtype=np.bool_) if usable is None else usable

    def followed(points: list[Point]) -> int:
        return int((labels_at_all(points) & allowed).sum())

    chosen = points_by_number(Y, known, number, 2)
    least = max(LEAST_LABELS, 2 * followed(chosen) / 3)
    if followed(chosen) < LEAST_LABELS:
        return []
    for most in range(3, int(number.max()) + 1):
        finer = points_by_number(Y, known, number, most)
        if followed(finer) < least:
            break
        chosen = finer
    return chosen
