"""Which animals a scene holds: some keep company, some avoid each other.

The labels stand in a ring, and neighbours are friends and foes in turn, so that every label has one
friend and one foe and all labels are equally frequent. The herds of a scene come one after another;
a kind is drawn with a weight of 1, times ``1 + company`` if its friend is there already, divided by
``1 + avoidance`` if its foe is. With both at 0 the kinds are independent of each other.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["draw_kinds", "foes", "friends"]


def friends(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Give the pairs that keep company.

    Examples
    --------
    >>> friends(["cat", "dog", "squirrel", "rabbit", "fox"])
    [('cat', 'dog'), ('squirrel', 'rabbit')]
    """
    return list(zip(labels[0::2], labels[1::2], strict=False))


def foes(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Give the pairs that avoid each other.

    The ring is closed only where that leaves every label one friend and one foe.

    Examples
    --------
    >>> foes(["cat", "dog", "squirrel", "rabbit"])
    [('dog', 'squirrel'), ('rabbit', 'cat')]
    >>> foes(["cat", "dog", "squirrel"])
    [('dog', 'squirrel')]
    """
    pairs = list(zip(labels[1::2], labels[2::2], strict=False))
    if len(labels) >= 4 and len(labels) % 2 == 0:
        pairs.append((labels[-1], labels[0]))
    return pairs


def draw_kinds(
    rng: "np.random.Generator",
    labels: Sequence[str],
    herds: int,
    company: float,
    avoidance: float,
) -> list[str]:
    """Draw the kinds of one scene's herds, one after another."""
    factors = {frozenset(pair): 1 + company for pair in friends(labels)}
    factors |= {frozenset(pair): 1 / (1 + avoidance) for pair in foes(labels)}
    weights = dict.fromkeys(labels, 1.0)
    kinds: list[str] = []
    for _ in range(herds):
        total = sum(weights.values())
        kind = str(rng.choice(list(labels), p=[weight / total for weight in weights.values()]))
        if kind not in kinds:
            for label in labels:
                weights[label] *= factors.get(frozenset((kind, label)), 1.0)
        kinds.append(kind)
    return kinds
