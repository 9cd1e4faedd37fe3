"""What methods cost as the number of labels grows."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from ...classifiers import BinaryRelevance
from ..data.tables import LabelTable
from ..evaluation import MethodResult, build_pipeline, fit_pipeline

NUMBERS = (20, 40, 80, 160, 300)
MOST_TRAIN, MOST_PREDICTED, MOST_METHODS = 500, 500, 4
FIGURES = ("fit_seconds", "predict_ms_per_image", "predict_ms_alone")
PATIENCE = 2.0  # seconds: what is expected to take longer is not tried
ALONE = 5  # pictures that are asked about one by one

Array = NDArray[Any]


def measure_cost(
    method_results: Sequence[MethodResult],
    names: Sequence[str],
    X: Array,
    table: LabelTable,
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Time the fitting and predicting of 20 to 300 labels.

    Where a data set has fewer labels, the others are made up over its own vectors: a random
    direction of theirs, plus as much noise, above the height that 2 in 100 pictures reach. At most
    500 pictures are learned from, with the parameters that the comparison chose. What is expected
    to take more than 2 seconds is not tried; of methods in which each label is a task of its own it
    is told by proportion.

    Parameters
    ----------
    method_results : sequence of MethodResult
    names : sequence of str
        The methods to time, of which the first four are.
    X : array of shape (n_images, n_features)
    table : LabelTable
        The same images.
    seed : int
        Of what is drawn.

    Returns
    -------
    dict
        `results.json`'s "cost" beside the features: ``"methods"``, a list of ``"name"``,
        ``"kind"`` and ``"points"``, one for each number of labels, of ``"labels"``,
        ``"fit_seconds"``, ``"predict_ms_per_image"``, ``"predict_ms_alone"`` and ``"measured"``;
        ``"train_images"``, ``"labels_made_up"`` and ``"threads"``, that linear algebra may use.
    """
    by_name = {
        method_result.method.name: method_result
        for method_result in method_results
        if not method_result.failed
    }
    chosen = [by_name[name] for name in dict.fromkeys(names) if name in by_name]
    timed = [one for one in chosen if one.method.features == "image" and not one.method.external]
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(X))[:MOST_TRAIN]
    Y = more_labels(X[rows], table.Y[rows], NUMBERS[-1], rng)
    methods = [
        {
            "name": one.method.name,
            "kind": one.method.kind,
            "points": _points(one, X[rows], Y, seed),
        }
        for one in timed[:MOST_METHODS]
    ]
    return {
        "methods": methods,
        "train_images": len(rows),
        "labels_made_up": max(0, NUMBERS[-1] - table.n_labels),
        "threads": max((pool["num_threads"] for pool in threadpool_info()), default=1),
    }


def worth_timing(results: dict[str, Any]) -> list[str]:
    """Name those that a reader would choose between: what to take, the reference, the best joint.

    Any others come after them.
    """
    references = [entry.get("reference") for entry in results["methods"]]
    names = [
        *(one["take"] for one in results["recommended"].values()),
        next((name for name in references if name), None),
        *(one["joint"] for one in results["best"].values()),
        *(entry["name"] for entry in results["methods"]),
    ]
    return [str(name) for name in dict.fromkeys(names) if name is not None]


def more_labels(X: Array, Y: Array, number: int, rng: np.random.Generator) -> Array:
    """Give so many label columns: the most frequent ones there are, then made-up ones.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> more_labels(rng.normal(size=(500, 8)), np.ones((500, 1)), 4, rng).sum(axis=0).tolist()
    [500, 10, 10, 10]
    """
    real = Y[:, np.argsort(-Y.sum(axis=0, dtype=np.intp), kind="stable")][:, :number]
    made = number - real.shape[1]
    if made <= 0:
        return np.asarray(real)
    heights = (X - X.mean(axis=0)) @ rng.normal(size=(X.shape[1], made))
    heights += heights.std(axis=0) * rng.normal(size=heights.shape)
    positives = max(3, len(X) // 50)
    columns = np.zeros(heights.shape, dtype=np.uint8)
    np.put_along_axis(columns, np.argsort(-heights, axis=0)[:positives], 1, axis=0)
    return np.hstack([real.astype(np.uint8), columns])


def _points(method_result: MethodResult, X: Array, Y: Array, seed: int) -> list[dict[str, Any]]:
    by_itself = isinstance(method_result.method.make(seed), BinaryRelevance)  # label after label
    points: list[dict[str, Any]] = []
    independent = method_result.method.kind == "independent"
    expected, last, growth = 0.0, NUMBERS[0], 1.0 if independent else 2.0
    measured: dict[str, float] = {}
    for number in NUMBERS:
        ratio = number / last
        tried = expected * ratio**growth <= PATIENCE
        point: Mapping[str, float | None] = dict.fromkeys(FIGURES)
        if tried:
            seconds, measured = expected, _time(method_result, X, Y[:, :number], seed)
            expected, last, point = measured["fit_seconds"], number, measured
            if seconds and not by_itself:  # from two points on the growth is known
                growth = float(np.clip(np.log(expected / seconds) / np.log(ratio), 1.0, 2.5))
        elif by_itself:
            point = {name: value * ratio for name, value in measured.items()}
        points.append(
            {"labels": number, "measured": tried}
            | {key: None if value is None else round(value, 5) for key, value in point.items()}
        )
    return points


def _time(method_result: MethodResult, X: Array, Y: Array, seed: int) -> dict[str, float]:
    model = build_pipeline(method_result.method, seed)
    model[-1].set_params(**method_result.chosen[0])
    asked = X[:MOST_PREDICTED]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitting = _seconds(lambda: fit_pipeline(model, X, Y, np.ones(Y.shape, dtype=bool)))
        model.predict_proba(X[:1])
        together = _seconds(lambda: model.predict_proba(asked))
        alone = median(
            _seconds(partial(model.predict_proba, X[row : row + 1]))
            for row in range(min(ALONE, len(X)))
        )
    return dict(zip(FIGURES, (fitting, 1000 * together / len(asked), 1000 * alone), strict=True))


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
