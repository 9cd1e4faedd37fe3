"""The part of `catnocat data` that measures the learning curve."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer


def report_learning_curve(
    dataset: str | Path,
    *,
    folds: int | None,
    loading: Mapping[str, Any],
    features: Mapping[str, Any],
    shown: int = 10,
) -> None:
    """Print macro AP by the number of training images, and the expected gain from more.

    Parameters
    ----------
    dataset : str or path
    folds : int or None
        None: the table's own split where it has one, else 5 folds.
    loading : mapping
        Options of `load_dataset`.
    features : mapping
        Options of `load_vectors`.
    shown : int, default=10
        Number of labels whose gain is printed.
    """
    from ..analysis.learning_curve import measure_learning_curve
    from ..data import load_dataset, load_vectors
    from ..evaluation import outer_folds
    from ..report.text.learning_curve import format_estimate, learning_curve_sentence

    vectors = load_vectors(load_dataset(dataset, **loading), **features)
    splits = outer_folds(vectors.table, folds, seed=0)
    (curve,) = measure_learning_curve(vectors.X, vectors.table, splits)
    typer.echo("training images  macro AP of logistic regressions (95 % interval)")
    for point in curve.points:
        typer.echo(f"{point.train_images:>15,}  {format_estimate(point.macro_ap)}")
    typer.echo(f"\n{learning_curve_sentence(curve)}\n\nexpected gain from doubling, by label")
    for label, gain in list(curve.label_gains.items())[:shown]:
        typer.echo(f"  {format_estimate(gain)}  {label}")
