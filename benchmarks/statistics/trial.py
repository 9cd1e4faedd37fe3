"""One simulated comparison, from drawn images to its verdicts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ...classifiers import BinaryRelevance, ClassifierChain, LabelPowerset, MultilabelKFold
from ..metrics import Scorecard
from .bootstrap import compare_with_references
from .worlds import World, exclusive_or, independent_labels, mutual_exclusion

Array = NDArray[Any]

TEST_SHARE = 0.3
FOLDS = 5


@dataclass(frozen=True)
class Trial:
    """Two methods in a world, and what a sound verdict on them is.

    Attributes
    ----------
    world : callable
        Draws the images.
    method, reference : str
        Names in :data:`LEARNERS`.
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


def _bagged(X: Array, Y: Array, rng: np.random.Generator) -> BinaryRelevance:
    rows = rng.integers(len(X), size=len(X))
    return BinaryRelevance(_logistic()).fit(X[rows], Y[rows])


LEARNERS: dict[str, Callable[[Array, Array, np.random.Generator], Any]] = {
    "one-vs-rest": lambda X, Y, rng: BinaryRelevance(_logistic()).fit(X, Y),
    "chain": lambda X, Y, rng: ClassifierChain(_logistic()).fit(X, Y),
    "chain backwards": lambda X, Y, rng: ClassifierChain(
        _logistic(), order=range(Y.shape[1])[::-1]
    ).fit(X, Y),
    "bagged": _bagged,
    "bagged twin": _bagged,
    "powerset": lambda X, Y, rng: LabelPowerset(_logistic()).fit(X, Y),
}
"""From features, labels and a generator to a fitted model."""


def run_trial(
    trial: Trial,
    protocol: Literal["split", "folds"],
    seed: int,
    *,
    n_resamples: int = 2000,
    for_training: bool = True,
) -> dict[str, dict[str, Any]]:
    """Draw images, fit both methods, and compare them as the benchmark does.

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
        The entry of each metric, as :func:`compare_with_references` gives them.

    Examples
    --------
    >>> entries = run_trial(TRIALS[0], "split", seed=0, n_resamples=50)
    >>> entries["hamming_loss"]["verdict"]
    'no difference'
    """
    rng = np.random.default_rng(seed)
    X, Y = trial.world(rng, trial.n_images)
    folds = _folds(Y, protocol, rng)
    judged = np.concatenate([test for _, test in folds])
    cards = {}
    for name in (trial.reference, trial.method):
        models = [LEARNERS[name](X[train], Y[train], rng) for train, _ in folds]
        scores, answers = (
            np.concatenate(
                [
                    getattr(model, ask)(X[test])
                    for model, (_, test) in zip(models, folds, strict=True)
                ]
            )
            for ask in ("predict_proba", "predict")
        )
        cards[name] = Scorecard(Y[judged], scores, answers)
    train, test = folds[0]
    found = compare_with_references(
        cards,
        {trial.method: trial.reference},
        test_to_train=len(test) / len(train) if for_training else 0.0,
        n_resamples=n_resamples,
        seed=seed,
    )
    entries: dict[str, dict[str, Any]] = found[trial.method]["against_reference"]
    return entries


def _folds(
    Y: Array, protocol: Literal["split", "folds"], rng: np.random.Generator
) -> list[tuple[Array, Array]]:
    if protocol == "folds":
        return list(MultilabelKFold(FOLDS, random_state=int(rng.integers(2**31))).split(Y, Y))
    rows = rng.permutation(len(Y))
    n_test = round(TEST_SHARE * len(Y))
    return [(rows[n_test:], rows[:n_test])]
