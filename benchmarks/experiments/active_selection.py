"""Simulate the labelling of images: selected by the model, or at random.

Run as ``python -m catnocat.benchmarks.experiments.active_selection DATASET``.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.preprocessing import StandardScaler

from ...classifiers import LogisticBinaryRelevance
from ..analysis.active_selection import select_images, smoothed_prevalence, weighted_uncertainty
from ..data import load_dataset, load_vectors
from ..data.tables import LabelTable
from ..metrics import macro_ap
from ..utils import InputError
from .command import log, run_measurement

START = 100
STEPS = (150, 200, 300, 400, 600, 800)
REPORTED = (200, 400, 800)
STRATEGIES = ("random", "uncertainty", "distance", "suggest")
C = 0.01

Rows = NDArray[np.intp]


def simulate(
    X: NDArray[np.float32],
    table: LabelTable,
    strategy: str,
    *,
    start: int = START,
    steps: Sequence[int] = STEPS,
    seed: int = 0,
) -> dict[int, float]:
    """Label images of the training part step by step.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
        Standardised.
    table : LabelTable
        With a split.
    strategy : {"random", "uncertainty", "distance", "suggest"}
        "uncertainty": the most uncertain images; "distance": greedy k-centre; "suggest": their
        product, as `catnocat suggest` selects.
    start : int
        Number of images that are labelled at random first; the same ones for every strategy.
    steps : sequence of int
        Numbers of labelled images after which the model is fitted again.
    seed : int

    Returns
    -------
    dict of int to float
        Macro AP on the test images, by the number of labelled images.
    """
    pool, test = (np.flatnonzero(table.split == part) for part in ("train", "test"))
    rng = np.random.default_rng(seed)
    labelled = rng.permutation(pool)[:start]
    order = rng.permutation(pool)
    model = _fit(X, table, labelled)
    aps: dict[int, float] = {}
    for size in steps:
        count = size - len(labelled)
        if strategy == "random":
            added = order[~np.isin(order, labelled)][:count]
        else:
            candidates = np.setdiff1d(pool, labelled)
            P = model.predict_proba(X[candidates])
            added = candidates[_select(X, table, labelled, candidates, P, count, strategy)]
        labelled = np.concatenate([labelled, added])
        model = _fit(X, table, labelled)
        aps[size] = float(macro_ap(table.Y[test], model.predict_proba(X[test])) or 0)
    return aps


def _select(
    X: NDArray[np.float32],
    table: LabelTable,
    labelled: Rows,
    candidates: Rows,
    P: NDArray[np.floating[Any]],
    count: int,
    strategy: str,
) -> Rows:
    prevalence = smoothed_prevalence(table.Y[labelled].sum(axis=0), len(labelled))
    if strategy == "uncertainty":
        return np.argsort(-weighted_uncertainty(P, prevalence), kind="stable")[:count]
    if strategy == "distance":
        P = np.full(P.shape, 0.5)
    selected = select_images(P, X[candidates], count, prevalence=prevalence, X_labelled=X[labelled])
    return np.array([entry.row for entry in selected], dtype=np.intp)


def _fit(X: NDArray[np.float32], table: LabelTable, rows: Rows) -> LogisticBinaryRelevance:
    return LogisticBinaryRelevance(C, tol=1e-5).fit(X[rows], table.Y[rows])


def paired_interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of paired differences with its 95 % interval by Student's t.

    Examples
    --------
    >>> [round(value, 3) for value in paired_interval([1.0, 2.0, 3.0])]
    [2.0, -0.484, 4.484]
    """
    values = np.asarray(differences, dtype=np.float64)
    half = stats.t.isf(0.025, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    mean = float(values.mean())
    return mean, mean - float(half), mean + float(half)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print macro AP by strategy and number of labelled images."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", help="a data set with a split into train and test")
    parser.add_argument("--store", default=None, help="folder of the feature store")
    parser.add_argument("--seeds", type=int, default=5, help="number of repetitions")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first repetition")
    parser.add_argument("--strategies", default=",".join(STRATEGIES[1:]))
    return run_measurement(parser, _measure, arguments)


def _measure(options: argparse.Namespace, show: Callable[[str], None] = print) -> int:
    vectors = load_vectors(load_dataset(options.dataset), store=options.store)
    table = vectors.table
    if table.split is None:
        raise InputError(f"{table.source}: no split; this experiment needs train and test images.")
    X = StandardScaler().fit(vectors.X[table.split == "train"]).transform(vectors.X)
    strategies = ["random", *options.strategies.split(",")]
    aps = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rare labels are constant among the first images
        for strategy in strategies:
            aps[strategy] = [
                simulate(X, table, strategy, seed=options.seed + k) for k in range(options.seeds)
            ]
            log(f"{strategy}: {[round(run[REPORTED[-1]], 3) for run in aps[strategy]]}")
    show("| selection | " + " | ".join(f"{size} labelled" for size in REPORTED) + " |")
    show("|---|" + "---|" * len(REPORTED))
    for strategy in strategies:
        cells = []
        for size in REPORTED:
            values = [run[size] for run in aps[strategy]]
            text = f"{np.mean(values):.3f}"
            if strategy != "random":
                differences = [
                    value - run[size] for value, run in zip(values, aps["random"], strict=True)
                ]
                mean, low, high = paired_interval(differences)
                text += f", {mean:+.3f} ({low:+.3f} to {high:+.3f})"
            cells.append(text)
        show(f"| {strategy} | " + " | ".join(cells) + " |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
