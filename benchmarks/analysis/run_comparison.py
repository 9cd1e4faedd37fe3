"""Compare the saved predictions of two runs, image by image."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..metrics import macro_ap, macro_aps
from ..significance import Resamples
from ..utils import InputError

DECISION_AIMS = {"subset_accuracy": "set", "hamming_loss": "hamming", "macro_f1": "f1"}
"""Metrics of predicted labels, and the aim of the thresholds that they are computed with."""

RUN_METRICS = ("macro_ap", *DECISION_AIMS)
N_RESAMPLES = 500
MAX_CHANGES = 200

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


class RunPredictions(Protocol):
    """Predictions of a run, as `catnocat.benchmarks.evaluation.read_predictions` returns them."""

    @property
    def images(self) -> tuple[str, ...]:
        """Image of each test row."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names."""

    @property
    def Y(self) -> Flags:  # noqa: N802  scikit-learn's name
        """True labels."""

    @property
    def known(self) -> Flags:
        """Whether each true label is known."""

    @property
    def scores(self) -> dict[str, Array]:
        """Probabilities by method."""

    @property
    def predictions_by_aim(self) -> dict[str, dict[str, Flags]]:
        """Predicted labels by method and aim."""


@dataclass(frozen=True)
class MetricDifference:
    """A metric in both runs, and the difference B - A with its 95 % interval.

    Attributes
    ----------
    metric : str
    a, b, difference, low, high : float
    p : float
        Bootstrap p-value of the difference, two-sided.
    """

    metric: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class LabelChange:
    """A label in both runs.

    Attributes
    ----------
    label : str
    ap_a, ap_b : float or None
        Average precision; None without positive or negative images.
    fixed, broken : int
        Images whose prediction of the label was wrong in A and is right in B, and the reverse.
    """

    label: str
    ap_a: float | None
    ap_b: float | None
    fixed: int
    broken: int


@dataclass(frozen=True)
class ImageChange:
    """An image with predictions that got right or wrong.

    Attributes
    ----------
    image : str
    fixed, broken : tuple of str
        Labels.
    """

    image: str
    fixed: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True)
class MethodComparison:
    """One method in both runs.

    Attributes
    ----------
    method_a, method_b : str
    differences : list of MetricDifference
    labels : list of LabelChange
        The largest loss or gain in AP first.
    fixed, broken : int
        Predictions that were wrong in A and are right in B, and the reverse.
    images_fixed, images_broken : int
        The same for whole label sets.
    images : list of ImageChange
        Images with most changes first; at most 200.
    """

    method_a: str
    method_b: str
    differences: list[MetricDifference]
    labels: list[LabelChange]
    fixed: int
    broken: int
    images_fixed: int
    images_broken: int
    images: list[ImageChange]


@dataclass(frozen=True)
class RunComparison:
    """Two runs, compared on the images and labels that both have.

    Attributes
    ----------
    n_images, n_labels : int
        Compared images and labels.
    only_a, only_b : int
        Test images that only one run has.
    labels_only_a, labels_only_b : tuple of str
    changed_truths : int
        Labels of compared images that are not the same in both runs; the truth of B counts, and
        labels that are unknown in either run are left out.
    methods : list of MethodComparison
    """

    n_images: int
    n_labels: int
    only_a: int
    only_b: int
    labels_only_a: tuple[str, ...]
    labels_only_b: tuple[str, ...]
    changed_truths: int
    methods: list[MethodComparison]


