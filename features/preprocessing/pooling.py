"""Poolings of the last feature map: their regions and the statistic of each region.

This module defines only the geometry, so that a view can be planned without torch. The sums are
computed in `engines.network`.
"""

from dataclasses import dataclass
from itertools import product

#: Top, bottom, left and right of a region of the map, in cells.
Part = tuple[int, int, int, int]


@dataclass(frozen=True)
class Pooling:
    """Pooling of a square feature map: regions, a vector for each, and their combination.

    Parameters
    ----------
    statistic : {"avg", "max", "gem", "prelogits"}
        Statistic of each channel over a region: mean, maximum, or generalised mean with exponent 3
        [1]_. ``"prelogits"`` is not computed from the map: it is the input of the network's own
        classifier.
    levels : tuple of int
        Level n has n x n regions in row order: adjacent bins [2]_, or windows.
    windows : bool
        The regions of level n overlap. Each has 2 / (n + 1) of the map's width and height, rounded
        down to at least one cell. The first touches the left and upper edge, the last the right and
        lower edge, and the others are evenly spaced.
    unit : bool
        Scale the vector of each region to length 1.
    summed : bool
        Add the vectors of the regions; otherwise they are concatenated.

    References
    ----------
    .. [1] F. Radenovic, G. Tolias and O. Chum, "Fine-tuning CNN Image Retrieval with No Human
       Annotation", IEEE TPAMI 41, 2019.
    .. [2] S. Lazebnik, C. Schmid and J. Ponce, "Beyond Bags of Features: Spatial Pyramid Matching
       for Recognizing Natural Scene Categories", CVPR 2006.

    Examples
    --------
    >>> POOLINGS["spatial2"].parts(7)
    [(0, 7, 0, 7), (0, 4, 0, 4), (0, 4, 3, 7), (3, 7, 0, 4), (3, 7, 3, 7)]
    """

    statistic: str
    levels: tuple[int, ...] = (1,)
    windows: bool = False
    unit: bool = False
    summed: bool = False

    @property
    def regions(self) -> int:
        """Number of regions, the same for every map."""
        return sum(level**2 for level in self.levels)

    def parts(self, side: int) -> list[Part]:
        """Return the regions of a map of side x side cells; those of a tiny map may coincide."""
        interval = _window if self.windows else _bin
        return [
            (*interval(side, level, row), *interval(side, level, column))
            for level in self.levels
            for row, column in product(range(level), repeat=2)
        ]

    def mirrored(self) -> list[int]:
        """Return for each region the number of its mirror image."""
        order: list[int] = []
        for level in self.levels:
            start = len(order)
            order += [
                start + row * level + level - 1 - column
                for row, column in product(range(level), repeat=2)
            ]
        return order


def _bin(side: int, count: int, number: int) -> tuple[int, int]:
    return number * side // count, -(-(number + 1) * side // count)


def _window(side: int, count: int, number: int) -> tuple[int, int]:
    length = max(1, 2 * side // (count + 1))
    start = round(number * (side - length) / (count - 1)) if count > 1 else 0
    return start, start + length


#: Not a pooling of the map, but the input of the network's own classifier.
PRELOGITS = "prelogits"

#: Poolings by name. "regions" is R-MAC without whitening: G. Tolias, R. Sicre and H. Jegou,
#: "Particular object retrieval with integral max-pooling of CNN activations", ICLR 2016.
POOLINGS: dict[str, Pooling] = {
    "avg": Pooling("avg"),
    "max": Pooling("max"),
    "gem": Pooling("gem"),
    "regions": Pooling("max", levels=(1, 2, 3), windows=True, unit=True, summed=True),
    "spatial2": Pooling("avg", levels=(1, 2)),
    "spatial3": Pooling("avg", levels=(1, 2, 3)),
    PRELOGITS: Pooling(PRELOGITS),
    **{f"cells{count}": Pooling("avg", levels=(count,)) for count in range(2, 15)},
}
