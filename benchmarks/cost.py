"""What methods cost as the number of labels grows, and what a picture's features cost before."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..classifiers import BinaryRelevance
from ..features import FeatureError, OpenFeatures, find_backbone, plan_recipe
from .choice import fit
from .comparison import Outcome
from .fitting import unfitted
from .options import Options
from .tables import LabelTable

NUMBERS = (20, 40, 80, 160, 300)
MOST_TRAIN, MOST_PREDICTED, MOST_METHODS = 500, 500, 4
FIGURES = ("fit_seconds", "predict_ms_per_image", "predict_ms_alone")
PATIENCE = 2.0  # seconds: what is expected to take longer is not tried
ALONE = 5  # pictures that are asked about one by one
WARM, BATCH = 8, 32  # pictures

Array = NDArray[Any]


def measure_cost(
    outcomes: Sequence[Outcome],
    names: Sequence[str],
    X: Array,
    table: LabelTable,
    asked: Options,
) -> dict[str, Any]:
    """Time the fitting and predicting of 20 to 300 labels, and the making of a picture's vector.

    Where a data set has fewer labels, the others are made up over its own vectors: a random
    direction of theirs, plus as much noise, above the height that 2 in 100 pictures reach. At most
    500 pictures are learned from, with the parameters that the comparison chose. What is expected
    to take more than 2 seconds is not tried; of methods in which each label is a task of its own it
    is told by proportion.

    Parameters
    ----------
    outcomes : sequence of Outcome
    names : sequence of str
        The methods to time, of which the first four are.
    X : array of shape (n_images, n_features)
    table : LabelTable
        The same images.
    asked : Options
        What the features are.

    Returns
    -------
    dict
        `results.json`'s "cost": ``"features"``: {"ms_per_image", "ms_alone"} or None;
        ``"methods"``: a list of ``"name"``, ``"kind"`` and ``"points"``, one for each number of
        labels, of ``"labels"``, ``"fit_seconds"``, ``"predict_ms_per_image"``,
        ``"predict_ms_alone"`` and ``"measured"``; ``"train_images"``,
        ``"labels_made_up"`` and ``"sentence"``.
    """
    by_name = {outcome.method.name: outcome for outcome in outcomes if not outcome.failed}
    chosen = [by_name[name] for name in dict.fromkeys(names) if name in by_name]
    timed = [one for one in chosen if one.method.features == "image" and not one.method.rival]
    rng = np.random.default_rng(asked.seed)
    rows = rng.permutation(len(X))[:MOST_TRAIN]
    Y = more_labels(X[rows], table.Y[rows], NUMBERS[-1], rng)
    methods = [
        {
            "name": one.method.name,
            "kind": one.method.kind,
            "points": _points(one, X[rows], Y, asked.seed),
        }
        for one in timed[:MOST_METHODS]
    ]
    told: dict[str, Any] = {
        "features": _time_features(table.paths, asked) if table.X is None else None,
        "methods": methods,
        "train_images": len(rows),
        "labels_made_up": max(0, NUMBERS[-1] - table.n_labels),
    }
    return told | {"sentence": _sentence(told)}


def worth_timing(results: dict[str, Any]) -> list[str]:
    """Name those that a reader would choose between: the references, and the best of each kind."""
    best = results["best"].values()
    references = [entry.get("reference") for entry in results["methods"]]
    names = [
        next((name for name in references if name), None),
        *(one["take"] for one in best),
        *(one["joint"] for one in best),
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


def _points(outcome: Outcome, X: Array, Y: Array, seed: int) -> list[dict[str, Any]]:
    by_itself = isinstance(outcome.method.make(seed), BinaryRelevance)  # label after label
    points: list[dict[str, Any]] = []
    expected, last, growth = 0.0, NUMBERS[0], 1.0 if by_itself else 2.0
    measured: dict[str, float] = {}
    for number in NUMBERS:
        ratio = number / last
        tried = expected * ratio**growth <= PATIENCE
        point: Mapping[str, float | None] = dict.fromkeys(FIGURES)
        if tried:
            seconds, measured = expected, _time(outcome, X, Y[:, :number], seed)
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


def _time(outcome: Outcome, X: Array, Y: Array, seed: int) -> dict[str, float]:
    model = unfitted(outcome.method, seed)
    model[-1].set_params(**outcome.chosen[0])
    asked = X[:MOST_PREDICTED]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitting = _seconds(lambda: fit(model, X, Y, np.ones(Y.shape, dtype=bool)))
        model.predict_proba(X[:1])
        together = _seconds(lambda: model.predict_proba(asked))
        alone = median(
            _seconds(partial(model.predict_proba, X[row : row + 1]))
            for row in range(min(ALONE, len(X)))
        )
    return dict(zip(FIGURES, (fitting, 1000 * together / len(asked), 1000 * alone), strict=True))


def _time_features(paths: Sequence[str], asked: Options) -> dict[str, float] | None:
    """Time the network and all before it on some pictures, whatever is stored."""
    names = ("backbone", "weights", "views", "engine", "precision")
    options = {name: getattr(asked, name) for name in names}
    some = list(paths[: WARM + BATCH + ALONE])
    first, batch, alone = some[:WARM], some[WARM : WARM + BATCH], some[WARM + BATCH :]
    if not alone:
        return None
    try:
        network = find_backbone(asked.backbone, asked.weights)
        with OpenFeatures(network, plan_recipe(**options), keep=False) as features:
            if not features.extract(first).readable.all():  # loads the network
                return None
            together = _seconds(lambda: features.extract(batch))
            singles = [_seconds(partial(features.extract, [path])) for path in alone]
    except (FeatureError, OSError):
        return None  # a backbone that only stands in the store, or pictures that have gone
    return {
        "ms_per_image": round(1000 * together / len(batch), 3),
        "ms_alone": round(1000 * median(singles), 3),
    }


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _sentence(told: dict[str, Any]) -> str:
    """Say it in one line."""
    parts = []
    if told["features"]:
        parts.append(
            f"a picture becomes a vector in {_short(told['features']['ms_per_image'])} ms, alone in"
            f" {_short(told['features']['ms_alone'])} ms"
        )
    most = [(one["name"], one["points"][-1]) for one in told["methods"]]
    done = [(name, point) for name, point in most if point["fit_seconds"] is not None]
    quickest = sorted(done, key=lambda one: one[1]["fit_seconds"])
    for name, point in dict([*done[:1], *quickest[:1]]).items():
        about = "" if point["measured"] else "about "
        parts.append(
            f"{name} learns {point['labels']} labels of {told['train_images']:,} pictures in"
            f" {about}{_short(point['fit_seconds'])} s and labels one in"
            f" {_short(point['predict_ms_per_image'])} ms"
        )
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