def compare_runs(
    a: RunPredictions,
    b: RunPredictions,
    *,
    methods: tuple[str, str] | None = None,
    seed: int = 0,
) -> RunComparison:
    """Compare two runs on the same images: another backbone, other views, corrected labels.

    Images are paired by name. The probabilities of an image that was tested in several repetitions
    are averaged; it counts as predicted with a label if most repetitions do. Both runs are scored
    against the labels of run B: after a correction of labels, these are the corrected ones.

    Parameters
    ----------
    a, b : RunPredictions
    methods : tuple of (str, str), optional
        A method of A to be compared with a method of B. By default every method that both runs
        have.
    seed : int, default=0
        Seed of the bootstrap of the images; the same images are drawn in both runs.

    Returns
    -------
    RunComparison

    Raises
    ------
    InputError
        If the runs have no image, label or method in common, or a method is not in its run.
    """
    pairs = _method_pairs(a, b, methods)
    labels = [label for label in b.labels if label in a.labels]
    if not labels:
        raise InputError("the two runs have no label in common")
    first, second = _index(a), _index(b)
    images = [image for image in second if image in first]
    if not images:
        raise InputError("the two runs have no test image in common; compare runs of one data set")
    run_a = _Aligned(a, [first[image] for image in images], labels)
    run_b = _Aligned(b, [second[image] for image in images], labels)
    known = run_a.known & run_b.known
    Y = run_b.Y & known
    return RunComparison(
        n_images=len(images),
        n_labels=len(labels),
        only_a=len(first) - len(images),
        only_b=len(second) - len(images),
        labels_only_a=tuple(label for label in a.labels if label not in labels),
        labels_only_b=tuple(label for label in b.labels if label not in labels),
        changed_truths=int(((run_a.Y != run_b.Y) & known).sum()),
        methods=[
            _compare_method(run_a, run_b, pair, Y, known, images, labels, seed) for pair in pairs
        ],
    )


def _method_pairs(
    a: RunPredictions, b: RunPredictions, methods: tuple[str, str] | None
) -> list[tuple[str, str]]:
    if methods is not None:
        for name, run, method in (("A", a, methods[0]), ("B", b, methods[1])):
            if method not in run.scores:
                choices = ", ".join(run.scores)
                raise InputError(f"run {name} has no method {method!r}; it has {choices}")
        return [methods]
    pairs = [(name, name) for name in a.scores if name in b.scores]
    if not pairs:
        raise InputError(
            "the two runs have no method in common; pass --methods A,B with one of each"
        )
    return pairs


def _index(run: RunPredictions) -> dict[str, list[int]]:
    """Return the test rows of each image."""
    rows: dict[str, list[int]] = {}
    for row, image in enumerate(run.images):
        rows.setdefault(image, []).append(row)
    return rows


class _Aligned:
    """A run, reduced to the given images, one row each, and labels."""

    def __init__(self, run: RunPredictions, rows: list[list[int]], labels: list[str]) -> None:
        self._run = run
        self._columns = [run.labels.index(label) for label in labels]
        self._rows = np.concatenate([np.asarray(part) for part in rows])
        self._starts = np.cumsum([0, *(len(part) for part in rows[:-1])])
        self._counts = np.array([len(part) for part in rows])[:, None]
        first = self._rows[self._starts]
        self.Y = np.asarray(run.Y)[first][:, self._columns].astype(bool)
        self.known = np.asarray(run.known)[first][:, self._columns].astype(bool)

    def scores(self, method: str) -> Array:
        """Return the mean probabilities."""
        return self._mean(self._run.scores[method])

    def predictions(self, method: str, aim: str) -> Flags:
        """Return the majority of the predicted labels; a tie counts as present."""
        return self._mean(self._run.predictions_by_aim[method][aim]) >= 0.5

    def _mean(self, values: NDArray[np.generic]) -> Array:
        chosen = np.asarray(values)[self._rows][:, self._columns].astype(np.float64)
        return np.asarray(np.add.reduceat(chosen, self._starts, axis=0) / self._counts)


