"""How many animals a scene holds.

Herds arrive as a Poisson variable and each herd's size is drawn from a short list (a compound
Poisson distribution), drawn again until the scene's number of animals is within its bounds. A
Poisson number of herds, each of a kind drawn by itself, is the same as one Poisson number for each
kind by itself (thinning), so labels are independent where nobody keeps company; only the upper
bound, which few scenes touch, departs from that.

References
----------
Kingman, J. F. C. (1993). Poisson Processes. Oxford University Press. Sections 1.2 and 5.1.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["draw_herds", "herd_probability", "number_probabilities"]


def number_probabilities(
    herds: float, herd_sizes: Sequence[float], fewest: int, most: int
) -> list[float]:
    """Give the probability of each number of animals, from `fewest` to `most`.

    Examples
    --------
    >>> [round(p, 3) for p in number_probabilities(1.8, (0.65, 0.25, 0.10), 0, 6)]
    [0.175, 0.205, 0.198, 0.17, 0.122, 0.081, 0.049]
    """
    inside = _compound_poisson(herds, herd_sizes, most)[fewest:]
    return [p / sum(inside) for p in inside]


def herd_probability(herds: float, herd_sizes: Sequence[float], fewest: int, most: int) -> float:
    """Give the probability that the herds as they arrive keep within the bounds."""
    return sum(_compound_poisson(herds, herd_sizes, most)[fewest:])


def draw_herds(
    rng: "np.random.Generator", herds: float, herd_sizes: Sequence[float], fewest: int, most: int
) -> list[int]:
    """Draw the sizes of one scene's herds."""
    while True:
        sizes = rng.choice(len(herd_sizes), size=rng.poisson(herds), p=herd_sizes) + 1
        if fewest <= sizes.sum() <= most:
            return [int(size) for size in sizes]


def _compound_poisson(herds: float, herd_sizes: Sequence[float], most: int) -> list[float]:
    """Give the probabilities of 0 to `most` animals (Panjer's recursion)."""
    p = [math.exp(-herds)]
    for n in range(1, most + 1):
        sizes = enumerate(herd_sizes[:n], start=1)
        p.append(herds / n * sum(size * share * p[n - size] for size, share in sizes))
    return p
