"""One simulated comparison: synthetic images, compared by the code of the benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression

from ....classifiers import BinaryRelevance
from ...analysis import PURPOSES, build_method_entries, find_best, resample_results
from ...data.tables import LabelTable
from ...evaluation import Fold, MethodResult, compare, outer_folds, relative_test_size, scored_rows
from ...evaluation.methods import METHODS, Method
from ...metrics import METRICS, evaluate
from . import scenarios

Array = NDArray[Any]
Protocol = Literal["folds", "split"]

TEST_SHARE = 0.3
N_FRESH_IMAGES = 4000  # images on which the true metrics are measured


@dataclass(frozen=True)
class Setting:
    """Setting of a simulation.

    Attributes
    ----------
    scenario : str
        Name of a function of `catnocat.benchmarks.experiments.simulation.scenarios`.
    n_images : int
    protocol : {"folds", "split"}
        Five stratified folds, or 70 % training and 30 % test images.
    methods : str
        Key of `METHOD_SETS`.
    exclusive_share : float or None
        Parameter `share` of `partial_exclusion`.
    """

    scenario: str
    n_images: int
    protocol: Protocol
    methods: str
    exclusive_share: float | None = None

    def draw(self, rng: np.random.Generator, n_images: int) -> tuple[Array, Array]:
        """Draw feature vectors and labels."""
        scenario = getattr(scenarios, self.scenario)
        if self.exclusive_share is not None:
            scenario = partial(scenario, share=self.exclusive_share)
        X, Y = scenario(rng, n_images)
        return X, Y


@dataclass(frozen=True)
class PlannedSetting:
    """Setting with the number of runs.

    Attributes
    ----------
    setting : Setting
    n_runs : int
    n_truths : int
        Number of training sets over which the true metrics are averaged; 0 if they are not needed.
    """

    setting: Setting
    n_runs: int
    n_truths: int = 0


def _chain(order: tuple[int, ...], name: str, kind: Literal["independent", "joint"]) -> Method:
    """Return the classifier chain of the benchmark with a fixed label order."""
    chain = METHODS["chain"]
    return replace(
        chain, name=name, kind=kind, make=lambda seed: chain.make(seed).set_params(order=order)
    )


def _bagged(number: int) -> Method:
    """Return one of many methods with the same expected metrics."""

    def make(seed: int) -> BinaryRelevance:
        regression = LogisticRegression(solver="newton-cholesky")
        bagged = BaggingClassifier(regression, n_estimators=1, random_state=1000 * seed + number)
        return BinaryRelevance(bagged)

    kind: Literal["independent", "joint"] = "joint" if number else "independent"
    return Method(f"bagged {number}", kind, make, "simulated", "bagged logistic regression")


def _named(*names: str) -> tuple[Method, ...]:
    return tuple(METHODS[name] for name in names)


METHOD_SETS: dict[str, tuple[Method, ...]] = {
    "4 equal": (
        _chain((0, 1, 2, 3), "chain 0123", "independent"),
        _chain((3, 2, 1, 0), "chain 3210", "joint"),
        _chain((1, 3, 0, 2), "chain 1302", "joint"),
        _chain((2, 0, 3, 1), "chain 2031", "joint"),
    ),
    "4": _named("logistic", "one-vs-rest", "chain", "powerset"),
    "12": _named(
        *("logistic", "one-vs-rest", "ridge", "linear-svm", "chain", "chain-ensemble"),
        *("probabilistic-chain", "stacking", "powerset", "label-ranking", "mlknn", "iblr"),
    ),
    "2": _named("logistic", "powerset"),
    "20 against 1": tuple(_bagged(number) for number in range(21)),
}
"""Methods that are compared. Those of "4 equal" differ only by their label order, and the labels of
every scenario are exchangeable: no method is better in any metric. `one-vs-rest` is the model of
`logistic`. The bagged methods differ by the seed of their sample of the training images."""

EQUAL_TO_REFERENCE = {
    "4 equal": {method.name for method in METHOD_SETS["4 equal"]},
    "20 against 1": {method.name for method in METHOD_SETS["20 against 1"]},
    **{methods: {"one-vs-rest"} for methods in ("4", "12")},
}


def run_trial(setting: Setting, seed: int, *, n_resamples: int = 1000) -> dict[str, Any]:
    """Draw images and compare the methods on them by the code of the benchmark.

    Parameters
    ----------
    setting : Setting
    seed : int
        Seed of the images, the splits, the methods and the resamples.
    n_resamples : int

    Returns
    -------
    dict
        ``"intervals"`` and ``"against"``: by method, as in `results.json`; ``"images_only"``: as
        ``"against"``, but without the variance between the folds; ``"best"``: as in `results.json`.

    Examples
    --------
    >>> setting = Setting("independent_labels", 100, "split", "2")
    >>> run_trial(setting, 0, n_resamples=50)["against"]["powerset"]["hamming_loss"]["verdict"]
    'no difference'
    """
    rng = np.random.default_rng(seed)
    X, Y = setting.draw(rng, setting.n_images)
    order = rng.permutation(len(Y)) if setting.protocol == "split" else None
    table = _label_table(Y, order)
    folds = outer_folds(table, None, seed)
    method_results = compare(X, table, METHOD_SETS[setting.methods], folds, seed=seed)
    _raise_if_failed(method_results)
    resampled = resample_results(
        method_results,
        table.take(scored_rows(folds)),
        folds=folds,
        relative_test_size=relative_test_size(folds),
        n_resamples=n_resamples,
        seed=seed,
    )
    entries = build_method_entries(method_results, resampled)
    reference, *others = entries
    names = [entry["name"] for entry in others]
    without_folds = replace(resampled.resampled, in_folds=False)
    return {
        "intervals": {entry["name"]: entry["intervals"] for entry in entries},
        "against": {entry["name"]: entry["against_independent"] for entry in others},
        "references": {entry["name"]: entry["reference"] for entry in others},
        "images_only": without_folds.against(dict.fromkeys(names, reference["name"])),
        "best": {
            key: best["found"]
            for key, best in find_best(entries, resampled.resampled).items()
            if key in PURPOSES
        },
    }


def true_metrics(setting: Setting, seed: int) -> dict[str, dict[str, float]]:
    """Measure the methods of a setting on many fresh images, after a fit to one training set.

    The training set has the size of those in the setting. The mean over many seeds is the target of
    the intervals: the expected metric of the fitted procedure at this training size.

    Parameters
    ----------
    setting : Setting
    seed : int

    Returns
    -------
    dict
        {method: {metric: value}}.

    Examples
    --------
    >>> metrics = true_metrics(Setting("independent_labels", 100, "split", "2"), 0)
    >>> bool(0.4 < metrics["logistic"]["macro_ap"] < 0.8)
    True
    """
    train_share = 0.8 if setting.protocol == "folds" else 1 - TEST_SHARE
    n_train = round(setting.n_images * train_share)
    rng = np.random.default_rng((seed, 2))
    X, Y = setting.draw(rng, n_train + N_FRESH_IMAGES)
    fold = Fold(np.arange(n_train), np.arange(n_train, len(Y)))
    method_results = compare(
        X, _label_table(Y, None), METHOD_SETS[setting.methods], [fold], seed=seed
    )
    _raise_if_failed(method_results)
    by_method: dict[str, dict[str, float]] = {}
    for method_result in method_results:
        metrics = evaluate(Y[fold.test], method_result.scores, method_result.metric_predictions)
        by_method[method_result.method.name] = {key: float(metrics[key] or 0.0) for key in METRICS}
    return by_method


def _raise_if_failed(method_results: Sequence[MethodResult]) -> None:
    for method_result in method_results:
        if method_result.failed:
            raise RuntimeError(f"{method_result.method.name} failed: {method_result.failed}")


def _label_table(Y: Array, order: Array | None) -> LabelTable:
    """Return a table of synthetic images; the first ones of an order are the test split."""
    names = tuple(map(str, range(len(Y))))
    split = None
    if order is not None:
        split = np.full(len(Y), "train")
        split[order[: round(TEST_SHARE * len(Y))]] = "test"
    labels = tuple(f"label {number}" for number in range(Y.shape[1]))
    known = np.ones(Y.shape, dtype=bool)
    return LabelTable("synthetic", "synthetic", names, names, labels, Y, known, split=split)