def _compare_method(
    a: _Aligned,
    b: _Aligned,
    pair: tuple[str, str],
    Y: Flags,
    known: Flags,
    images: list[str],
    labels: list[str],
    seed: int,
) -> MethodComparison:
    scores = a.scores(pair[0]), b.scores(pair[1])
    decided = [
        {metric: run.predictions(name, aim) for metric, aim in DECISION_AIMS.items()}
        for run, name in zip((a, b), pair, strict=True)
    ]
    wrong_a, wrong_b = ((part["subset_accuracy"] != Y) & known for part in decided)
    fixed, broken = wrong_a & ~wrong_b, wrong_b & ~wrong_a
    sets_a, sets_b = wrong_a.any(axis=1), wrong_b.any(axis=1)
    order = np.argsort(-(fixed | broken).sum(axis=1), kind="stable")
    changes = [
        ImageChange(
            images[row],
            tuple(labels[column] for column in np.flatnonzero(fixed[row])),
            tuple(labels[column] for column in np.flatnonzero(broken[row])),
        )
        for row in order[:MAX_CHANGES].tolist()
        if (fixed[row] | broken[row]).any()
    ]
    return MethodComparison(
        *pair,
        differences=_differences(Y, known, scores, decided, seed),
        labels=_label_changes(Y, known, scores, fixed, broken, labels),
        fixed=int(fixed.sum()),
        broken=int(broken.sum()),
        images_fixed=int((sets_a & ~sets_b).sum()),
        images_broken=int((sets_b & ~sets_a).sum()),
        images=changes,
    )


def _differences(
    Y: Flags,
    known: Flags,
    scores: tuple[Array, Array],
    decided: list[dict[str, Flags]],
    seed: int,
) -> list[MetricDifference]:
    resamples = np.vstack([np.ones(len(Y)), *Resamples(np.arange(len(Y)), N_RESAMPLES, seed=seed)])
    found = []
    for metric in RUN_METRICS:
        if metric == "macro_ap":
            values = [macro_aps(Y, P, known, resamples) for P in scores]
        else:
            values = [_resampled(metric, Y, known, part[metric], resamples) for part in decided]
        a, b = (float(part[0]) for part in values)
        away = values[1] - values[0]
        deviations = away[1:][np.isfinite(away[1:])]
        deviations = deviations - deviations.mean() if deviations.size else np.zeros(1)
        low, high = np.quantile(deviations, [0.025, 0.975])
        p = min(1.0, 2 * min(np.mean(deviations >= b - a), np.mean(deviations <= b - a)))
        p = max(float(p), 2 / (N_RESAMPLES + 1))
        found.append(MetricDifference(metric, a, b, b - a, b - a + low, b - a + high, min(1.0, p)))
    return found


def _resampled(metric: str, Y: Flags, known: Flags, predicted: Flags, weights: Array) -> Array:
    """Return a metric of predicted labels under each row of weights."""
    wrong = (predicted != Y) & known
    if metric == "subset_accuracy":
        return np.asarray(weights @ ~wrong.any(axis=1) / weights.sum(axis=1))
    if metric == "hamming_loss":
        return np.asarray((weights @ wrong.sum(axis=1)) / (weights @ known.sum(axis=1)))
    true_positive = weights @ (predicted & Y & known).astype(np.float64)
    errors = weights @ wrong.astype(np.float64)
    total = 2 * true_positive + errors
    f1 = np.divide(2 * true_positive, total, out=np.zeros_like(total), where=total > 0)
    counted = (weights @ (Y & known).astype(np.float64) > 0) & (
        weights @ (~Y & known).astype(np.float64) > 0
    )
    number = counted.sum(axis=1)
    summed = np.where(counted, f1, 0).sum(axis=1)
    undefined = np.full(len(weights), np.nan)
    return np.asarray(np.divide(summed, number, out=undefined, where=number > 0))


def _label_changes(
    Y: Flags,
    known: Flags,
    scores: tuple[Array, Array],
    fixed: Flags,
    broken: Flags,
    labels: list[str],
) -> list[LabelChange]:
    changes = []
    for column, label in enumerate(labels):
        part = [column]
        ap_a, ap_b = (macro_ap(Y[:, part], P[:, part], known[:, part]) for P in scores)
        n_fixed, n_broken = int(fixed[:, column].sum()), int(broken[:, column].sum())
        changes.append(LabelChange(label, ap_a, ap_b, n_fixed, n_broken))
    return sorted(changes, key=_size_of_change, reverse=True)


def _size_of_change(change: LabelChange) -> float:
    if change.ap_a is None or change.ap_b is None:
        return 0.0
    return abs(change.ap_b - change.ap_a)
