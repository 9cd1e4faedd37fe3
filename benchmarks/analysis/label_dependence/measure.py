"""The dependence section of a comparison, at a cost that does not grow with the data set."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...data.tables import LabelTable
from .conditional import measure_gain
from .pairwise import marginal_pairs

Floats = NDArray[np.float64]

MATRIX_LABELS = 80  # a heat map of more is neither read nor small
LISTED_PAIRS = 30
ENOUGH = 10  # images with and without a label, below which its log-loss is an accident


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
    """Measure how much labels depend on one another, and whether a joint model can gain from it.

    Marginally, two labels depend on each other where they meet more often, or less, than they would
    by chance. That alone is no reason for a joint model: the features may tell it all. So, given
    the features, it is measured how much better a label is predicted when the true other labels are
    known besides what an independent model says of all the labels: the most that knowing them can
    be worth to a model that is linear in its log-odds. Only that is there for joint models to gain
    [1]_. A dependence among three labels that no two of them show (exclusive or) is not seen by
    either.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
        The truth, one row per image.
    labels : sequence of str, length n_labels
        Their names.
    probabilities : array of float, shape (n_images, n_labels), optional
        What an independent method, say one-vs-rest, gave to images it had not learned from; the
        mean where an image was judged more than once. Without them the features are left out.
    known : array of bool, shape (n_images, n_labels), optional
        False where the truth is not known.
    groups : array, shape (n_images,), optional
        Images that belong together.
    level : float
        Of the intervals; and the chance that no independent pair at all is called dependent.
    seed : int
        Of the folds and the resamples.
    n_jobs : int, optional
        Processes, as joblib counts them.

    Returns
    -------
    dict
        ``"marginal"`` and ``"given_features"`` (None without `probabilities`), each with
        ``"pairs"``, the 30 most dependent ones: [{"labels", "correlation", "together", "expected",
        "p"}], ``"tested"`` and ``"dependent"``, how many pairs, and ``"matrix"``: {"labels",
        "values"} of the correlations among the at most 80 most frequent labels. Marginal pairs have
        "mutual_information" in nats as well. Given the features there are also ``"gain"``:
        {"value", "low", "high", "p"} in nats per image and label, ``"share"`` of the ``"log_loss"``
        that this is, ``"labels"``, the same per label, and ``"too_rare"``: labels with fewer than
        10 images with or without them, which are left out. Every p is adjusted by Holm's procedure
        over its list. ``"reading"`` is one sentence.

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
    >>> Y = np.column_stack([cat, ~cat, rng.random(500) < 0.3])  # never a cat and a dog
    >>> found = label_dependence(Y, ["cat", "dog", "fox"], np.full(Y.shape, 0.4))
    >>> found["given_features"]["pairs"][0]["labels"], found["given_features"]["dependent"]
    (['cat', 'dog'], 1)
    """
    names = list(labels)
    truth = np.asarray(Y, dtype=np.float64)
    seen = np.ones_like(truth) if known is None else np.asarray(known, dtype=np.float64)
    if truth.ndim != 2 or seen.shape != truth.shape or truth.shape[1] != len(names):
        raise ValueError(f"Y {truth.shape} and known {seen.shape} must be images x {len(names)}")
    truth = truth * seen
    marginal = marginal_pairs(truth, seen, groups)
    given = None
    if probabilities is not None:
        scores = np.asarray(probabilities, dtype=np.float64)
        if scores.shape != truth.shape:
            raise ValueError(f"probabilities {scores.shape} must be of Y's shape {truth.shape}")
        given = _given_features(truth, scores, seen, names, groups, level, seed, n_jobs)
    found = {
        "marginal": {
            **marginal.ranked(names, LISTED_PAIRS, level),
            "matrix": marginal.matrix(names, _most_frequent(truth)),
        },
        "given_features": given,
    }
    return found | {"reading": _reading(found)}


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
    """Judge the labels that are frequent enough; None where no two of them are."""
    judged = np.flatnonzero(np.minimum(Y.sum(axis=0), (known - Y).sum(axis=0)) >= ENOUGH)
    units = len(Y) if groups is None else len(np.unique(np.asarray(groups)))
    if len(judged) < 2 or units < ENOUGH:
        return None
    kept = [names[j] for j in judged]
    Y, probabilities, known = Y[:, judged], probabilities[:, judged], known[:, judged]
    gains, pairs = measure_gain(
        Y, probabilities, known, kept, groups, level=level, seed=seed, n_jobs=n_jobs
    )
    return {
        **gains,
        **pairs.ranked(kept, LISTED_PAIRS, level),
        "matrix": pairs.matrix(kept, _most_frequent(Y)),
        "too_rare": [name for name in names if name not in kept],
    }


def _most_frequent(Y: Floats) -> NDArray[np.intp]:
    """Choose the labels of the heat map, kept in their own order."""
    return np.sort(np.argsort(-Y.sum(axis=0), kind="stable")[:MATRIX_LABELS])


def _reading(found: dict[str, Any]) -> str:
    pairs, given = found["marginal"], found["given_features"]
    start = f"{pairs['dependent']} of {pairs['tested']} pairs of labels depend on each other"
    if given is None:
        return f"{start}; whether the features already tell that was not measured."
    gain = given["gain"]
    still = f"given the features {given['dependent']} of {given['tested']} still do"
    amount = (
        f"{gain['value']:.4f} nats per image and label ({gain['low']:.4f} to {gain['high']:.4f},"
        f" {100 * given['share']:.1f} % of the log-loss)"
    )
    if gain["low"] > 0:
        return (
            f"{start}, {still}, and knowing the other labels improves the prediction of a label by"
            f" {amount}: there is something for a joint model to gain."
        )
    outlook = (
        "a joint model may gain on those labels, but hardly on the average"
        if given["dependent"]
        else "there is nothing for a joint model to gain that these images could show"
    )
    return (
        f"{start}, {still}, and knowing the other labels does not surely improve the prediction of"
        f" a label (by {amount}): {outlook}."
    )


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
