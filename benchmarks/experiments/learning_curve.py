"""Check the learning curve: extrapolate from half of the training images to all of them.

Run as ``python -m catnocat.benchmarks.experiments.learning_curve DATASET``.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from ...classifiers import LogisticBinaryRelevance, LogisticBinaryRelevanceCV
from ..analysis.learning_curve import Estimate, measure_learning_curve
from ..data import load_dataset, load_vectors, sample_rows
from ..data.tables import LabelTable
from ..metrics import macro_ap
from ..utils import InputError
from .command import log, run_measurement


@dataclass(frozen=True)
class Extrapolation:
    """An extrapolation from half of the training images, and what all of them reach.

    Attributes
    ----------
    half, full : float
        Macro AP after training on half of the images and on all of them.
    gain : Estimate
        Expected gain from doubling, measured on the half.
    """

    half: float
    full: float
    gain: Estimate

    @property
    def is_covered(self) -> bool:
        """Whether the interval contains the true gain."""
        return self.gain.low <= self.full - self.half <= self.gain.high


def extrapolate(
    X: NDArray[Any], table: LabelTable, draws: int, seed: int = 0
) -> list[Extrapolation]:
    """Extrapolate from stratified halves of the training images.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    table : LabelTable
        With a split.
    draws : int
        Number of halves.
    seed : int, default=0

    Returns
    -------
    list of Extrapolation
    """
    train, test = (np.flatnonzero(table.split == part) for part in ("train", "test"))
    search = LogisticBinaryRelevanceCV((1e-4, 1e-3, 1e-2, 1e-1), cv=3, tol=1e-5)
    search.fit(StandardScaler().fit_transform(X[train]), table.Y[train], known=table.known[train])
    estimator = LogisticBinaryRelevance(float(search.C_), tol=1e-5)
    scaler = StandardScaler().fit(X[train])
    estimator.fit(scaler.transform(X[train]), table.Y[train], known=table.known[train])
    scores = estimator.predict_proba(scaler.transform(X[test]))
    full = float(macro_ap(table.Y[test], scores, table.known[test]) or 0)
    found = []
    for draw in range(draws):
        rows = train[sample_rows(table.take(train), len(train) // 2, seed + 100 * draw)]
        folds = [SimpleNamespace(train=rows, test=test)]
        (curve,) = measure_learning_curve(
            X, table, folds, estimators={"logistic": estimator}, seed=seed + 100 * draw
        )
        found.append(Extrapolation(curve.points[-1].macro_ap.value, full, curve.doubling))
        log(f"{draw + 1}/{draws}: {found[-1]}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the curve of all training images and the coverage of extrapolations from halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", help="a data set with a split into train and test")
    parser.add_argument("--store", default=None, help="folder of the feature store")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    return run_measurement(parser, _measure, arguments)


def _measure(options: argparse.Namespace, show: Callable[[str], None] = print) -> int:
    vectors = load_vectors(load_dataset(options.dataset), store=options.store)
    table, X = vectors.table, vectors.X
    if table.split is None:
        raise InputError(f"{table.source}: no split; this experiment needs train and test images.")
    train, test = (np.flatnonzero(table.split == part) for part in ("train", "test"))
    started = time.process_time()
    folds = [SimpleNamespace(train=train, test=test)]
    (curve,) = measure_learning_curve(X, table, folds, seed=options.seed)
    seconds = time.process_time() - started
    show("| training images | macro AP | 95 % interval |\n|---|---|---|")
    for point in curve.points:
        ap = point.macro_ap
        show(f"| {point.train_images:,} | {ap.value:.3f} | {ap.low:.3f} to {ap.high:.3f} |")
    gain = curve.doubling
    label, largest = next(iter(curve.label_gains.items()))
    show(
        f"\nDoubling: {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}); most for {label}:"
        f" {largest.value:+.3f} ({largest.low:+.3f} to {largest.high:+.3f});"
        f" {seconds:.0f} processor-seconds."
    )
    found = extrapolate(X, table, options.draws, options.seed)
    errors = np.array([entry.gain.value - (entry.full - entry.half) for entry in found])
    show(
        f"\nFrom {len(train) // 2:,} to {len(train):,} training images, {len(found)} halves: true"
        f" gain {np.mean([entry.full - entry.half for entry in found]):+.3f}, expected"
        f" {np.mean([entry.gain.value for entry in found]):+.3f}, mean absolute error"
        f" {np.abs(errors).mean():.3f}, mean width of the interval"
        f" {np.mean([entry.gain.high - entry.gain.low for entry in found]):.3f}; the interval"
        f" contains the true gain in {sum(entry.is_covered for entry in found)} of {len(found)}."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
