"""What each form of the simulation runs, and how often."""

from dataclasses import dataclass
from itertools import product

from .trial import Cell, Protocol

WORLDS = (
    *("independent_labels", "mutual_exclusion", "strong_exclusion"),
    *("cooccurrence", "shared_nonlinearity", "rare_labels_2", "rare_labels_5"),
)
SIZES = (200, 400, 800, 3000)
SHARES = (0.15, 0.3, 0.6, 1.0)
"""Of images with mutually exclusive labels, for the power curve."""

PROTOCOLS: tuple[Protocol, ...] = ("folds", "split")


@dataclass(frozen=True)
class Planned:
    """A cell and how often it is run.

    Attributes
    ----------
    cell : Cell
    runs : int
    truths : int
        Training sets over which the true figures are averaged; 0 where they are not needed.
    """

    cell: Cell
    runs: int
    truths: int = 0


@dataclass(frozen=True)
class Form:
    """All cells of one form of the simulation.

    Attributes
    ----------
    cells : tuple of Planned
    n_resamples : int
    """

    cells: tuple[Planned, ...]
    n_resamples: int


def _cells(
    sizes: tuple[int, ...],
    worlds: tuple[str, ...],
    tables: dict[str, tuple[int, int]],
    *,
    power: tuple[tuple[int, ...], tuple[float, ...], int, int],
    best: int,
) -> tuple[Planned, ...]:
    """Return the grid; a table's runs and truths are divided by the square root of n / 200."""

    def scaled(number: int, n: int) -> int:
        return max(2, round(number * (200 / n) ** 0.5)) if number else 0

    grid = [
        Planned(Cell(world, n, protocol, table), scaled(runs, n), scaled(truths, n))
        for table, (runs, truths) in tables.items()
        for world, n, protocol in product(worlds, sizes, PROTOCOLS)
    ]
    power_sizes, shares, runs, truths = power
    grid += [
        Planned(Cell("partial_exclusion", n, "folds", "2", share), runs, truths)
        for n, share in product(power_sizes, shares)
    ]
    if best:
        grid += [
            Planned(Cell("independent_labels", 200, protocol, "20 against 1"), best)
            for protocol in PROTOCOLS
        ]
    return tuple(grid)


FORMS = {
    "full": Form(
        _cells(
            SIZES,
            WORLDS,
            {"4 equal": (40, 0), "4": (20, 10), "12": (6, 0)},
            power=((200, 400, 800), SHARES, 30, 8),
            best=40,
        ),
        1000,
    ),
    "short": Form(
        _cells(
            (200, 800),
            ("independent_labels", "mutual_exclusion", "cooccurrence", "rare_labels_5"),
            {"4 equal": (14, 0), "4": (8, 5)},
            power=((400,), (0.3, 1.0), 10, 4),
            best=10,
        ),
        500,
    ),
    "tiny": Form(
        _cells(
            (120,),
            ("mutual_exclusion",),
            {"4 equal": (2, 0), "2": (2, 2)},
            power=((120,), (1.0,), 2, 2),
            best=0,
        ),
        100,
    ),
}
"""`full` takes about an hour on two free cores, `short` about ten minutes; `tiny` is for tests."""
