"""Section "dependence" of the results, at bounded cost."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...data.tables import LabelTable
from ..results import Dependence
from .conditional import measure_gain
from .pairwise import marginal_pairs

Floats = NDArray[np.float64]

MATRIX_LABELS = 80  # maximum number of labels in the heat map
LISTED_PAIRS = 30
MIN_IMAGES = 10  # minimum number of images with and without a label


def label_dependence(
    Y: ArrayLike,
    labels: Sequence[str],
    probabilities: ArrayLike | None = None,
    *,
    known: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    seed: int = 0,
    n_jobs: int | None = None,
) -> dict[str, Any]:
    """Measure the dependence between labels, and whether a joint model can gain from it.

    Two labels are marginally dependent if they occur together more or less often than by chance.
    This alone is no reason for a joint model, because the features may explain it. Conditional
    dependence is measured as the improvement of the prediction of a label when the true other
    labels are added to the log-odds of an independent model. It is an upper bound on the gain of a
    joint model that is linear in log-odds [1]_. Dependence among three labels without pairwise
    dependence (exclusive or) is not detected.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
        Ground truth.
    labels : sequence of str, length n_labels
        Names of the labels.
    probabilities : array of float, shape (n_images, n_labels), optional
        Out-of-sample probabilities of an independent method such as one-vs-rest; the mean if an
        image was tested more than once. Without them conditional dependence is not measured.
    known : array of bool, shape (n_images, n_labels), optional
        False where the ground truth is unknown.
    groups : array, shape (n_images,), optional
        Groups of dependent images.
    level : float
        Confidence level of the intervals. One minus it is the family-wise error rate of the tests.
    seed : int
        Random seed of the folds and resamples.
    n_jobs : int, optional
        Number of processes, as in joblib.

    Returns
    -------
    dict
        ``"marginal"`` and ``"given_features"`` (None without `probabilities`), each with
        ``"pairs"``, the 30 most dependent pairs: [{"labels", "correlation", "together", "expected",
        "p"}], ``"tested"`` and ``"dependent"``, numbers of pairs, and ``"matrix"``: {"labels",
        "values"} of the correlations among the at most 80 most frequent labels. Marginal pairs have
        "mutual_information" in nats as well. Given the features there are also ``"gain"``:
        {"value", "low", "high", "p"} in nats per image and label, ``"share"`` of the ``"log_loss"``
        that this is, ``"labels"``, the same per label, and ``"too_rare"``: labels with fewer than
        10 images with or without them, which are left out. Every p is adjusted by Holm's procedure
        within its list.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    .. [1] K. Dembczyński, W. Waegeman, W. Cheng and E. Hüllermeier, "On label dependence and loss
       minimization in multi-label classification", Machine Learning 88, 2012.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> cat = rng.random(500) < 0.5
    >>> Y = np.column_stack([cat, ~cat, rng.random(500) < 0.3])  # cat excludes dog
    >>> results = label_dependence(Y, ["cat", "dog", "fox"], np.full(Y.shape, 0.4))
    >>> results["given_features"]["pairs"][0]["labels"], results["given_features"]["dependent"]
    (['cat', 'dog'], 1)
    """
    names = list(labels)
    truth = np.asarray(Y, dtype=np.float64)
    mask = np.ones_like(truth) if known is None else np.asarray(known, dtype=np.float64)
    if truth.ndim != 2 or mask.shape != truth.shape or truth.shape[1] != len(names):
        raise ValueError(f"Y {truth.shape} and known {mask.shape} must be images x {len(names)}")
    truth = truth * mask
    marginal = marginal_pairs(truth, mask, groups)
    conditional = None
    if probabilities is not None:
        scores = np.asarray(probabilities, dtype=np.float64)
        if scores.shape != truth.shape:
            raise ValueError(f"probabilities {scores.shape} must be of Y's shape {truth.shape}")
        conditional = _given_features(truth, scores, mask, names, groups, level, seed, n_jobs)
    return {
        "marginal": {
            **marginal.rank(names, LISTED_PAIRS, level),
            "matrix": marginal.matrix(names, _most_frequent(truth)),
        },
        "given_features": conditional,
    }


def _given_features(
    Y: Floats,
    probabilities: Floats,
    known: Floats,
    names: list[str],
    groups: ArrayLike | None,
    level: float,
    seed: int,
    n_jobs: int | None,
) -> dict[str, Any] | None:
    """Measure the labels that are frequent enough; return None if fewer than two are."""
    frequent = np.flatnonzero(np.minimum(Y.sum(axis=0), (known - Y).sum(axis=0)) >= MIN_IMAGES)
    units = len(Y) if groups is None else len(np.unique(np.asarray(groups)))
    if len(frequent) < 2 or units < MIN_IMAGES:
        return None
    kept = [names[j] for j in frequent]
    Y, probabilities, known = Y[:, frequent], probabilities[:, frequent], known[:, frequent]
    gains, pairs = measure_gain(
        Y, probabilities, known, kept, groups, level=level, seed=seed, n_jobs=n_jobs
    )
    return {
        **gains,
        **pairs.rank(kept, LISTED_PAIRS, level),
        "matrix": pairs.matrix(kept, _most_frequent(Y)),
        "too_rare": [name for name in names if name not in kept],
    }


def _most_frequent(Y: Floats) -> NDArray[np.intp]:
    """Return the columns of the heat map, in table order."""
    return np.sort(np.argsort(-Y.sum(axis=0), kind="stable")[:MATRIX_LABELS])


MAX_LABELS = 80
MAX_IMAGES = 10_000

Rows = NDArray[np.intp]


def measure_dependence(
    table: LabelTable,
    probabilities: ArrayLike | None = None,
    *,
    method: str | None = None,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Dependence:
    """Measure the dependence between the labels of the test images.

    The time grows linearly with the images and quadratically with the labels. Large data sets are
    therefore sampled: the 80 most frequent labels and 10,000 random images, in whole groups.

    Parameters
    ----------
    table : LabelTable
        The test images, each once.
    probabilities : array of float, shape (n_images, n_labels), optional
        Out-of-sample probabilities of an independent method.
    method : str, optional
        Name of that method.
    seed : int
        Random seed of the sample, folds and resamples.
    n_jobs : int, optional
        Number of processes, as in joblib.

    Returns
    -------
    Dependence
        Result of `label_dependence`, with the numbers of images and labels that were used.
    """
    rows = _sample(table, seed)
    columns = np.sort(np.argsort(-table.Y.sum(axis=0), kind="stable")[:MAX_LABELS])
    part = table.take(rows).take_labels(columns)
    results = label_dependence(
        part.Y,
        part.labels,
        None if probabilities is None else np.asarray(probabilities)[np.ix_(rows, columns)],
        known=part.known,
        groups=part.group,
        seed=seed,
        n_jobs=n_jobs,
    )
    left_out = np.setdiff1d(np.arange(table.n_labels), columns)
    sampled = {
        "images": part.n_images,
        "test_images": table.n_images,
        "labels": part.n_labels,
        "labels_left_out": [table.labels[j] for j in left_out.tolist()],
        "method": method,
    }
    return cast(Dependence, results | sampled)


def _sample(table: LabelTable, seed: int) -> Rows:
    """Sample whole groups up to `MAX_IMAGES` images."""
    if table.n_images <= MAX_IMAGES:
        return np.arange(table.n_images)
    units = np.arange(table.n_images) if table.group is None else table.group
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    drawn = order[: max(1, np.searchsorted(np.cumsum(sizes[order]), MAX_IMAGES, side="right"))]
    return np.flatnonzero(np.isin(unit, drawn))
