"""Curves of accuracy: points, bootstrap series and their form in `results.json`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from ...significance import Resamples, difference_interval, metric_interval
from .matched_prevalence import chance_ap, compute_metrics

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

MIN_POSITIVES, MIN_NEGATIVES = 8, 20
"""Minimum numbers of images with and without a label at each point of its average."""
MIN_LABELS = 3


@dataclass(frozen=True)
class Point:
    """One point of a curve.

    Attributes
    ----------
    x : float
        Position on the axis.
    label : str
        Text on the axis.
    positive, negative : array of bool, shape (n_images, n_labels)
        Image-label pairs whose scores are compared.
    """

    x: float
    label: str
    positive: Bools
    negative: Bools

    @property
    def images(self) -> int:
        """Number of images with a positive label at this point."""
        return int(self.positive.any(axis=1).sum())


def labels_at_every_point(points: Sequence[Point], min_positives: int = MIN_POSITIVES) -> Bools:
    """Return which labels have enough positive and negative images at every point.

    All points of a curve are averaged over the same labels, because a missing easy label would
    change the curve.

    Returns
    -------
    array of bool, shape (n_labels,)
    """
    sufficient = [
        (point.positive.sum(axis=0) >= min_positives)
        & (point.negative.sum(axis=0) >= MIN_NEGATIVES)
        for point in points
    ]
    return np.asarray(np.all(sufficient, axis=0))


def points_by_number(
    Y: NDArray[np.uint8], known: Bools, number: NDArray[np.integer], most: int
) -> list[Point]:
    """Return points for images with 1, 2, ... and with `most` or more labels or objects.

    Positives and negatives have the same number: among all images with three labels, those with a
    cat are compared with those without a cat.

    Parameters
    ----------
    Y, known : arrays of shape (n_images, n_labels)
    number : array of int, shape (n_images,)
        Number of labels or objects per image.
    most : int
        Images with this number or more form one point.

    Examples
    --------
    >>> Y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    >>> points = points_by_number(Y, Y >= 0, Y.sum(axis=1), 2)
    >>> [(point.x, point.label, point.images) for point in points]
    [(1, '1', 2), (2, '2', 1)]
    """
    selections = [
        (x, number >= most if x == most else number == x) for x in range(1, max(most, 1) + 1)
    ]
    top = int(number.max(initial=0))
    return [
        Point(
            x,
            f"{x} or more" if x == most < top else str(x),
            (Y == 1) & selected[:, None],
            (Y == 0) & known & selected[:, None],
        )
        for x, selected in selections
    ]


def choose_points(
    Y: NDArray[np.uint8], known: Bools, number: NDArray[np.integer], usable: Bools | None = None
) -> list[Point]:
    """Return as many points as possible while two thirds of the labels are present at each.

    Parameters
    ----------
    Y, known, number
        As for `points_by_number`.
    usable : array of bool, shape (n_labels,), optional
        Labels that may be averaged. Default: all.

    Returns
    -------
    list of Point
        Empty if fewer than 3 labels are present at two points.
    """
    allowed = np.ones(Y.shape[1], dtype=np.bool_) if usable is None else usable

    def count_labels(points: list[Point]) -> int:
        return int((labels_at_every_point(points) & allowed).sum())

    chosen = points_by_number(Y, known, number, 2)
    required = max(MIN_LABELS, 2 * count_labels(chosen) / 3)
    if count_labels(chosen) < MIN_LABELS:
        return []
    for most in range(3, int(number.max()) + 1):
        finer = points_by_number(Y, known, number, most)
        if count_labels(finer) < required:
            break
        chosen = finer
    return chosen


KEYS = ("auroc", "ap")
CHANCE_AUROC = 0.5

Name = TypeVar("Name")


@dataclass(frozen=True)
class Series:
    """Macro averages of one method along a curve.

    Attributes
    ----------
    values : dict of str to array, shape (n_points,)
        ``"auroc"`` and ``"ap"``, see `compute_metrics`.
    resampled : dict of str to array, shape (n_resamples, n_points)
        The same per resample. All methods share the resamples.
    n_units : int
        Number of resampled units: images or groups.
    """

    values: dict[str, Floats]
    resampled: dict[str, Floats]
    n_units: int

    def points(self, points: Sequence[Point], key: str) -> list[dict[str, Any]]:
        """Return the curve with 95 % confidence intervals, as in `results.json`."""
        entries = []
        for number, point in enumerate(points):
            value = float(self.values[key][number])
            low, high = metric_interval(value, self.resampled[key][:, number])
            entries.append(
                {"x": point.x, "label": point.label, "images": point.images}
                | {
                    "value": round_or_none(value),
                    "low": round_or_none(low),
                    "high": round_or_none(high),
                }
            )
        return entries

    def above_chance(self) -> bool:
        """Return whether the AUROC, averaged over the points, is above 0.5 by its 99 % interval."""
        value = float(self.values["auroc"].mean())
        low, _ = metric_interval(value, self.resampled["auroc"].mean(axis=1), 0.99)
        return bool(low > CHANCE_AUROC)

    def less(
        self, other: "Series", key: str, first: int, second: int, stretch: float = 1.0
    ) -> dict[str, float | None]:
        """Return the difference between this value at `first` and the other's at `second`."""
        value = float(self.values[key][first] - other.values[key][second])
        resampled = self.resampled[key][:, first] - other.resampled[key][:, second]
        low, high, _ = difference_interval(value, resampled, self.n_units, stretch=stretch)
        return {
            "value": round_or_none(value),
            "low": round_or_none(low),
            "high": round_or_none(high),
        }


