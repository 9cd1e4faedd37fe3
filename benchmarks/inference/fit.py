"""From a labelled table to a model: what `catnocat fit` does."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...classifiers import LabelCalibrator
from ...features import plan_recipe
from ..data import Vectors, load_dataset, regions_of, vectors_of, with_min_positives
from ..data.tables import LabelTable
from ..evaluation import INNER_FOLDS, FittedMethod, by_metric, decide, fit_method
from ..evaluation.methods import Grid, Method, select_methods
from ..metrics import average_precision, evaluate
from ..utils import InputError
from .model import Model
from .model_file import ModelError, Sheet, has_controls, versions

Split = Literal["all", "train", "test"]
Calibration = Literal["none", "sigmoid", "isotonic"]
_CHECKED_ROWS = 8


def fit_model(
    dataset: str | Path,
    *,
    method: str = "logistic",
    out: str | PathLike[str] | None = None,
    split: Split = "all",
    calibrate: Calibration = "none",
    format: str | None = None,
    data: str | Path | None = None,
    store: str | Path | None = None,
    backbone: str = "efficientnet_lite0",
    weights: str | Path | None = None,
    views: str | Sequence[str] = "whole",
    min_positives: int = 0,
    seed: int = 0,
    n_jobs: int = -1,
    progress: bool = False,
    **reading: Any,
) -> Model:
    """Fit one method to a data set's pictures, exactly as the benchmark fits it.

    Parameters
    ----------
    dataset : str or Path
        A name or a path, see `catnocat.benchmarks.load_dataset`.
    method : str
        One of the benchmark's; its parameters, thresholds and rule for label sets are chosen in
        the same inner folds.
    out : path, optional
        Where the model is written.
    split : {"all", "train", "test"}
        Which part of a table with a split is learned from. ``"all"`` is for work: every labelled
        picture counts. ``"train"`` gives the very model that the benchmark judges on the rest.
    calibrate : {"none", "sigmoid", "isotonic"}
        Set the probabilities right by a curve per label, learned on images that were held out; for
        methods whose scores are no chances. It takes about four times as long.
    format, data, store, backbone, weights, views, min_positives, seed, n_jobs, progress
        As for `catnocat.benchmarks.bench`.
    **reading
        How a label table is read, see `catnocat.benchmarks.load_dataset`.

    Returns
    -------
    Model
        Ready to predict.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    chosen = _calibrated(_select(method), calibrate)
    place = None if out is None else _writable(Path(out))
    loaded = load_dataset(dataset, format=format, data=data, n_jobs=n_jobs, **reading)
    table = _part(loaded, split)
    if odd := next((label for label in table.labels if has_controls(label)), None):
        raise InputError(f"{table.source}: label {odd!r} holds a control character; rename it")
    if min_positives:
        table = with_min_positives(table, min_positives)
    asked: dict[str, Any] = {
        "backbone": backbone,
        "weights": weights,
        "views": views,
        "store": store,
        "progress": progress,
    }
    vectors = _vectors(table, chosen, n_jobs, asked)
    fitted = fit_method(chosen, vectors.X, vectors.table, seed=seed, n_jobs=n_jobs)
    rows = vectors.X[:: max(1, len(vectors.X) // _CHECKED_ROWS)][:_CHECKED_ROWS]
    sheet = Sheet(
        labels=vectors.table.labels,
        method=method,
        set_rule=fitted.set_rule,
        recipe=vectors.recipe,
        training=_told(vectors.table)
        | {
            "split": split if table.split is not None else None,
            "skipped_images": len(vectors.skipped),
            "chosen": fitted.chosen,
            "set_rule": fitted.set_rule.to_dict(),
            "calibrated": calibrate,
            "seed": seed,
            "inner_folds": INNER_FOLDS,
            "held_out": _figures(fitted, vectors.table),
            "warnings": fitted.warnings,
        },
        pipeline=fitted.model,
        thresholds=fitted.thresholds,
        check=(rows, fitted.model.predict_proba(rows)),
        versions=versions(),
    )
    if place is not None:
        try:
            sheet.write(place)
        except OSError as error:
            raise InputError(f"--out {out}: cannot be written ({error.strerror}).") from None
    return Model(sheet, store=store, weights=weights)


def _select(name: str) -> Method:
    try:
        (method,) = select_methods([name])
    except InputError as error:
        raise InputError(str(error).replace("--methods", "--method")) from None
    return method


def _calibrated(method: Method, calibrate: Calibration) -> Method:
    """Give the method with its probabilities set right on held-out images."""
    if calibrate == "none":
        return method
    return replace(
        method,
        make=lambda seed: LabelCalibrator(method.make(seed), method=calibrate, cv=INNER_FOLDS),
        grid=_of_estimator(method.grid),
        joint_grid=_of_estimator(method.joint_grid),
    )


def _of_estimator(grid: Grid) -> Grid:
    """Return a grid for a wrapper of the estimator that it was for."""
    return {f"estimator__{name}": values for name, values in grid.items()}


def _vectors(table: LabelTable, method: Method, n_jobs: int, asked: dict[str, Any]) -> Vectors:
    """Take the features that a method learns from."""
    vectors = vectors_of(table, **asked)
    if method.features == "image":
        return vectors
    regions = regions_of(vectors.table, n_jobs=n_jobs, **asked)
    if regions.X is None:
        raise InputError(f"--method {method.name}: {regions.missing}.")
    how = {name: asked[name] for name in ("backbone", "weights")}
    recipe = plan_recipe(views=[regions.told["view"]], **how)
    return replace(vectors, X=regions.X, recipe=recipe.to_dict())


def _figures(fitted: FittedMethod, table: LabelTable) -> dict[str, Any]:
    """Measure what was said of images that were held out while parameters were chosen."""
    scores, counted = fitted.held_out.scores, fitted.held_out.counted
    answers = by_metric(decide(scores, fitted.thresholds, fitted.held_out.sets, fitted.set_rule))
    figures = evaluate(table.Y, scores, answers, known=counted)
    each = {}
    for number, label in enumerate(table.labels):
        rows = counted[:, number]
        value = average_precision(table.Y[rows, number], scores[rows, number])
        each[label] = None if np.isnan(value) else float(value)
    told = {name: figures[name] for name in ("macro_ap", "micro_ap", "macro_auroc")}
    return told | {"average_precision": each}


def _told(table: LabelTable) -> dict[str, Any]:
    return {
        "dataset": table.name,
        "images": table.n_images,
        "positives": dict(zip(table.labels, table.Y.sum(axis=0).tolist(), strict=True)),
    }


def _part(table: LabelTable, split: str) -> LabelTable:
    if split == "all":
        return table
    if table.split is None:
        raise InputError(f"--split {split}: {table.source} has no split; leave --split out.")
    rows = np.flatnonzero(table.split == split)
    if not rows.size:
        raise InputError(f"--split {split}: {table.source} has no image in that part.")
    return table.take(rows)


def _writable(out: Path) -> Path:
    if out.is_dir():
        raise ModelError(f"--out {out}: is a folder; name a file, for example cats.catnocat.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"--out {out}: cannot be written to ({error.strerror}).") from None
    return out.absolute()
