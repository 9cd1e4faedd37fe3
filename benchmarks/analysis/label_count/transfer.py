"""The thread's second theory: who has seen one animal at a time cannot see several at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.tables import LabelTable
from ...evaluation import Fold, gather_judgements, run_method
from ...evaluation.methods import Method
from ...significance import Resamples
from ...utils import InputError
from .curves import (
    Bools,
    Floats,
    Point,
    Series,
    choose_points,
    labels_at_all,
    mean_series,
    measure_all,
)

Rows = NDArray[np.intp]

ALL, SINGLE, SEVERAL = "all pictures", "pictures of one label", "pictures of several labels"
FEWEST, MOST = 60, 4000
"""Training pictures: with fewer nothing is learned, more only take time."""
DRAWS = 3
LEAST_POSITIVES = 3


@dataclass(frozen=True)
class Transfer:
    """What was learned from each kind of pictures, along the number of labels.

    Attributes
    ----------
    points : list of Point
    labels : array of bool
        Which are averaged.
    series : dict of str to Series
        By the kind of training pictures.
    train_images : int
        How many of each kind.
    draws : int
        How often they were drawn; the series are means over draws.
    labels_shown : dict of str to float
        Labels in the mean training picture of each kind.
    """

    points: list[Point]
    labels: Bools
    series: dict[str, Series]
    train_images: int
    draws: int
    labels_shown: dict[str, float]


def measure_transfer(
    method: Method,
    X: NDArray[Any],
    table: LabelTable,
    folds: Sequence[Fold],
    resamples: Resamples,
    *,
    seed: int = 0,
    n_jobs: int = 1,
) -> Transfer | str:
    """Train on all pictures, on those of one label, on those of several, and test along the number.

    The three training sets of a fold are of the same size: that of the smaller kind. They are drawn
    several times from the fold's training pictures; the test pictures are the comparison's own.

    Parameters
    ----------
    method : Method
        What is trained; its parameters are chosen within each training set, on the first draw.
    X, table, folds
        As for `catnocat.benchmarks.evaluation.cross_validation.run_method`.
    resamples : Resamples
        Of the judged images.
    seed, n_jobs : int

    Returns
    -------
    Transfer or str
        Why it cannot be measured, where it cannot.
    """
    folds = _first_round(folds)
    number = table.Y.sum(axis=1)
    kinds = {ALL: number >= 0, SINGLE: number == 1, SEVERAL: number >= 2}
    pools = {k: [fold.train[kind[fold.train]] for fold in folds] for k, kind in kinds.items()}
    size = min(MOST, *(len(pool) for parts in pools.values() for pool in parts))
    if size < FEWEST:
        least = min((SINGLE, SEVERAL), key=lambda kind: min(map(len, pools[kind])))
        return f"there are only {size} training {least}, and {FEWEST} at least are needed"
    rng = np.random.default_rng((seed, 5))
    draws = max(1, DRAWS // len(folds))
    drawn = {
        kind: [
            [np.sort(rng.choice(pool, size, replace=False)) for pool in pools[kind]]
            for _ in range(draws)
        ]
        for kind in kinds
    }
    learnable = np.all(
        [_learnable(table, rows) for sets in drawn.values() for one in sets for rows in one], axis=0
    )
    judged = gather_judgements([], table, folds).table
    points = choose_points(judged.Y, judged.known, judged.Y.sum(axis=1), learnable)
    if not points:
        return (
            f"too few labels are in {LEAST_POSITIVES} training pictures of each kind, and in enough"
            " test pictures of one label and of several"
        )
    labels = labels_at_all(points) & learnable
    scores: dict[str, Floats] = {}
    for kind, sets in drawn.items():
        try:
            found = _fit(method, X, table, folds, sets, seed, n_jobs)
        except InputError as error:
            return f"{kind} are too few to choose parameters on ({error})"
        scores |= {f"{kind} {draw}": one for draw, one in enumerate(found)}
    every = measure_all(points, scores, labels, resamples, n_jobs)
    series = {
        kind: mean_series([every[f"{kind} {draw}"] for draw in range(draws)]) for kind in kinds
    }
    shown = {
        kind: float(np.mean([number[rows].mean() for one in sets for rows in one]))
        for kind, sets in drawn.items()
    }
    return Transfer(points, labels, series, size, draws, shown)


def _first_round(folds: Sequence[Fold]) -> list[Fold]:
    """Take the folds up to the one with which each image has been judged once."""
    seen: set[int] = set()
    taken = []
    for fold in folds:
        if seen.intersection(fold.test.tolist()):
            break
        seen.update(fold.test.tolist())
        taken.append(fold)
    return taken


def _learnable(table: LabelTable, rows: Rows) -> Bools:
    """Say which labels a training set holds, and leaves out, often enough."""
    positive = table.Y[rows] == 1
    negative = table.known[rows] & ~positive
    both = [part.sum(axis=0) >= LEAST_POSITIVES for part in (positive, negative)]
    return np.asarray(np.all(both, axis=0))


def _fit(
    method: Method,
    X: NDArray[Any],
    table: LabelTable,
    folds: Sequence[Fold],
    sets: list[list[Rows]],
    seed: int,
    n_jobs: int,
) -> list[Floats]:
    """Give the scores of the judged images, one array per draw."""
    scores = []
    for one in sets:
        parts = [Fold(rows, fold.test) for rows, fold in zip(one, folds, strict=True)]
        outcome = run_method(method, X, table, parts, seed=seed, n_jobs=n_jobs)
        scores.append(gather_judgements([outcome], table, folds).scores[method.name])
        # Further draws differ in their pictures alone.
        method = replace(method, grid={name: (value,) for name, value in outcome.chosen[0].items()})
    return scores
