"""What helps in crowded pictures: another classifier, or another look at the picture."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..statistics import Resamples
from ..tables import LabelTable
from .points import LEAST_LABELS, Floats, Point, labels_at_all
from .series import KEYS, measure_all

Row = tuple[str, str]

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


def single_point(table: LabelTable) -> Point:
    """Take the pictures of one label."""
    one = (table.Y.sum(axis=1) == 1)[:, None]
    return Point(1, "1", (table.Y == 1) & one, (table.Y == 0) & table.known & one)


def measure_rescue(
    points: Sequence[Point],
    scores: Mapping[Row, Floats],
    against: Mapping[Row, Row],
    resamples: Resamples,
    *,
    stretch: float = 1.0,
    n_jobs: int = 1,
) -> list[dict[str, Any]]:
    """Hold recipes of features and classifiers against each other in crowded pictures.

    Parameters
    ----------
    points : sequence of Point
        The crowded pictures; after them, where that is to be told too, those of one label.
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
        ``"against"`` and ``"difference"``: {"auroc", "ap"} of such, or None; ``"single"``: the same
        among pictures of one label, or None.
    """
    series = measure_all(points, scores, labels_at_all(points), resamples, n_jobs)

    def told(row: Row, place: int) -> dict[str, Any]:
        one, other = series[row], against.get(row)
        figures: dict[str, Any] = {}
        for key in KEYS:
            whole = one.points(points, key)[place]
            figures[key] = {name: whole[name] for name in ("value", "low", "high")}
        figures["difference"] = other and {
            key: one.less(series[other], key, place, place, stretch) for key in KEYS
        }
        return figures

    return [
        {
            "recipe": row[0],
            "classifier": row[1],
            "against": against.get(row) and list(against[row]),
            "single": told(row, 1) if len(points) > 1 else None,
        }
        | told(row, 0)
        for row in series
    ]
