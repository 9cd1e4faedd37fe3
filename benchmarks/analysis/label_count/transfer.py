"""Transfer from training images of one label to test images of several labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.tables import LabelTable
from ...evaluation import Fold, pool_predictions, run_method
from ...evaluation.methods import Method
from ...significance import Resamples
from ...utils import InputError
from .curves import (
    Bools,
    Floats,
    Point,
    Series,
    choose_points,
    labels_at_every_point,
    mean_series,
    measure_all,
)

Rows = NDArray[np.intp]
MissingAnalysis = dict[str, Any]
"""Why something was not measured: ``"code"`` and the figures that explain it."""

ALL, SINGLE, SEVERAL = "all images", "images of one label", "images of several labels"
MIN_TRAINING, MAX_TRAINING = 60, 4000
"""Minimum and maximum number of training images."""
N_DRAWS = 3
MIN_TRAINING_POSITIVES = 3


@dataclass(frozen=True)
class Transfer:
    """Accuracy by number of labels for each kind of training images.

    Attributes
    ----------
    points : list of Point
    labels : array of bool
        Labels that are averaged.
    series : dict of str to Series
        Series by kind of training images.
    train_images : int
        Number of training images of each kind.
    draws : int
        Number of sampled training sets; the series are means over them.
    labels_shown : dict of str to float
        Mean number of labels per training image of each kind.
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
) -> "Transfer | MissingAnalysis":
    """Train on all images, images of one label and images of several; test by number of labels.

    The three training sets of a fold have equal size, that of the smallest kind. They are sampled
    several times from the training images of the fold. The test images are those of the comparison.

    Parameters
    ----------
    method : Method
        Method to train; its parameters are selected within each first training set.
    X, table, folds
        As in `catnocat.benchmarks.evaluation.run_method`.
    resamples : Resamples
        Bootstrap resamples of the test images.
    seed, n_jobs : int

    Returns
    -------
    Transfer or dict
        A dictionary with ``"code"`` and the figures that explain it if it cannot be measured.
    """
    folds = _first_round(folds)
    number = table.Y.sum(axis=1)
    kinds = {ALL: number >= 0, SINGLE: number == 1, SEVERAL: number >= 2}
    pools = {k: [fold.train[kind[fold.train]] for fold in folds] for k, kind in kinds.items()}
    size = min(MAX_TRAINING, *(len(pool) for parts in pools.values() for pool in parts))
    if size < MIN_TRAINING:
        least = min((SINGLE, SEVERAL), key=lambda kind: min(map(len, pools[kind])))
        return {
            "code": "too_few_training_images",
            "trained_on": least,
            "images": size,
            "needed": MIN_TRAINING,
        }
    rng = np.random.default_rng((seed, 5))
    draws = max(1, N_DRAWS // len(folds))
    drawn = {
        kind: [
            [np.sort(rng.choice(pool, size, replace=False)) for pool in pools[kind]]
            for _ in range(draws)
        ]
        for kind in kinds
    }
    learnable = np.all(
        [
            _learnable(table, rows)
            for sets in drawn.values()
            for fold_rows in sets
            for rows in fold_rows
        ],
        axis=0,
    )
    test_table = pool_predictions([], table, folds).table
    points = choose_points(test_table.Y, test_table.known, test_table.Y.sum(axis=1), learnable)
    if not points:
        return {"code": "too_few_labels_for_transfer", "needed": MIN_TRAINING_POSITIVES}
    labels = labels_at_every_point(points) & learnable
    scores: dict[str, Floats] = {}
    for kind, sets in drawn.items():
        try:
            fitted = _fit(method, X, table, folds, sets, seed, n_jobs)
        except InputError as error:
            return {
                "code": "parameters_not_selected",
                "trained_on": kind,
                "reason": str(error),
            }
        scores |= {f"{kind} {draw}": part for draw, part in enumerate(fitted)}
    every = measure_all(points, scores, labels, resamples, n_jobs)
    series = {
        kind: mean_series([every[f"{kind} {draw}"] for draw in range(draws)]) for kind in kinds
    }
    shown = {
        kind: float(np.mean([number[rows].mean() for fold_rows in sets for rows in fold_rows]))
        for kind, sets in drawn.items()
    }
    return Transfer(points, labels, series, size, draws, shown)


def _first_round(folds: Sequence[Fold]) -> list[Fold]:
    """Return the first folds in which each image is a test image at most once."""
    seen: set[int] = set()
    selected = []
    for fold in folds:
        if seen.intersection(fold.test.tolist()):
            break
        seen.update(fold.test.tolist())
        selected.append(fold)
    return selected


def _learnable(table: LabelTable, rows: Rows) -> Bools:
    """Return which labels have enough positive and negative images in a training set."""
    positive = table.Y[rows] == 1
    negative = table.known[rows] & ~positive
    both = [part.sum(axis=0) >= MIN_TRAINING_POSITIVES for part in (positive, negative)]
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
    """Return the scores of the test images, one array per sampled training set."""
    scores = []
    for fold_rows in sets:
        parts = [Fold(rows, fold.test) for rows, fold in zip(fold_rows, folds, strict=True)]
        method_result = run_method(method, X, table, parts, seed=seed, n_jobs=n_jobs)
        scores.append(pool_predictions([method_result], table, folds).scores[method.name])
        # All draws use the parameters selected on the first one.
        method = replace(
            method, grid={name: (value,) for name, value in method_result.chosen[0].items()}
        )
    return scores
