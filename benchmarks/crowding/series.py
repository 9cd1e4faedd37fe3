"""Macro averages at the points of a curve, and what the bootstrap says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from ..statistics import Resamples, difference_interval, own_interval
from .draws import draw_values
from .points import Bools, Floats, Point

KEYS = ("auroc", "ap")
CHANCE_AUROC = 0.5

Name = TypeVar("Name")


@dataclass(frozen=True)
class Series:
    """One scorer's macro averages along a curve.

    Attributes
    ----------
    values : dict of str to array, shape (n_points,)
        ``"auroc"`` and ``"ap"``, see `draw_values`.
    resampled : dict of str to array, shape (n_resamples, n_points)
        The same in each resample; the resamples are the same ones for every scorer.
    n_units : int
        What was drawn from: images, or groups of them.
    """

    values: dict[str, Floats]
    resampled: dict[str, Floats]
    n_units: int

    def points(self, points: Sequence[Point], key: str) -> list[dict[str, Any]]:
        """Give the curve, with 95 % intervals, as `results.json` holds it."""
        told = []
        for number, point in enumerate(points):
            value = float(self.values[key][number])
            low, high = own_interval(value, self.resampled[key][:, number])
            told.append(
                {"x": point.x, "label": point.label, "images": point.images}
                | {"value": plain(value), "low": plain(low), "high": plain(high)}
            )
        return told

    def above_chance(self) -> bool:
        """Return whether the AUROC, averaged over the points, is above 0.5 by its 99 % interval."""
        value = float(self.values["auroc"].mean())
        low, _ = own_interval(value, self.resampled["auroc"].mean(axis=1), 0.99)
        return bool(low > CHANCE_AUROC)

    def less(
        self, other: "Series", key: str, first: int, second: int, stretch: float = 1.0
    ) -> dict[str, float | None]:
        """Give this value at one point less another's at another, with its 95 % interval."""
        value = float(self.values[key][first] - other.values[key][second])
        resampled = self.resampled[key][:, first] - other.resampled[key][:, second]
        low, high, _ = difference_interval(value, resampled, self.n_units, stretch=stretch)
        return {"value": plain(value), "low": plain(low), "high": plain(high)}


def measure_series(
    points: Sequence[Point], scores: Floats, labels: Bools, resamples: Resamples
) -> Series:
    """Measure one scorer along a curve.

    Parameters
    ----------
    points : sequence of Point
    scores : array of float, shape (n_images, n_labels)
    labels : array of bool, shape (n_labels,)
        Which labels the averages are over. In a resample without enough pictures of a label the
        average is over the others.
    resamples : Resamples
        Of the images.
    """
    whole = _averages(points, scores, labels, np.ones((1, len(scores))))
    blocks = [_averages(points, scores, labels, weights) for weights in resamples]
    return Series(
        {key: whole[key][0] for key in KEYS},
        {key: np.concatenate([block[key] for block in blocks]) for key in KEYS},
        resamples.n_units,
    )


def measure_all(
    points: Sequence[Point],
    scores: Mapping[Name, Floats],
    labels: Bools,
    resamples: Resamples,
    n_jobs: int = 1,
) -> dict[Name, Series]:
    """Measure several scorers along a curve, in so many processes; see `measure_series`."""
    tasks = (delayed(measure_series)(points, one, labels, resamples) for one in scores.values())
    return dict(zip(scores, Parallel(n_jobs=n_jobs)(tasks), strict=True))


def mean_series(several: Sequence[Series]) -> Series:
    """Average scorers that differ only in what they happened to learn from."""
    return Series(
        {key: np.mean([one.values[key] for one in several], axis=0) for key in KEYS},
        {key: np.mean([one.resampled[key] for one in several], axis=0) for key in KEYS},
        several[0].n_units,
    )


def plain(value: float) -> float | None:
    """Round to what is worth writing down; None for what is not a number."""
    return None if np.isnan(value) else round(float(value), 5)


def _averages(
    points: Sequence[Point], scores: Floats, labels: Bools, weights: NDArray[np.float64]
) -> dict[str, Floats]:
    """Give arrays of shape (n_resamples, n_points)."""
    found: dict[str, list[Floats]] = {key: [] for key in KEYS}
    for point in points:
        per_label: dict[str, list[Floats]] = {key: [] for key in KEYS}
        for j in np.flatnonzero(labels):
            rows = np.flatnonzero(point.positive[:, j] | point.negative[:, j])
            values = draw_values(point.positive[rows, j], scores[rows, j], weights[:, rows])
            for key in KEYS:
                per_label[key].append(values[key])
        for key in KEYS:
            found[key].append(_mean(np.array(per_label[key])))
    return {key: np.stack(parts, axis=1) for key, parts in found.items()}


def _mean(per_label: Floats) -> Floats:
    """Average over the labels that have a value in a resample; NaN where none has."""
    defined = ~np.isnan(per_label)
    count = defined.sum(axis=0)
    total = per_label.sum(axis=0, where=defined)
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