def measure_series(
    points: Sequence[Point], scores: Floats, labels: Bools, resamples: Resamples
) -> Series:
    """Compute the macro averages of one method along a curve.

    Parameters
    ----------
    points : sequence of Point
    scores : array of float, shape (n_images, n_labels)
    labels : array of bool, shape (n_labels,)
        Labels to average. A resample without enough images of a label averages the others.
    resamples : Resamples
        Bootstrap resamples of the images.
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
    """Compute the averages of several methods in parallel; see `measure_series`."""
    tasks = (delayed(measure_series)(points, part, labels, resamples) for part in scores.values())
    return dict(zip(scores, Parallel(n_jobs=n_jobs)(tasks), strict=True))


def mean_series(series: Sequence[Series]) -> Series:
    """Return the mean of series that differ only in the training set."""
    return Series(
        {key: np.mean([each.values[key] for each in series], axis=0) for key in KEYS},
        {key: np.mean([each.resampled[key] for each in series], axis=0) for key in KEYS},
        series[0].n_units,
    )


def round_or_none(value: float) -> float | None:
    """Round to 5 digits; return None for NaN."""
    return None if np.isnan(value) else round(float(value), 5)


def _averages(
    points: Sequence[Point], scores: Floats, labels: Bools, weights: NDArray[np.float64]
) -> dict[str, Floats]:
    """Return arrays of shape (n_resamples, n_points)."""
    averages: dict[str, list[Floats]] = {key: [] for key in KEYS}
    for point in points:
        per_label: dict[str, list[Floats]] = {key: [] for key in KEYS}
        for j in np.flatnonzero(labels):
            rows = np.flatnonzero(point.positive[:, j] | point.negative[:, j])
            values = compute_metrics(point.positive[rows, j], scores[rows, j], weights[:, rows])
            for key in KEYS:
                per_label[key].append(values[key])
        for key in KEYS:
            averages[key].append(_mean(np.array(per_label[key])))
    return {key: np.stack(parts, axis=1) for key, parts in averages.items()}


def _mean(per_label: Floats) -> Floats:
    """Return the mean over the labels with a value in a resample; NaN without any."""
    defined = ~np.isnan(per_label)
    count = defined.sum(axis=0)
    total = per_label.sum(axis=0, where=defined)
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


Y_TITLES = {"auroc": "macro AUROC", "ap": "macro AP at matched prevalence"}
CHANCE = {"auroc": 0.5, "ap": chance_ap()}


@dataclass(frozen=True)
class Curve:
    """Series of several methods along one axis.

    Attributes
    ----------
    points : sequence of Point
    labels : array of bool, shape (n_labels,)
        Labels that are averaged.
    series : dict of str to Series
    keys : tuple of str
        Metrics to show: AP needs more images than AUROC.
    title, about, x : str
        Title, caption and axis of the chart.
    """

    points: Sequence[Point]
    labels: Bools
    series: dict[str, Series]
    keys: tuple[str, ...]
    title: str
    about: str
    x: str

    def to_charts(self, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Generate (metric, chart) pairs, where each chart is a dictionary for `results.json`."""
        for key in self.keys:
            yield (
                key,
                {
                    "title": self.title,
                    "about": self.about,
                    "x": self.x,
                    "y": Y_TITLES[key],
                    "chance": round(CHANCE[key], 5),
                    "labels_averaged": [names[j] for j in np.flatnonzero(self.labels).tolist()],
                    "series": {
                        name: series.points(self.points, key)
                        for name, series in self.series.items()
                    },
                },
            )
