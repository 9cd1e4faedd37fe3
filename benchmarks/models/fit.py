"""From a labelled table to a model: what `catnocat fit` does."""

import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ...classifiers import ConstantLabelWarning
from ..choice import choose, fit
from ..datasets import load_dataset
from ..errors import InputError
from ..methods import Method, select_methods
from ..metrics import evaluate
from ..protocol import INNER_FOLDS, Fold, inner_folds
from ..sampling import with_min_positives
from ..tables import LabelTable
from ..vectors import vectors_of
from .errors import ModelError
from .model import Model
from .sheet import Sheet
from .versions import versions

Floats = NDArray[np.float32]
Split = Literal["all", "train", "test"]
_CHECKED_ROWS = 8


def fit_model(
    dataset: str | Path,
    *,
    method: str = "logistic",
    out: str | PathLike[str] | None = None,
    split: Split = "all",
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
) -> Model:
    """Fit one method on a data set's pictures, exactly as the benchmark fits it.

    Parameters
    ----------
    dataset : str or Path
        A name or a path, see `catnocat.benchmarks.load_dataset`.
    method : str
        One of the benchmark's; its parameters are chosen in the same inner folds.
    out : path, optional
        Where the model is written.
    split : {"all", "train", "test"}
        Which part of a table with a split is learned from. ``"all"`` is for work: every labelled
        picture counts. ``"train"`` gives the very model that the benchmark judges on the rest.
    format, data, store, backbone, weights, views, min_positives, seed, n_jobs, progress
        As for `catnocat.benchmarks.bench`.

    Returns
    -------
    Model
        Ready to predict.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    (chosen_method,) = select_methods([method])
    place = None if out is None else _writable(Path(out))
    table = load_dataset(dataset, format=format, data=data, n_jobs=n_jobs, progress=progress)
    table = _part(table, split)
    if min_positives:
        table = with_min_positives(table, min_positives)
    vectors = vectors_of(
        table, backbone=backbone, weights=weights, views=views, store=store, progress=progress
    )
    pipeline, training = _learn(chosen_method, vectors.X, vectors.table, seed, n_jobs)
    told = {"split": split if table.split is not None else None}
    skipped = {"skipped_images": len(vectors.skipped)}
    rows = vectors.X[:: max(1, len(vectors.X) // _CHECKED_ROWS)][:_CHECKED_ROWS]
    sheet = Sheet(
        labels=vectors.table.labels,
        method=method,
        recipe=vectors.recipe,
        training=_describe(vectors.table) | told | training | skipped,
        pipeline=pipeline,
        check=(rows, pipeline.predict_proba(rows)),
        versions=versions(),
    )
    if place is not None:
        try:
            sheet.write(place)
        except OSError as error:
            raise InputError(f"--out {out}: cannot be written ({error.strerror}).") from None
    return Model(sheet, store=store, weights=weights)


def _learn(
    method: Method, X: Floats, table: LabelTable, seed: int, n_jobs: int
) -> tuple[Pipeline, dict[str, Any]]:
    """Choose, judge and fit."""
    model = Pipeline([("scale", StandardScaler()), ("method", method.make(seed))])
    folds = inner_folds(table, seed)
    chosen = choose(model, method.grid, X, table.Y, table.known, folds, n_jobs=n_jobs)
    model[-1].set_params(**chosen)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fold; the fit on all says it again
        parts = [_held_out(model, X, table, fold) for fold in folds]
    rows, answers, decided = (np.concatenate(part) for part in zip(*parts, strict=True))
    figures = evaluate(table.Y[rows], answers, decided, known=table.known[rows])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ConstantLabelWarning)  # prevalence says it
        fit(model, X, table.Y, table.known)
    messages = dict.fromkeys(str(warning.message).splitlines()[0] for warning in caught)
    return model, {
        "chosen": chosen,
        "seed": seed,
        "inner_folds": INNER_FOLDS,
        "held_out": figures,
        "warnings": list(messages),
    }


def _held_out(model: Pipeline, X: Floats, table: LabelTable, fold: Fold) -> tuple[Any, Any, Any]:
    """Give the rows of a fold that are held out, with a model's answers and decisions."""
    part = table.take(fold.train)
    fitted = fit(clone(model), X[fold.train], part.Y, part.known)
    judged = X[fold.test]
    return fold.test, fitted.predict_proba(judged), fitted.predict(judged)


def _describe(table: LabelTable) -> dict[str, Any]:
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
