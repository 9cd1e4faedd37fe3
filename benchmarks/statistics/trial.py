"""One simulated comparison, from drawn images to its verdicts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression

from ...classifiers import BinaryRelevance, ClassifierChain, LabelPowerset
from ..comparison import compare, judged_rows
from ..methods import Method
from ..protocol import Fold, outer_folds, test_to_train
from ..tables import LabelTable
from ..verdicts import resample_outcomes, with_statistics
from .worlds import World, exclusive_or, independent_labels, mutual_exclusion

Array = NDArray[Any]

TEST_SHARE = 0.3


@dataclass(frozen=True)
class Trial:
    """Two methods in a world, and what a sound verdict on them is.

    Attributes
    ----------
    world : callable
        Draws the images.
    method, reference : str
        Names in :data:`METHODS`.
    better_in : tuple of str
        The metrics in which the method is truly better; empty: it is no better or worse in any.
    n_images : int
        How many are drawn.
    """

    world: World
    method: str
    reference: str
    better_in: tuple[str, ...] = ()
    n_images: int = 400


TRIALS = (
    Trial(independent_labels, "chain", "one-vs-rest"),
    Trial(independent_labels, "chain backwards", "chain"),
    Trial(independent_labels, "bagged twin", "bagged"),
    Trial(exclusive_or, "powerset", "one-vs-rest", ("macro_ap", "subset_accuracy")),
    Trial(mutual_exclusion, "powerset", "one-vs-rest", ("subset_accuracy",), 800),
    Trial(mutual_exclusion, "chain", "one-vs-rest", ("subset_accuracy",), 800),
)
"""What is simulated. Labels that are independent given the features leave a chain nothing to gain,
though its useless parameters cost it a little. A chain backwards, where all labels are alike, and
a bagged model's twin, fitted to another draw from the same images, are equal in expectation."""


def _logistic() -> LogisticRegression:
    return LogisticRegression(solver="newton-cholesky")  # the quickest on few features


def _backwards(seed: int) -> BaseEstimator:
    return ClassifierChain(_logistic(), order=(3, 2, 1, 0))


def _bagged(seed: int) -> BaseEstimator:
    drawn = BaggingClassifier(_logistic(), n_estimators=1, random_state=seed)
    return BinaryRelevance(drawn)


_MAKE: dict[str, tuple[Literal["labels", "sets"], Callable[[int], BaseEstimator]]] = {
    "one-vs-rest": ("labels", lambda seed: BinaryRelevance(_logistic())),
    "chain": ("sets", lambda seed: ClassifierChain(_logistic())),
    "chain backwards": ("sets", _backwards),
    "bagged": ("labels", _bagged),
    "bagged twin": ("labels", lambda seed: _bagged(seed + 1_000_000)),
    "powerset": ("sets", lambda seed: LabelPowerset(_logistic())),
}
METHODS = {
    name: Method(name, "joint", make, "simulated", "logistic regression", decides=decides)
    for name, (decides, make) in _MAKE.items()
}
"""As the benchmark's own, but with a base learner that is quick on few features and no grid."""


def run_trial(
    trial: Trial,
    protocol: Literal["split", "folds"],
    seed: int,
    *,
    n_resamples: int = 2000,
    for_training: bool = True,
) -> dict[str, dict[str, Any]]:
    """Draw images and let the benchmark compare both methods on them: its own code, all of it.

    Parameters
    ----------
    trial : Trial
    protocol : {"split", "folds"}
        Train on 70 % and judge the rest, or five stratified folds.
    seed : int
        Of everything.
    n_resamples : int
    for_training : bool
        Stretch the intervals for the training images, as the benchmark does.

    Returns
    -------
    dict
        The entry of each metric, as `results.json` has it under "against_independent".

    Examples
    --------
    >>> entries = run_trial(TRIALS[0], "split", seed=0, n_resamples=50)
    >>> entries["hamming_loss"]["verdict"]
    'no difference'
    """
    rng = np.random.default_rng(seed)
    X, Y = trial.world(rng, trial.n_images)
    table = _table(Y, rng.permutation(len(Y)) if protocol == "split" else None)
    folds: list[Fold] = outer_folds(table, None, seed)
    pair = [replace(METHODS[trial.reference], kind="independent"), METHODS[trial.method]]
    outcomes = compare(X, table, pair, folds, seed=seed)
    judged = resample_outcomes(
        outcomes,
        table.take(judged_rows(folds)),
        test_to_train=test_to_train(folds) if for_training else 0.0,
        n_resamples=n_resamples,
        seed=seed,
    )
    entries = with_statistics(outcomes, judged)
    found: dict[str, dict[str, Any]] = entries[1]["against_independent"]
    return found


def _table(Y: Array, shuffled: Array | None) -> LabelTable:
    """Make a table of drawn images, the first of the shuffled ones to be judged."""
    names = tuple(map(str, range(len(Y))))
    split = None
    if shuffled is not None:
        split = np.full(len(Y), "train")
        split[shuffled[: round(TEST_SHARE * len(Y))]] = "test"
    labels = tuple(f"label {number}" for number in range(Y.shape[1]))
    known = np.ones(Y.shape, dtype=bool)
    return LabelTable("drawn", "drawn", names, names, labels, Y, known, split=split)
