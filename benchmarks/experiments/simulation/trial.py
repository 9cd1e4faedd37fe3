"""One simulated comparison: drawn images, the benchmark's own code, and what came of it."""

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
from ...evaluation import Fold, MethodResult, compare, outer_folds, scored_rows, test_to_train
from ...evaluation.methods import METHODS, Method
from ...metrics import METRICS, evaluate
from . import worlds

Array = NDArray[Any]
Protocol = Literal["folds", "split"]

TEST_SHARE = 0.3
N_FRESH = 4000  # images on which the true figures are measured


@dataclass(frozen=True)
class Cell:
    """What is simulated many times over.

    Attributes
    ----------
    world : str
        A function of `catnocat.benchmarks.experiments.simulation.worlds`.
    n_images : int
    protocol : {"folds", "split"}
        Five stratified folds, or train on 70 % and test on the rest.
    table : str
        A key of `TABLES`.
    share : float or None
        That of `partial_exclusion`.
    """

    world: str
    n_images: int
    protocol: Protocol
    table: str
    share: float | None = None

    def draw(self, rng: np.random.Generator, n_images: int) -> tuple[Array, Array]:
        """Draw images and their labels."""
        world = getattr(worlds, self.world)
        if self.share is not None:
            world = partial(world, share=self.share)
        X, Y = world(rng, n_images)
        return X, Y


def _chain(order: tuple[int, ...], name: str, kind: Literal["independent", "joint"]) -> Method:
    """Return the benchmark's chain with a fixed order."""
    chain = METHODS["chain"]
    return replace(
        chain, name=name, kind=kind, make=lambda seed: chain.make(seed).set_params(order=order)
    )


def _bagged(number: int) -> Method:
    """Return one of many methods that are equal in expectation."""

    def make(seed: int) -> BinaryRelevance:
        regression = LogisticRegression(solver="newton-cholesky")
        drawn = BaggingClassifier(regression, n_estimators=1, random_state=1000 * seed + number)
        return BinaryRelevance(drawn)

    kind: Literal["independent", "joint"] = "joint" if number else "independent"
    return Method(f"bagged {number}", kind, make, "simulated", "bagged logistic regression")


def _named(*names: str) -> tuple[Method, ...]:
    return tuple(METHODS[name] for name in names)


TABLES: dict[str, tuple[Method, ...]] = {
    "4 equal": (
        _chain((0, 1, 2, 3), "chain 0123", "independent"),
        _chain((3, 2, 1, 0), "chain 3210", "joint"),
        _chain((1, 3, 0, 2), "chain 1302", "joint"),
        _chain((2, 0, 3, 1), "chain 2031", "joint"),
    ),
    "4": _named("one-vs-rest", "logistic", "chain", "powerset"),
    "12": _named(
        *("one-vs-rest", "logistic", "ridge", "linear-svm", "chain", "chain-ensemble"),
        *("probabilistic-chain", "stacking", "powerset", "label-ranking", "mlknn", "iblr"),
    ),
    "2": _named("logistic", "powerset"),
    "20 against 1": tuple(_bagged(number) for number in range(21)),
}
"""The methods of a table. In "4 equal" the order of the labels is all that differs, and the labels
of every world are exchangeable: no method is better in anything. `logistic` is the model of
`one-vs-rest`. The bagged ones differ by the seed of their draw from the training images."""

EQUAL_TO_REFERENCE = {
    "4 equal": {method.name for method in TABLES["4 equal"]},
    "20 against 1": {method.name for method in TABLES["20 against 1"]},
    **{table: {"logistic"} for table in ("4", "12")},
}


def run_trial(cell: Cell, seed: int, *, n_resamples: int = 1000) -> dict[str, Any]:
    """Draw images and compare the methods on them by the benchmark's own code, all of it.

    Parameters
    ----------
    cell : Cell
    seed : int
        Of everything.
    n_resamples : int

    Returns
    -------
    dict
        ``"intervals"`` and ``"against"``: by method, those of `results.json`; ``"images_only"``:
        as ``"against"``, but without what the folds show of the training images; ``"best"``: as in
        `results.json`.

    Examples
    --------
    >>> cell = Cell("independent_labels", 100, "split", "2")
    >>> run_trial(cell, 0, n_resamples=50)["against"]["powerset"]["hamming_loss"]["verdict"]
    'no difference'
    """
    rng = np.random.default_rng(seed)
    X, Y = cell.draw(rng, cell.n_images)
    order = rng.permutation(len(Y)) if cell.protocol == "split" else None
    table = _table(Y, order)
    folds = outer_folds(table, None, seed)
    method_results = compare(X, table, TABLES[cell.table], folds, seed=seed)
    _check(method_results)
    judged = table.take(scored_rows(folds))
    how: dict[str, Any] = {
        "test_to_train": test_to_train(folds),
        "n_resamples": n_resamples,
        "seed": seed,
    }
    resampled = resample_results(method_results, judged, folds=folds, **how)
    entries = build_method_entries(method_results, resampled)
    names = [entry["name"] for entry in entries[1:]]
    plain = replace(resampled.resampled, in_folds=False)
    return {
        "intervals": {entry["name"]: entry["intervals"] for entry in entries},
        "against": {entry["name"]: entry["against_independent"] for entry in entries[1:]},
        "references": {entry["name"]: entry["reference"] for entry in entries[1:]},
        "images_only": plain.against(dict.fromkeys(names, entries[0]["name"])),
        "best": {
            key: found["comparison"]
            for key, found in find_best(entries, resampled.resampled).items()
            if key in PURPOSES
        },
    }


def true_figures(cell: Cell, seed: int) -> dict[str, dict[str, float]]:
    """Measure the methods of a cell on very many fresh images, learned from one training set.

    The training set has the size of those of the cell's fits. The mean over many seeds is what the
    intervals are to hold: the expected figure of the fitted procedure at this training size.

    Parameters
    ----------
    cell : Cell
    seed : int

    Returns
    -------
    dict
        {method: {metric: value}}.

    Examples
    --------
    >>> figures = true_figures(Cell("independent_labels", 100, "split", "2"), 0)
    >>> bool(0.4 < figures["logistic"]["macro_ap"] < 0.8)
    True
    """
    n_train = round(cell.n_images * (0.8 if cell.protocol == "folds" else 1 - TEST_SHARE))
    rng = np.random.default_rng((seed, 2))
    X, Y = cell.draw(rng, n_train + N_FRESH)
    fold = Fold(np.arange(n_train), np.arange(n_train, len(Y)))
    method_results = compare(X, _table(Y, None), TABLES[cell.table], [fold], seed=seed)
    _check(method_results)
    figures: dict[str, dict[str, float]] = {}
    for method_result in method_results:
        measured = evaluate(Y[fold.test], method_result.scores, method_result.judged_answers)
        figures[method_result.method.name] = {key: float(measured[key] or 0.0) for key in METRICS}
    return figures


def _check(method_results: Sequence[MethodResult]) -> None:
    for method_result in method_results:
        if method_result.failed:
            raise RuntimeError(f"{method_result.method.name} failed: {method_result.failed}")


def _table(Y: Array, order: Array | None) -> LabelTable:
    """Return a table of drawn images; the first ones of an order are the test split."""
    names = tuple(map(str, range(len(Y))))
    split = None
    if order is not None:
        split = np.full(len(Y), "train")
        split[order[: round(TEST_SHARE * len(Y))]] = "test"
    labels = tuple(f"label {number}" for number in range(Y.shape[1]))
    known = np.ones(Y.shape, dtype=bool)
    return LabelTable("drawn", "drawn", names, names, labels, Y, known, split=split)
