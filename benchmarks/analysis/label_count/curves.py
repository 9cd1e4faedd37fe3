"""A curve: its points, who was measured along it, and how `results.json` holds it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from ...significance import Resamples, difference_interval, own_interval
from .matched_prevalence import chance_ap, draw_values

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

LEAST_WITH, LEAST_WITHOUT = 8, 20
"""Pictures of each kind at each point, below which a label is left out of the averages."""
LEAST_LABELS = 3


@dataclass(frozen=True)
class Point:
    """One place on a curve.

    Attributes
    ----------
    x : float
        Where on the axis.
    label : str
        What to call it.
    positive, negative : array of bool, shape (n_images, n_labels)
        The cells between which the scores of a label are to tell.
    """

    x: float
    label: str
    positive: Bools
    negative: Bools

    @property
    def images(self) -> int:
        """How many pictures show what the point is about."""
        return int(self.positive.any(axis=1).sum())


def labels_at_all(points: Sequence[Point], least_with: int = LEAST_WITH) -> Bools:
    """Say which labels have enough pictures with and without them at every point.

    A curve is averaged over the same labels throughout: were an easy label missing at one end, the
    curve would bend for that alone.

    Returns
    -------
    array of bool, shape (n_labels,)
    """
    enough = [
        (point.positive.sum(axis=0) >= least_with) & (point.negative.sum(axis=0) >= LEAST_WITHOUT)
        for point in points
    ]
    return np.asarray(np.all(enough, axis=0))


def points_by_number(
    Y: NDArray[np.uint8], known: Bools, number: NDArray[np.integer], most: int
) -> list[Point]:
    """Make a point for the pictures with 1, 2, ... and with `most` or more labels or objects.

    Both sides are of the same crowd: of all pictures with three labels, those with a cat against
    those without one.

    Parameters
    ----------
    Y, known : arrays of shape (n_images, n_labels)
    number : array of int, shape (n_images,)
        Labels, or objects, in each picture.
    most : int
        From where on there is one point for all.

    Examples
    --------
    >>> Y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    >>> points = points_by_number(Y, Y >= 0, Y.sum(axis=1), 2)
    >>> [(point.x, point.label, point.images) for point in points]
    [(1, '1', 2), (2, '2', 1)]
    """
    crowds = [(x, number >= most if x == most else number == x) for x in range(1, max(most, 1) + 1)]
    top = int(number.max(initial=0))
    return [
        Point(
            x,
            f"{x} or more" if x == most < top else str(x),
            (Y == 1) & crowd[:, None],
            (Y == 0) & known & crowd[:, None],
        )
        for x, crowd in crowds
    ]


def choose_points(
    Y: NDArray[np.uint8], known: Bools, number: NDArray[np.integer], usable: Bools | None = None
) -> list[Point]:
    """Make as many points as two in three of the labels can be followed through.

    Parameters
    ----------
    Y, known, number
        As for `points_by_number`.
    usable : array of bool, shape (n_labels,), optional
        Labels that may be averaged; all by default.

    Returns
    -------
    list of Point
        Empty where fewer than 3 labels can be followed from one label, or object, to several.
    """
    allowed = np.ones(Y.shape[1], dtype=np.bool_) if usable is None else usable

    def followed(points: list[Point]) -> int:
        return int((labels_at_all(points) & allowed).sum())

    chosen = points_by_number(Y, known, number, 2)
    least = max(LEAST_LABELS, 2 * followed(chosen) / 3)
    if followed(chosen) < LEAST_LABELS:
        return []
    for most in range(3, int(number.max()) + 1):
        finer = points_by_number(Y, known, number, most)
        if followed(finer) < least:
            break
        chosen = finer
    return chosen


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


Y_TITLES = {"auroc": "macro AUROC", "ap": "macro AP at matched prevalence"}
CHANCE = {"auroc": 0.5, "ap": chance_ap()}


@dataclass(frozen=True)
class Curve:
    """What is measured along one axis.

    Attributes
    ----------
    points : sequence of Point
    labels : array of bool, shape (n_labels,)
        Which are averaged.
    series : dict of str to Series
    keys : tuple of str
        Which figures may be shown: AP needs more pictures than AUROC.
    title, about, x : str
        For its figure.
    """

    points: Sequence[Point]
    labels: Bools
    series: dict[str, Series]
    keys: tuple[str, ...]
    title: str
    about: str
    x: str

    def described(self, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give a dictionary for each figure: `results.json`'s, of plain values."""
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
                        name: one.points(self.points, key) for name, one in self.series.items()
                    },
                },
            )
