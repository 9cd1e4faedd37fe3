"""Decisions: from probabilities to label sets, and which decisions each metric is computed from.

Each metric is computed from decisions that aim at it. With one threshold for all metrics, a method
could lose in F1 only because its probabilities are low, and win in Hamming loss for the same
reason. So thresholds and the rule for whole label sets are chosen for every method in the same way,
on probabilities of images that were held out.
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
"""What the thresholds of a label are chosen for: the fewest wrong answers, or the highest F1."""

JUDGED = {
    "hamming_loss": "hamming",
    "subset_accuracy": "set",
    "macro_f1": "f1",
    "micro_f1": "f1",
    "sample_f1": "f1",
    "jaccard": "f1",
}
"""Which answers a metric judges: those for one of the aims, or those to the whole image."""

AS_THEY_ARE = 0.5  # a label that no inner fold could judge: "more likely than not"


@dataclass(frozen=True)
class SetRule:
    """How the label set of an image is decided, for subset accuracy.

    Attributes
    ----------
    source : {"thresholds", "sets"}
        The labels above their thresholds of the fewest wrong answers, or the label set that the
        method finds.
    at_least_one : bool
        Whether an image without any label by that gets its most probable label.

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
        """Return the label set of each image.

        Parameters
        ----------
        scores : array of shape (n_images, n_labels)
        thresholds : array of shape (n_labels,)
            Those of the fewest wrong answers.
        sets : array of shape (n_images, n_labels) or None
            The label sets that the method finds; only needed if they are the source.

        Returns
        -------
        array of uint8 of shape (n_images, n_labels)
            0 or 1.

        Raises
        ------
        ValueError
            If the sets are the source and there are none.
        """
        if self.source == "thresholds":
            decided = (scores > thresholds).astype(np.uint8)
        elif sets is None:
            raise ValueError("The rule takes the sets that the method finds, and none were given.")
        else:
            decided = sets.astype(np.uint8)
        if self.at_least_one:
            empty = np.flatnonzero(~decided.any(axis=1))
            decided[empty, scores[empty].argmax(axis=1)] = 1
        return decided

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as plain values for JSON."""
        return asdict(self)


def choose_thresholds(choice: SearchResult, Y: Array) -> dict[str, Array]:
    """Choose each label's threshold for each aim, on probabilities out of fold.

    Parameters
    ----------
    choice : SearchResult
    Y : array of shape (n_images, n_labels)

    Returns
    -------
    dict of str to array of shape (n_labels,)
        By aim; more is a yes.
    """
    thresholds = {aim: np.full(Y.shape[1], AS_THEY_ARE) for aim in AIMS}
    for label, rows in enumerate(choice.counted.T):
        y = Y[rows, label]
        if not y.any() or y.all():
            continue
        for aim in AIMS:
            thresholds[aim][label] = best_threshold(choice.scores[rows, label], y, aim=aim)
    return thresholds


def choose_set_rule(
    choice: SearchResult, thresholds: Mapping[str, Array], Y: Array, known: Array
) -> SetRule:
    """Choose the rule for whole label sets by its subset accuracy on held-out images.

    The candidates are the method's own label sets, where it finds any, and the labels above their
    thresholds; each as it is and with at least one label. "At least one label" is a candidate only
    where every training image has a label. The first candidate is kept unless another one is
    better by more than one standard error of the paired difference (`is_clearly_better`).

    Parameters
    ----------
    choice : SearchResult
        With the held-out label sets of a method that finds label sets.
    thresholds : mapping of str to array of shape (n_labels,)
        Those of `choose_thresholds`.
    Y, known : arrays of shape (n_images, n_labels)

    Returns
    -------
    SetRule
    """
    sources: list[Literal["thresholds", "sets"]] = ["thresholds"]
    if choice.sets is not None:
        sources.insert(0, "sets")
    never_empty = bool(len(Y)) and bool(((Y > 0) & known).any(axis=1).all())
    fillings = (False, True) if never_empty else (False,)
    best, best_right = SetRule(sources[0]), None
    for rule in (SetRule(source, filling) for source in sources for filling in fillings):
        decided = rule.apply(choice.scores, thresholds["hamming"], choice.sets)
        right = exact_matches(decided, Y, known)
        if best_right is None or is_clearly_better(right, best_right):
            best, best_right = rule, right
    return best


def is_clearly_better(right: Array, other: Array) -> bool:
    """Return whether one list of right and wrong is better by more than one standard error.

    The standard error is that of the difference between matched pairs [1]_: the root of the number
    of images that only one of the two has right.

    Parameters
    ----------
    right, other : arrays of bool of shape (n_images,)

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated proportions
       or percentages", Psychometrika 12, 1947.

    Examples
    --------
    >>> other = np.array([True, False, False, False])
    >>> is_clearly_better(np.array([True, True, True, False]), other)
    True
    >>> is_clearly_better(np.array([True, True, False, False]), other)
    False
    """
    gain = right.astype(np.int64) - other
    return bool(gain.sum() > np.sqrt(np.square(gain).sum()))


def exact_matches(decided: Array, Y: Array, known: Array) -> Array:
    """Return for each image with a known label whether all its known labels are decided right."""
    right: Array = ((decided == Y) | ~known).all(axis=1)
    return right[known.any(axis=1)]


def apply_thresholds(
    scores: Array,
    thresholds: Mapping[str, Array],
    sets: Array | None = None,
    rule: SetRule | None = None,
) -> dict[str, Array]:
    """Return the decisions for each aim, and those about the whole label set.

    Parameters
    ----------
    scores : array of shape (n_images, n_labels)
    thresholds : mapping of str to array of shape (n_labels,)
    sets : array of shape (n_images, n_labels) or None
        The label sets that a method finds.
    rule : SetRule or None
        None takes the sets where there are any, else the thresholds of the fewest wrong answers.

    Returns
    -------
    dict of str to array of shape (n_images, n_labels)
        0 or 1; ``"hamming"``, ``"f1"`` and ``"set"``.
    """
    if rule is None:
        rule = SetRule("thresholds" if sets is None else "sets")
    decisions = {aim: (scores > line).astype(np.uint8) for aim, line in thresholds.items()}
    return decisions | {"set": rule.apply(scores, thresholds["hamming"], sets)}


def predictions_by_metric(answers: Mapping[str, Array]) -> dict[str, Array]:
    """Return the answers that each metric evaluates, as `Scorecard` takes them.

    Answers under the key of a metric are for that metric alone and take precedence.
    """
    return {metric: answers.get(metric, answers[aim]) for metric, aim in JUDGED.items()}
