"""Time of feature extraction, fitting and prediction, by the number of labels."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from ...classifiers import BinaryRelevance
from ...features import FeatureError, open_features
from ..data.tables import LabelTable
from ..evaluation import BenchOptions, MethodResult, build_pipeline, fit_pipeline
from ..utils import measure_time
from .results import BestMethods, Cost, CostPoint, FeatureCost, MethodEntry, Recommendation

Array = NDArray[Any]

N_WARMUP, N_BATCH, N_SINGLE = 8, 32, 5
"""Images to load the network with, in one batch, and one at a time."""


def time_features(table: LabelTable, config: BenchOptions) -> FeatureCost | None:
    """Time the feature extraction on some images, without using the store.

    Parameters
    ----------
    table : LabelTable
    config : BenchOptions
        Backbone, views, engine and precision.

    Returns
    -------
    FeatureCost or None
        Time per image in a batch of 32, and the median time of 5 single images. None if there are
        too few images, or the network is not available.
    """
    if table.X is not None:
        return None
    names = ("backbone", "weights", "views", "engine", "precision")
    options = {name: getattr(config, name) for name in names}
    options["bit_depth"] = table.bit_depth
    paths = list(table.paths[: N_WARMUP + N_BATCH + N_SINGLE])
    warmup, batch = paths[:N_WARMUP], paths[N_WARMUP : N_WARMUP + N_BATCH]
    single = paths[N_WARMUP + N_BATCH :]
    if not single:
        return None
    try:
        with open_features(**options, use_store=False) as features:
            if not features.run(warmup).readable.all():  # loads the network
                return None
            with measure_time() as batch_time:
                features.run(batch)
            single_seconds = [_seconds(partial(features.run, [path])) for path in single]
    except (FeatureError, OSError):
        return None  # features from the store only: the backbone or the images are gone
    return {
        "ms_per_image": round(1000 * batch_time.seconds / len(batch), 3),
        "cpu_ms_per_image": round(1000 * batch_time.cpu_seconds / len(batch), 3),
        "ms_single_image": round(1000 * median(single_seconds), 3),
    }


N_LABELS = (20, 40, 80, 160, 300)
MAX_TRAIN, MAX_PREDICT, MAX_METHODS = 500, 500, 4
FIGURES = ("fit_seconds", "predict_ms_per_image", "predict_ms_single_image")
MAX_SECONDS = 2.0
"""A fit that is expected to take longer is not run."""


def measure_cost(
    method_results: Sequence[MethodResult],
    names: Sequence[str],
    X: Array,
    table: LabelTable,
    *,
    features: FeatureCost | None = None,
    seed: int = 0,
) -> Cost:
    """Time fitting and prediction with 20 to 300 labels.

    If the data set has fewer labels, others are generated: a random direction of the features plus
    as much noise, with 2 % positives. At most 500 images are used for training, with the parameters
    that the comparison selected. Fits that are expected to take more than 2 seconds are not run;
    the times of methods that fit labels one by one are extrapolated in proportion.

    Parameters
    ----------
    method_results : sequence of MethodResult
    names : sequence of str
        Methods to time; at most four are.
    X : array of shape (n_images, n_features)
    table : LabelTable
        The same images.
    features : FeatureCost, optional
        See `time_features`.
    seed : int
        Random seed of training images and generated labels.
    """
    by_name = {result.method.name: result for result in method_results if not result.failed}
    selected = [by_name[name] for name in dict.fromkeys(names) if name in by_name]
    timed = [r for r in selected if r.method.features == "image" and not r.method.external]
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(X))[:MAX_TRAIN]
    Y = add_labels(X[rows], table.Y[rows], N_LABELS[-1], rng)
    return {
        "features": features,
        "methods": [
            {
                "name": result.method.name,
                "kind": result.method.kind,
                "points": _measure_points(result, X[rows], Y, seed),
            }
            for result in timed[:MAX_METHODS]
        ],
        "train_images": len(rows),
        "synthetic_labels": max(0, N_LABELS[-1] - table.n_labels),
        "threads": max((pool["num_threads"] for pool in threadpool_info()), default=1),
    }


def methods_to_time(
    entries: Sequence[MethodEntry],
    best: Mapping[str, BestMethods],
    recommended: Mapping[str, Recommendation],
) -> list[str]:
    """Return the names of all methods in the order of interest.

    The recommended methods come first, then the reference and the best joint methods.
    """
    references = [entry.get("reference") for entry in entries]
    names = [
        *(recommendation["method"] for recommendation in recommended.values()),
        next((name for name in references if name), None),
        *(best_methods["joint"] for best_methods in best.values()),
        *(entry["name"] for entry in entries),
    ]
    return [str(name) for name in dict.fromkeys(names) if name is not None]


def add_labels(X: Array, Y: Array, number: int, rng: np.random.Generator) -> Array:
    """Return a number of label columns: the most frequent ones, then generated ones.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> add_labels(rng.normal(size=(500, 8)), np.ones((500, 1)), 4, rng).sum(axis=0).tolist()
    [500, 10, 10, 10]
    """
    real = Y[:, np.argsort(-Y.sum(axis=0, dtype=np.intp), kind="stable")][:, :number]
    n_generated = number - real.shape[1]
    if n_generated <= 0:
        return np.asarray(real)
    heights = (X - X.mean(axis=0)) @ rng.normal(size=(X.shape[1], n_generated))
    heights += heights.std(axis=0) * rng.normal(size=heights.shape)
    positives = max(3, len(X) // 50)
    columns = np.zeros(heights.shape, dtype=np.uint8)
    np.put_along_axis(columns, np.argsort(-heights, axis=0)[:positives], 1, axis=0)
    return np.hstack([real.astype(np.uint8), columns])


def _measure_points(result: MethodResult, X: Array, Y: Array, seed: int) -> list[CostPoint]:
    one_by_one = isinstance(result.method.make(seed), BinaryRelevance)
    points = []
    exponent = 1.0 if result.method.kind == "independent" else 2.0
    expected, last = 0.0, N_LABELS[0]
    measured: dict[str, float] = {}
    for number in N_LABELS:
        ratio = number / last
        is_run = expected * ratio**exponent <= MAX_SECONDS
        figures: Mapping[str, float | None] = dict.fromkeys(FIGURES)
        if is_run:
            previous, measured = expected, _time_method(result, X, Y[:, :number], seed)
            expected, last, figures = measured["fit_seconds"], number, measured
            if previous and not one_by_one:  # from two points the growth is known
                exponent = float(np.clip(np.log(expected / previous) / np.log(ratio), 1.0, 2.5))
        elif one_by_one:
            figures = {name: value * ratio for name, value in measured.items()}
        points.append(
            {"labels": number, "measured": is_run}
            | {key: None if value is None else round(value, 5) for key, value in figures.items()}
        )
    return cast(list[CostPoint], points)


def _time_method(result: MethodResult, X: Array, Y: Array, seed: int) -> dict[str, float]:
    model = build_pipeline(result.method, seed)
    model[-1].set_params(**result.chosen[0])
    batch = X[:MAX_PREDICT]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit_seconds = _seconds(lambda: fit_pipeline(model, X, Y, np.ones(Y.shape, dtype=bool)))
        model.predict_proba(X[:1])
        batch_seconds = _seconds(lambda: model.predict_proba(batch))
        single_seconds = median(
            _seconds(partial(model.predict_proba, X[row : row + 1]))
            for row in range(min(N_SINGLE, len(X)))
        )
    times = (fit_seconds, 1000 * batch_seconds / len(batch), 1000 * single_seconds)
    return dict(zip(FIGURES, times, strict=True))


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
