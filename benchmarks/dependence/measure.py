"""The dependence section of a comparison, at a cost that does not grow with the data set."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..tables import LabelTable
from .labels import label_dependence

MOST_LABELS = 80
MOST_IMAGES = 10_000

Rows = NDArray[np.intp]


def measure_dependence(
    table: LabelTable,
    probabilities: ArrayLike | None = None,
    *,
    method: str | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
) -> dict[str, Any]:
    """Measure the dependence of the labels of the judged images.

    Time grows with the images and with the square of the labels, so that a large data set is
    sampled: its 80 most frequent labels, and 10,000 of its images drawn at random, groups whole.

    Parameters
    ----------
    table : LabelTable
        The judged images, each once.
    probabilities : array of float, shape (n_images, n_labels), optional
        What an independent method gave to them, which it had not learned from.
    method : str, optional
        Its name.
    seed : int
        Of the sample, the folds and the resamples.
    n_jobs : int, optional
        Processes, as joblib counts them.

    Returns
    -------
    dict
        What `label_dependence` gives, and of what: ``"images"`` and ``"labels"`` looked at,
        ``"images_judged"``, ``"labels_left_out"`` and ``"method"``.
    """
    rows = _sample(table, seed)
    columns = np.sort(np.argsort(-table.Y.sum(axis=0), kind="stable")[:MOST_LABELS])
    part = table.take(rows).take_labels(columns)
    found = label_dependence(
        part.Y,
        part.labels,
        None if probabilities is None else np.asarray(probabilities)[np.ix_(rows, columns)],
        known=part.known,
        groups=part.group,
        seed=seed,
        n_jobs=n_jobs,
    )
    left_out = np.setdiff1d(np.arange(table.n_labels), columns)
    return found | {
        "images": part.n_images,
        "images_judged": table.n_images,
        "labels": part.n_labels,
        "labels_left_out": [table.labels[j] for j in left_out.tolist()],
        "method": method,
    }


def _sample(table: LabelTable, seed: int) -> Rows:
    """Draw whole groups until there are enough images; all where there are not more."""
    if table.n_images <= MOST_IMAGES:
        return np.arange(table.n_images)
    units = np.arange(table.n_images) if table.group is None else table.group
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    drawn = order[: max(1, np.searchsorted(np.cumsum(sizes[order]), MOST_IMAGES, side="right"))]
    return np.flatnonzero(np.isin(unit, drawn))
