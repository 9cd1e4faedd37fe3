"""Thresholds: from probabilities to predictions, for each metric.

Each metric is computed from predictions that optimise it. With one threshold for all metrics, a
method could lose in F1 and win in Hamming loss for the same reason, because its probabilities are
low. Thresholds and the rule for label sets are therefore chosen for every method by the same
procedure, on out-of-fold probabilities.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...classifiers import best_threshold
from .model_selection import SearchResult

Array = NDArray[Any]

AIMS = ("hamming", "f1")
"""Criterion that the threshold of a label optimizes: the number of errors, or F1."""

AIM_OF_METRIC = {
    "hamming_loss": "hamming",
    "subset_accuracy": "set",
    "macro_f1": "f1",
    "micro_f1": "f1",
    "sample_f1": "f1",
    "jaccard": "f1",
}
"""Predictions from which a metric is computed: those for an aim, or the label sets (``"set"``)."""

DEFAULT_THRESHOLD = 0.5
"""Threshold of a label that has no scorable out-of-fold probabilities."""


@dataclass(frozen=True)
class SetRule:
    """Rule that predicts the label set of an image, for subset accuracy.

    Attributes
    ----------
    source : {"thresholds", "sets"}
        The labels above their thresholds for Hamming loss, or the label set that the method
        predicts.
    at_least_one : bool
        Whether an image without any label gets its most probable label.

    Examples
    --------
    >>> rule = SetRule("thresholds", at_least_one=True)
    >>> scores = np.array([[0.1, 0.3], [0.9, 0.2]])
    >>> rule.apply(scores, np.array([0.5, 0.5]), None).tolist()
    [[0, 1], [1, 0]]
    """

    source: Literal["thresholds", "sets"] = "thresholds"
    at_least_one: bool = False

    def apply(self, scores: Array, thresholds: Array, sets: Array | None) -> Array:
        """Return the predicted label set of each image.

        Parameters
        ----------
        scores : array of shape (n_images, n_labels)
        thresholds : array of shape (n_labels,)
            Thresholds for Hamming loss.
        sets : array of shape (n_images, n_labels) or None
            Label sets that the method predicts; needed only if they are the source.

        Returns
        -------
        array of uint8 of shape (n_images, n_labels)
            0 or 1.

        Raises
        ------
        ValueError
            If the sets are the source and `sets` is None.
        """
        if self.source == "thresholds":
            predicted = (scores > thresholds).astype(np.uint8)
        elif sets is None:
            raise ValueError("The rule needs the label sets that the method predicts; got None.")
        else:
            predicted = sets.astype(np.uint8)
        if self.at_least_one:
            empty = np.flatnonzero(~predicted.any(axis=1))
            predicted[empty, scores[empty].argmax(axis=1)] = 1
        return predicted

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as plain values for JSON."""
        return asdict(self)


def choose_thresholds(search: SearchResult, Y: Array) -> dict[str, Array]:
    """Choose each label's threshold for each aim, on out-of-fold probabilities.

    Parameters
    ----------
    search : SearchResult
    Y : array of shape (n_images, n_labels)

    Returns
    -------
    dict of str to array of shape (n_labels,)
        By aim; a label is predicted if its probability exceeds the threshold.
    """
    thresholds = {aim: np.full(Y.shape[1], DEFAULT_THRESHOLD) for aim in AIMS}
    for label, rows in enumerate(search.scorable.T):
        y = Y[rows, label]
        if not y.any() or y.all():
            continue
        for aim in AIMS:
            thresholds[aim][label] = best_threshold(search.scores[rows, label], y, aim=aim)
    return thresholds


def choose_set_rule(
    search: SearchResult, thresholds: Mapping[str, Array], Y: Array, known: Array
) -> SetRule:
    """Choose the rule for label sets by its subset accuracy on out-of-fold predictions.

    The candidates are the label sets that the method predicts, if it does, and the labels above
    their thresholds; each unchanged and with at least one label. "At least one label" is a
    candidate only if every training image has a label. The first candidate is kept unless another
    one is better by more than one standard error of the paired difference (`is_clearly_better`).

    Parameters
    ----------
    search : SearchResult
        With label sets, if the method predicts them.
    thresholds : mapping of str to array of shape (n_labels,)
        As returned by `choose_thresholds`.
    Y, known : arrays of shape (n_images, n_labels)

    Returns
    -------
    SetRule
    """
    sources: list[Literal["thresholds", "sets"]] = ["thresholds"]
    if search.sets is not None:
        sources.insert(0, "sets")
    never_empty = bool(len(Y)) and bool(((Y > 0) & known).any(axis=1).all())
    at_least_one = (False, True) if never_empty else (False,)
    best, best_matches = SetRule(sources[0]), None
    for rule in (SetRule(source, filled) for source in sources for filled in at_least_one):
        predicted = rule.apply(search.scores, thresholds["hamming"], search.sets)
        matches = exact_matches(predicted, Y, known)
        if best_matches is None or is_clearly_better(matches, best_matches):
            best, best_matches = rule, matches
    return best


def is_clearly_better(matches: Array, reference_matches: Array) -> bool:
    """Return whether a method is better than a reference by more than one standard error.

    The standard error is that of the difference of matched pairs [1]_: the square root of the
    number of images that exactly one of the two predicts right.

    Parameters
    ----------
    matches, reference_matches : arrays of bool of shape (n_images,)
        Whether each image is predicted right.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated proportions
       or percentages", Psychometrika 12, 1947.

    Examples
    --------
    >>> reference = np.array([True, False, False, False])
    >>> is_clearly_better(np.array([True, True, True, False]), reference)
    True
    >>> is_clearly_better(np.array([True, True, False, False]), reference)
    False
    """
    gain = matches.astype(np.int64) - reference_matches
    return bool(gain.sum() > np.sqrt(np.square(gain).sum()))


def exact_matches(predicted: Array, Y: Array, known: Array) -> Array:
    """Return for each image with a known label whether all its known labels are right."""
    matches: Array = ((predicted == Y) | ~known).all(axis=1)
    return matches[known.any(axis=1)]


def apply_thresholds(
    scores: Array,
    thresholds: Mapping[str, Array],
    sets: Array | None = None,
    rule: SetRule | None = None,
) -> dict[str, Array]:
    """Return the predictions for each aim, and the predicted label sets.

    Parameters
    ----------
    scores : array of shape (n_images, n_labels)
    thresholds : mapping of str to array of shape (n_labels,)
    sets : array of shape (n_images, n_labels) or None
        Label sets that the method predicts.
    rule : SetRule or None
        None: `sets` if there are any, otherwise the thresholds for Hamming loss.

    Returns
    -------
    dict of str to array of shape (n_images, n_labels)
        0 or 1; ``"hamming"``, ``"f1"`` and ``"set"``.
    """
    if rule is None:
        rule = SetRule("thresholds" if sets is None else "sets")
    predictions = {
        aim: (scores > threshold).astype(np.uint8) for aim, threshold in thresholds.items()
    }
    return predictions | {"set": rule.apply(scores, thresholds["hamming"], sets)}


def predictions_by_metric(predictions_by_aim: Mapping[str, Array]) -> dict[str, Array]:
    """Return the predictions from which each metric is computed, for `Scorecard`.

    Predictions under the key of a metric are used for that metric instead of those for its aim.
    """
    return {
        metric: predictions_by_aim.get(metric, predictions_by_aim[aim])
        for metric, aim in AIM_OF_METRIC.items()
    }
