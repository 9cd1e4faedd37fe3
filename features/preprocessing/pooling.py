"""How the last feature map becomes vectors: which parts of it, and what is taken of each.

Only the geometry is here, so that a view can be planned without torch; `network` does the sums.
"""

from dataclasses import dataclass
from itertools import product

#: Top, bottom, left and right of a part of the map, in cells.
Part = tuple[int, int, int, int]


@dataclass(frozen=True)
class Pooling:
    """Parts of a square map, a vector for each, and what becomes of these.

    Parameters
    ----------
    statistic : {"avg", "max", "gem", "prelogits"}
        What is taken of each channel over a part: its mean, its maximum, or its generalised mean
        with exponent 3 [1]_. ``"prelogits"`` is not taken of the map: it is the input of the
        network's own classifier.
    levels : tuple of int
        A level n is n x n parts in rows: bins side by side [2]_, or windows.
    windows : bool
        The parts of level n overlap: each is 2 / (n + 1) of the map wide and high, rounded down,
        and at least one cell; the first touches the left and upper edge, the last the right and
        lower one, and those between are spread evenly.
    unit : bool
        Each part's vector is scaled to length 1.
    summed : bool
        The parts' vectors are added up; otherwise they are concatenated.

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
        """How many parts there are, on every map."""
        return sum(level**2 for level in self.levels)

    def parts(self, side: int) -> list[Part]:
        """Give the parts of a map of side x side cells; those of a tiny map may coincide."""
        stretch = _window if self.windows else _bin
        return [
            (*stretch(side, level, row), *stretch(side, level, column))
            for level in self.levels
            for row, column in product(range(level), repeat=2)
        ]

    def mirrored(self) -> list[int]:
        """Give the number of the part that shows in a mirrored picture what each part shows."""
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


#: The pooling that is no pooling of the map: the input of the network's own classifier.
PRELOGITS = "prelogits"

#: What the parts of a view's pooling stand for. "regions" is R-MAC without its whitening: G.
#: Tolias, R. Sicre and H. Jegou, "Particular object retrieval with integral max-pooling of CNN
#: activations", ICLR 2016.
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
