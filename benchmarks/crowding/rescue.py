"""What helps in crowded pictures: another classifier, or another look at the picture."""

from collections.abc import Mapping
from typing import Any

from ..statistics import Resamples
from ..tables import LabelTable
from .points import LEAST_LABELS, Floats, Point, labels_at_all
from .series import KEYS, measure_all

CROWDED = (3, 2)  # labels in a picture, the first with enough pictures


def crowded_point(table: LabelTable) -> Point | None:
    """Take the pictures of three labels or more; of two or more where those are too few."""
    number = table.Y.sum(axis=1)
    for least in CROWDED:
        crowd = (number >= least)[:, None]
        positive, negative = (table.Y == 1) & crowd, (table.Y == 0) & table.known & crowd
        point = Point(least, f"{least} or more", positive, negative)
        if labels_at_all([point]).sum() >= LEAST_LABELS:
            return point
    return None


def measure_rescue(
    point: Point,
    scores: Mapping[tuple[str, str], Floats],
    against: Mapping[tuple[str, str], tuple[str, str]],
    resamples: Resamples,
    *,
    stretch: float = 1.0,
    n_jobs: int = 1,
) -> list[dict[str, Any]]:
    """Hold recipes of features and classifiers against each other in crowded pictures.

    Parameters
    ----------
    point : Point
        The crowded pictures.
    scores : mapping of (recipe, classifier) to array, shape (n_images, n_labels)
    against : mapping of (recipe, classifier) to (recipe, classifier)
        What each is held against, where it is.
    resamples : Resamples
        Of the images.
    stretch : float
        For the chance of what was learned from, as in the comparison.
    n_jobs : int

    Returns
    -------
    list of dict
        ``"recipe"``, ``"classifier"``, ``"auroc"`` and ``"ap"``: {"value", "low", "high"},
        ``"against"`` and ``"difference"``: {"auroc", "ap"} of such, or None.
    """
    labels = labels_at_all([point])
    series = measure_all([point], scores, labels, resamples, n_jobs)
    rows = []
    for row, one in series.items():
        told: dict[str, Any] = {"recipe": row[0], "classifier": row[1]}
        for key in KEYS:
            whole = one.points([point], key)[0]
            told[key] = {name: whole[name] for name in ("value", "low", "high")}
        other = against.get(row)
        told["against"] = None if other is None else list(other)
        told["difference"] = None
        if other is not None:
            told["difference"] = {key: one.less(series[other], key, 0, 0, stretch) for key in KEYS}
        rows.append(told)
    return rows
