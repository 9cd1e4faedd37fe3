"""What a method answers, yes or no, and which of its answers each metric judges.

A metric asks for an answer given with it in mind: at one and the same threshold a method may lose
in F1 only because its probabilities are timid, and win in Hamming loss for the same reason. So
every method gets thresholds chosen by the same rule, out of fold, for both kinds of metrics.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..classifiers import best_threshold
from .choice import Choice

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


def choose_thresholds(choice: Choice, Y: Array) -> dict[str, Array]:
    """Choose each label's threshold for each aim, on probabilities out of fold.

    Parameters
    ----------
    choice : Choice
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


def decide(scores: Array, thresholds: Mapping[str, Array], own: Array | None) -> dict[str, Array]:
    """Give the answers for each aim and to the whole image.

    Parameters
    ----------
    scores : array of shape (n_images, n_labels)
    thresholds : mapping of str to array of shape (n_labels,)
    own : array of shape (n_images, n_labels) or None
        The label sets that a method finds as such; None: those of the fewest wrong answers.

    Returns
    -------
    dict of str to array of shape (n_images, n_labels)
        0 or 1; ``"hamming"``, ``"f1"`` and ``"set"``.
    """
    answers = {aim: (scores > line).astype(np.uint8) for aim, line in thresholds.items()}
    return answers | {"set": answers["hamming"] if own is None else own.astype(np.uint8)}


def by_metric(answers: Mapping[str, Array]) -> dict[str, Array]:
    """Return the answers that each metric evaluates, as `Scorecard` takes them.

    Answers under the key of a metric are for that metric alone and take precedence.
    """
    return {metric: answers.get(metric, answers[aim]) for metric, aim in JUDGED.items()}
