"""Where the animals stand."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ground", "grid_places", "scatter_place"]

# An animal less visible than this is hardly there, and its label would be a trap.
LEAST_VISIBLE = 0.4
TRIES = 40

Mask = NDArray[np.bool_]


class Ground:
    """Which animal is on top at each pixel, and how much of each is still seen.

    Parameters
    ----------
    canvas : int
        Side of the picture in pixels.

    Examples
    --------
    >>> ground = Ground(8)
    >>> square = np.ones((4, 4), dtype=bool)
    >>> ground.put(square, 0, 0)
    >>> ground.put(square, 2, 0)
    >>> ground.shares()
    [0.5, 1.0]
    """

    def __init__(self, canvas: int) -> None:
        self.side = canvas
        self._owner = np.full((canvas, canvas), -1, dtype=np.int16)
        self._whole: list[int] = []
        self._seen: list[int] = []

    def put(self, mask: Mask, x: int, y: int) -> None:
        """Put an animal on top of the others, its mask's corner at (x, y)."""
        for animal, lost in enumerate(self._losses(mask, x, y)):
            self._seen[animal] -= lost
        self._under(mask, x, y)[mask] = len(self._whole)
        pixels = int(mask.sum())
        self._whole.append(pixels)
        self._seen.append(pixels)

    def least_share(self, mask: Mask, x: int, y: int) -> float:
        """Give the smallest visible share there would be, were the animal put here."""
        lost = self._losses(mask, x, y)
        left = [
            (seen - gone) / whole
            for seen, gone, whole in zip(self._seen, lost, self._whole, strict=True)
        ]
        return min(left, default=1.0)

    def shares(self) -> list[float]:
        """Give the visible share of each animal, in the order they were put."""
        return [seen / whole for seen, whole in zip(self._seen, self._whole, strict=True)]

    def _losses(self, mask: Mask, x: int, y: int) -> list[int]:
        hidden = self._under(mask, x, y)[mask]
        counts = np.bincount(hidden[hidden >= 0], minlength=len(self._whole))
        return [int(count) for count in counts]

    def _under(self, mask: Mask, x: int, y: int) -> NDArray[np.int16]:
        height, width = mask.shape
        return self._owner[y : y + height, x : x + width]


def scatter_place(rng: np.random.Generator, ground: Ground, mask: Mask) -> tuple[int, int]:
    """Choose a corner anywhere on the canvas that leaves the animals below well visible.

    Where a crowd leaves no such place, the best of those that were tried.
    """
    height, width = mask.shape
    canvas = ground.side
    best, best_share = (0, 0), -1.0
    for _ in range(TRIES):
        x = int(rng.integers(canvas - width + 1))
        y = int(rng.integers(canvas - height + 1))
        share = ground.least_share(mask, x, y)
        if share >= LEAST_VISIBLE:
            return x, y
        if share > best_share:
            best, best_share = (x, y), share
    return best


def grid_places(
    rng: np.random.Generator, number: int, cells: int, canvas: int
) -> list[tuple[float, float]]:
    """Choose the centres of `number` different cells of a grid of `cells` x `cells`.

    Examples
    --------
    >>> sorted(grid_places(np.random.default_rng(0), 4, 2, 100))
    [(25.0, 25.0), (25.0, 75.0), (75.0, 25.0), (75.0, 75.0)]
    """
    side = canvas / cells
    chosen = rng.permutation(cells * cells)[:number]
    return [((cell % cells + 0.5) * side, (cell // cells + 0.5) * side) for cell in chosen.tolist()]
