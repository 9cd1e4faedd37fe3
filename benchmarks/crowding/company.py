"""Two dogs apart from a dog and a cat, and the hidden dog apart from the whole one."""

import numpy as np
from numpy.typing import NDArray

from ..tables import LabelTable
from .points import Point

FEW_WITH = 3
"""Enough where AUROC alone is measured, which is sound from one picture of either kind on."""
LEAST_IMAGES = 20
VISIBLE = (0.0, 0.8, 1.0)
"""Lower ends of the bins of the visible share; the last holds what nothing covers."""
CROWD = 3
"""From so many objects on a picture counts as crowded."""


def company_points(table: LabelTable) -> list[Point]:
    """Tell pictures of one object, of several of one kind, and of as many kinds apart.

    As in the other curves both sides are of the same crowd: two dogs, and a dog with a cat, stand
    against the same pictures, those of two or three objects among which there is no dog.

    Parameters
    ----------
    table : LabelTable
        With counts of objects.

    Returns
    -------
    list of Point
        Without those of fewer than 20 pictures.
    """
    assert table.counts is not None
    number, kinds = table.counts.sum(axis=1), (table.counts > 0).sum(axis=1)
    one, few = number == 1, np.isin(number, (2, 3))
    sorts = [
        ("one object", one, one),
        ("2 or 3, all of one kind", few & (kinds == 1), few),
        ("2 or 3, all different", few & (kinds == number), few),
    ]
    points = [
        Point(
            x,
            label,
            (table.Y == 1) & rows[:, None],
            (table.Y == 0) & table.known & crowd[:, None],
        )
        for x, (label, rows, crowd) in enumerate(sorts)
    ]
    return [point for point in points if point.images >= LEAST_IMAGES]


def visible_points(table: LabelTable, share: NDArray[np.float64]) -> list[Point]:
    """Sort the labels of crowded pictures by how much is seen of the object that hides least.

    Only pictures of three objects or more, so that a covered animal is not just one in a larger
    crowd; against them all crowded pictures without the label.

    Parameters
    ----------
    table : LabelTable
        With counts of objects.
    share : array of float, shape (n_images, n_labels)
        The largest visible share of the label's objects; NaN where there is none.
    """
    assert table.counts is not None
    crowded = (table.counts.sum(axis=1) >= CROWD)[:, None]
    negative = (table.Y == 0) & table.known & crowded
    points = []
    for low, high in zip(VISIBLE, (*VISIBLE[1:], np.inf), strict=True):
        label = f"{100 * low:.0f} to {100 * high:.0f} %" if high <= 1 else "all of it"
        inside = (share >= low) & (share < high)
        seen = share[inside & crowded]
        x = float(seen.mean()) if seen.size else low
        points.append(Point(round(x, 3), label, (table.Y == 1) & crowded & inside, negative))
    return [point for point in points if point.images >= LEAST_IMAGES]
