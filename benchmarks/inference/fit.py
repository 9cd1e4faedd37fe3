"""Fitting of a model to a label table: `catnocat fit`."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...classifiers import LabelCalibrator
from ...features import plan_recipe
from ..data import Vectors, load_dataset, load_regions, load_vectors, with_min_positives
from ..data.tables import LabelTable
from ..evaluation import (
    INNER_FOLDS,
    FittedMethod,
    apply_thresholds,
    fit_method,
    predictions_by_metric,
)
from ..evaluation.methods import Grid, Method, select_methods
from ..metrics import average_precision, evaluate
from ..utils import InputError, create_folder
from .model import Model
from .model_file import ModelError, ModelRecord, has_control_characters, library_versions
from .novelty import fit_novelty_detector

Split = Literal["all", "train", "test"]
Calibration = Literal["none", "sigmoid", "isotonic"]
_CHECK_ROWS = 8


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
    """Fit one method to the images of a data set, exactly as the benchmark fits it.

    Parameters
    ----------
    dataset : str or Path
        A name or a path, see `catnocat.benchmarks.load_dataset`.
    method : str
        A method of the benchmark; its parameters, thresholds and rule for label sets are selected
        in the same inner folds.
    out : path, optional
        The model file to write.
    split : {"all", "train", "test"}
        The part of a table with a split to fit to. ``"all"`` is for production: it uses every
        labelled image. ``"train"`` gives the same model that the benchmark evaluates on the test
        part.
    calibrate : {"none", "sigmoid", "isotonic"}
        Calibrate the probabilities of each label on held-out images; for methods whose scores are
        not probabilities. Takes about four times as long.
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
        For wrong input; the message is one line.
    """
    selected = _calibrated(_select(method), calibrate)
    file = None if out is None else _check_output(Path(out))
    loaded = load_dataset(dataset, format=format, data=data, n_jobs=n_jobs, **reading)
    table = _part(loaded, split)
    for label in table.labels:
        if has_control_characters(label):
            raise InputError(
                f"{table.source}: label {label!r} contains a control character; rename it"
            )
    if min_positives:
        table = with_min_positives(table, min_positives)
    extraction: dict[str, Any] = {
        "backbone": backbone,
        "weights": weights,
        "views": views,
        "store": store,
        "progress": progress,
    }
    vectors = _extract(table, selected, n_jobs, extraction)
    fitted = fit_method(selected, vectors.X, vectors.table, seed=seed, n_jobs=n_jobs)
    sample = vectors.X[:: max(1, len(vectors.X) // _CHECK_ROWS)][:_CHECK_ROWS]
    record = ModelRecord(
        labels=vectors.table.labels,
        method=method,
        set_rule=fitted.set_rule,
        recipe=vectors.recipe,
        training={
            "dataset": vectors.table.name,
            "images": vectors.table.n_images,
            "positives": dict(
                zip(vectors.table.labels, vectors.table.Y.sum(axis=0).tolist(), strict=True)
            ),
            "split": split if table.split is not None else None,
            "skipped_images": len(vectors.skipped),
            "best_params": fitted.chosen,
            "set_rule": fitted.set_rule.to_dict(),
            "calibration": calibrate,
            "seed": seed,
            "inner_folds": INNER_FOLDS,
            "held_out": _held_out_metrics(fitted, vectors.table),
            "warnings": fitted.warnings,
        },
        pipeline=fitted.model,
        thresholds=fitted.thresholds,
        check=(sample, fitted.model.predict_proba(sample)),
        versions=library_versions(),
        novelty=fit_novelty_detector(vectors.X, seed=seed),
    )
    if file is not None:
        try:
            record.write(file)
        except OSError as error:
            raise InputError(f"--out {out}: cannot be written ({error.strerror}).") from None
    return Model(record, store=store, weights=weights)


def _select(name: str) -> Method:
    try:
        (method,) = select_methods([name])
    except InputError as error:
        raise InputError(str(error).replace("--methods", "--method")) from None
    return method


def _calibrated(method: Method, calibrate: Calibration) -> Method:
    """Return the method with its probabilities calibrated on held-out images."""
    if calibrate == "none":
        return method
    return replace(
        method,
        make=lambda seed: LabelCalibrator(method.make(seed), method=calibrate, cv=INNER_FOLDS),
        grid=_for_estimator(method.grid),
        joint_grid=_for_estimator(method.joint_grid),
    )


def _for_estimator(grid: Grid) -> Grid:
    """Return the grid of a meta-estimator whose `estimator` has the given grid."""
    return {f"estimator__{name}": values for name, values in grid.items()}


def _extract(table: LabelTable, method: Method, n_jobs: int, extraction: dict[str, Any]) -> Vectors:
    """Return the features that a method is fitted to."""
    vectors = load_vectors(table, **extraction)
    if method.features == "image":
        return vectors
    regions = load_regions(vectors.table, n_jobs=n_jobs, **extraction)
    if regions.X is None:
        raise InputError(f"--method {method.name}: {regions.missing}.")
    network = {name: extraction[name] for name in ("backbone", "weights")}
    recipe = plan_recipe(views=regions.description["view"], bit_depth=table.bit_depth, **network)
    return replace(vectors, X=regions.X, recipe=recipe.to_dict())


def _held_out_metrics(fitted: FittedMethod, table: LabelTable) -> dict[str, Any]:
    """Compute metrics on the inner folds' held-out images, used to select the parameters."""
    scores, scorable = fitted.held_out.scores, fitted.held_out.scorable
    predictions = predictions_by_metric(
        apply_thresholds(scores, fitted.thresholds, fitted.held_out.sets, fitted.set_rule)
    )
    metrics = evaluate(table.Y, scores, predictions, known=scorable)
    by_label = {}
    for column, label in enumerate(table.labels):
        rows = scorable[:, column]
        value = average_precision(table.Y[rows, column], scores[rows, column])
        by_label[label] = None if np.isnan(value) else float(value)
    summary = {name: metrics[name] for name in ("macro_ap", "micro_ap", "macro_auroc")}
    return summary | {"average_precision": by_label}


def _part(table: LabelTable, split: str) -> LabelTable:
    if split == "all":
        return table
    if table.split is None:
        raise InputError(f"--split {split}: {table.source} has no split; omit --split.")
    rows = np.flatnonzero(table.split == split)
    if not rows.size:
        raise InputError(f"--split {split}: {table.source} has no image in that part.")
    return table.take(rows)


def _check_output(out: Path) -> Path:
    if out.is_dir():
        raise ModelError(f"--out {out}: is a folder; name a file, for example cats.catnocat.")
    create_folder(out.parent)
    return out.absolute()
