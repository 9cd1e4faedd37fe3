"""Composition of a scene: how many animals, in which groups, with which labels.

The number of groups is a Poisson variable and each group size is drawn from a short list of
probabilities (a compound Poisson distribution). A draw is repeated until the number of animals is
within its bounds. If the labels of the groups are independent, the number of animals of each label
is an independent Poisson variable too (thinning), so that labels are independent. Only the upper
bound, which few scenes reach, violates this.

Labels depend on each other along a ring: neighbours form a cooccurring pair and an exclusive pair
in turn, so that each label belongs to one pair of each type and all labels are equally frequent.
The labels of the groups are drawn in sequence. A label has weight 1, times ``1 + cooccurrence`` if
its cooccurring partner is already in the scene, divided by ``1 + exclusion`` if its exclusive
partner is.

References
----------
Kingman, J. F. C. (1993). Poisson Processes. Oxford University Press. Sections 1.2 and 5.1.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "animal_count_probabilities",
    "cooccurring_pairs",
    "draw_group_labels",
    "draw_group_sizes",
    "exclusive_pairs",
    "probability_within_bounds",
]


def animal_count_probabilities(
    mean_groups: float, group_sizes: Sequence[float], fewest: int, most: int
) -> list[float]:
    """Return the probability of each number of animals, from `fewest` to `most`.

    Examples
    --------
    >>> [round(p, 3) for p in animal_count_probabilities(1.8, (0.65, 0.25, 0.10), 0, 6)]
    [0.175, 0.205, 0.198, 0.17, 0.122, 0.081, 0.049]
    """
    inside = _compound_poisson(mean_groups, group_sizes, most)[fewest:]
    return [p / sum(inside) for p in inside]


def probability_within_bounds(
    mean_groups: float, group_sizes: Sequence[float], fewest: int, most: int
) -> float:
    """Return the probability that one draw has `fewest` to `most` animals."""
    return sum(_compound_poisson(mean_groups, group_sizes, most)[fewest:])


def draw_group_sizes(
    rng: "np.random.Generator",
    mean_groups: float,
    group_sizes: Sequence[float],
    fewest: int,
    most: int,
) -> list[int]:
    """Draw the sizes of the groups of one scene."""
    while True:
        sizes = rng.choice(len(group_sizes), size=rng.poisson(mean_groups), p=group_sizes) + 1
        if fewest <= sizes.sum() <= most:
            return [int(size) for size in sizes]


def _compound_poisson(mean_groups: float, group_sizes: Sequence[float], most: int) -> list[float]:
    """Return the probabilities of 0 to `most` animals (Panjer's recursion)."""
    p = [math.exp(-mean_groups)]
    for n in range(1, most + 1):
        sizes = enumerate(group_sizes[:n], start=1)
        p.append(mean_groups / n * sum(size * share * p[n - size] for size, share in sizes))
    return p


def cooccurring_pairs(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of labels that occur together more often than by chance.

    Examples
    --------
    >>> cooccurring_pairs(["cat", "dog", "squirrel", "rabbit", "fox"])
    [('cat', 'dog'), ('squirrel', 'rabbit')]
    """
    return list(zip(labels[0::2], labels[1::2], strict=False))


def exclusive_pairs(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of labels that occur together less often than by chance.

    The ring is closed only if each label then belongs to exactly one pair of each type.

    Examples
    --------
    >>> exclusive_pairs(["cat", "dog", "squirrel", "rabbit"])
    [('dog', 'squirrel'), ('rabbit', 'cat')]
    >>> exclusive_pairs(["cat", "dog", "squirrel"])
    [('dog', 'squirrel')]
    """
    pairs = list(zip(labels[1::2], labels[2::2], strict=False))
    if len(labels) >= 4 and len(labels) % 2 == 0:
        pairs.append((labels[-1], labels[0]))
    return pairs


def draw_group_labels(
    rng: "np.random.Generator",
    labels: Sequence[str],
    n_groups: int,
    cooccurrence: float,
    exclusion: float,
) -> list[str]:
    """Draw the labels of the groups of one scene, in sequence."""
    factors = {frozenset(pair): 1 + cooccurrence for pair in cooccurring_pairs(labels)}
    factors |= {frozenset(pair): 1 / (1 + exclusion) for pair in exclusive_pairs(labels)}
    weights = dict.fromkeys(labels, 1.0)
    group_labels: list[str] = []
    for _ in range(n_groups):
        total = sum(weights.values())
        drawn = str(rng.choice(list(labels), p=[weight / total for weight in weights.values()]))
        if drawn not in group_labels:
            for label in labels:
                weights[label] *= factors.get(frozenset((drawn, label)), 1.0)
        group_labels.append(drawn)
    return group_labels
