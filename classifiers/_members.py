"""What the members of an ensemble draw: a stream of random numbers each, and rows to learn from."""

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from ._targets import Mask

N_SEEDS = 1 << 32


def member_streams(random_state: Any, n_members: int) -> Iterator[np.random.RandomState]:
    """Give each member a stream of its own, the same however many members there are."""
    rng = check_random_state(random_state)
    whole = isinstance(random_state, Integral)
    seed = int(random_state) if whole else rng.randint(np.iinfo(np.int32).max)
    for member in range(n_members):
        yield np.random.RandomState((seed + member) % N_SEEDS)


def draw_rows(n_rows: int, share: float, rng: np.random.RandomState) -> Mask | None:
    """Draw rows without replacement; None stands for all."""
    if share == 1:
        return None
    drawn = np.zeros(n_rows, dtype=bool)
    drawn[rng.permutation(n_rows)[: max(1, round(share * n_rows))]] = True
    return drawn
