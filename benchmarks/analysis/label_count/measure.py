"""Section "crowding" of the results."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.tables import LabelTable
from ...evaluation import Fold, PooledPredictions, relative_test_size, scored_rows
from ...evaluation.methods import METHODS
from ...significance import Resamples
from ..results import Crowding, CrowdingEffect, Intervention, TransferInfo, TransferRow
from .by_number import measure_cells, measure_curves
from .curves import (
    MIN_LABELS,
    MIN_NEGATIVES,
    MIN_POSITIVES,
    Curve,
    Point,
    labels_at_every_point,
    round_or_none,
)
from .interventions import (
    BASE_VIEW,
    CLASSIFIER,
    InterventionScores,
    compare_interventions,
    crowded_point,
    single_point,
)
from .transfer import ALL, SINGLE, MissingAnalysis, Transfer, measure_transfer

MAX_IMAGES = 5000
N_RESAMPLES = 1000
THIS_RECIPE = "this comparison's"
SCATTERED, IN_CELLS = "scattered", "in cells of one size"


def measure_crowding(
    pooled: PooledPredictions,
    X: NDArray[Any],
    table: LabelTable,
    folds: Sequence[Fold],
    *,
    reference: str | None,
    best_joint: str | None,
    interventions: InterventionScores | None = None,
    seed: int = 0,
    n_jobs: int = 1,
) -> Crowding:
    """Measure the accuracy of the methods by number of labels and objects per image.

    Parameters
    ----------
    pooled : PooledPredictions
        Predictions of all methods.
    X, table, folds
        Features, labels and folds, as in `catnocat.benchmarks.evaluation.run_method`.
    reference : str or None
        Method of the curves; None: the first one.
    best_joint : str or None
        Joint method whose curves are computed in addition to those of the reference.
    interventions : InterventionScores, optional
        Scores from other features of the same images.
    seed : int
        Random seed of samples and resamples.
    n_jobs : int
        Number of parallel processes.

    Returns
    -------
    Crowding
    """
    n_test = pooled.table.n_images
    interventions = interventions or InterventionScores()
    pooled, folds, interventions = _sample(pooled, folds, interventions, seed)
    test_table = pooled.table
    reference = reference or next(iter(pooled.scores), "")
    units = np.arange(test_table.n_images) if test_table.group is None else test_table.group
    resamples = Resamples(units, N_RESAMPLES, seed)
    names = [name for name in dict.fromkeys((reference, best_joint)) if name in pooled.scores]
    scores = {name: pooled.scores[name] for name in names}
    curves = measure_curves(test_table, scores, resamples, n_jobs) if scores else {}
    transfer = measure_transfer(
        METHODS[CLASSIFIER], X, table, folds, resamples, seed=seed, n_jobs=n_jobs
    )
    if isinstance(transfer, Transfer):
        curves["transfer"] = Curve(transfer.points, transfer.labels, transfer.series)
    if interventions.cells is not None:
        layouts = {
            SCATTERED: interventions.views[BASE_VIEW],
            IN_CELLS: interventions.cells,
        }
        curves |= measure_cells(test_table, layouts, resamples, n_jobs)
    point = crowded_point(test_table)
    compared: list[Intervention] = []
    if point is not None:
        compared = _compare(pooled, interventions, point, reference, folds, resamples, n_jobs)
    return {
        "curves": {
            f"{name}-{key}": chart
            for name, curve in curves.items()
            for key, chart in curve.to_charts(test_table.labels)
        },
        "effects": dict(_effects(curves, transfer, reference)),
        "transfer": _describe_transfer(transfer),
        "crowded": None if point is None else {"labels": point.label, "images": point.images},
        "interventions": compared,
        "not_measured": [
            *_not_measured(test_table, curves, transfer, compared),
            *interventions.missing,
        ],
        "reference": reference,
        "most_labels": int(test_table.Y.sum(axis=1).max(initial=0)),
        "images": test_table.n_images,
        "test_images": n_test,
    }


def _effects(
    curves: Mapping[str, Curve], transfer: Transfer | MissingAnalysis, reference: str
) -> Iterator[tuple[str, CrowdingEffect]]:
    """Generate the changes of the AUROC along the curves, by name."""
    if "labels" in curves:
        yield "labels", curves["labels"].effect(reference, 0, len(curves["labels"].points) - 1)
    if isinstance(transfer, Transfer):
        yield "transfer", _transfer_effect(transfer)
    if "repetition" in curves and len(curves["repetition"].points) == 3:
        yield "repetition", curves["repetition"].effect(reference, 1, 2)
    if "cells" in curves:
        last = len(curves["cells"].points) - 1
        yield "cells", curves["cells"].effect(IN_CELLS, 0, last)
        yield "cells_scattered", curves["cells"].effect(SCATTERED, 0, last)
    if "visible" in curves:
        yield "visible", curves["visible"].effect(reference, len(curves["visible"].points) - 1, 0)


def _transfer_effect(transfer: Transfer) -> CrowdingEffect:
    """Return the effect of training on images of one label, in the most crowded test images."""
    last = len(transfer.points) - 1
    every, single = transfer.series[ALL], transfer.series[SINGLE]
    return {
        "start": ALL,
        "end": SINGLE,
        "start_value": round_or_none(every.values["auroc"][last]),
        "end_value": round_or_none(single.values["auroc"][last]),
        "difference": every.subtract(single, "auroc", last, last),
        "mean_auroc": round_or_none(every.values["auroc"].mean()),
        "above_chance": every.above_chance(),
    }


def _compare(
    pooled: PooledPredictions,
    interventions: InterventionScores,
    point: Point,
    reference: str,
    folds: Sequence[Fold],
    resamples: Resamples,
    n_jobs: int,
) -> list[Intervention]:
    """Compare other classifiers with the reference, and other views with the base view."""
    single = single_point(pooled.table)
    points = [point]
    if interventions.views and labels_at_every_point([point, single]).sum() >= MIN_LABELS:
        points.append(single)
    classifiers = {(THIS_RECIPE, name): scores for name, scores in pooled.scores.items()}
    views = {(name, CLASSIFIER): scores for name, scores in interventions.views.items()}
    against = {row: (THIS_RECIPE, reference) for row in classifiers if row[1] != reference}
    against |= {row: (BASE_VIEW, CLASSIFIER) for row in views if row[0] != BASE_VIEW}
    return compare_interventions(
        points,
        views | classifiers,
        against,
        resamples,
        stretch=float(np.sqrt(1 + relative_test_size(list(folds)))),
        n_jobs=n_jobs,
    )


def _sample(
    pooled: PooledPredictions, folds: Sequence[Fold], interventions: InterventionScores, seed: int
) -> tuple[PooledPredictions, list[Fold], InterventionScores]:
    """Sample at most `MAX_IMAGES` test images, to bound the time."""
    rows = np.unique(scored_rows(folds))
    if len(rows) <= MAX_IMAGES:
        return pooled, list(folds), interventions
    kept = np.sort(np.random.default_rng(seed).choice(len(rows), MAX_IMAGES, replace=False))
    scores = {name: part[kept] for name, part in pooled.scores.items()}
    sampled = replace(pooled, table=pooled.table.take(kept), scores=scores)
    sampled_folds = [Fold(fold.train, fold.test[np.isin(fold.test, rows[kept])]) for fold in folds]
    return sampled, sampled_folds, interventions.take(kept)


def _describe_transfer(transfer: Transfer | MissingAnalysis) -> TransferInfo | None:
    """Return the table of training sets and their AUROC by number of labels."""
    if not isinstance(transfer, Transfer):
        return None
    reference = transfer.series[ALL]
    rows: list[TransferRow] = [
        {
            "trained_on": kind,
            "labels_per_image": round(transfer.labels_shown[kind], 3),
            "tested_on": point.label,
            "images": point.images,
            "auroc": round_or_none(float(series.values["auroc"][position])),
            "difference": None
            if series is reference
            else series.subtract(reference, "auroc", position, position),
        }
        for kind, series in transfer.series.items()
        for position, point in enumerate(transfer.points)
    ]
    return {
        "method": CLASSIFIER,
        "train_images": transfer.train_images,
        "draws": transfer.draws,
        "rows": rows,
    }


def _not_measured(
    test_table: LabelTable,
    curves: Mapping[str, Curve],
    transfer: Transfer | MissingAnalysis,
    compared: Sequence[Intervention],
) -> Iterator[MissingAnalysis]:
    """Generate what could not be measured: a code and the figures that explain it."""
    number = test_table.Y.sum(axis=1)
    figures = {
        "single": int((number == 1).sum()),
        "several": int((number > 1).sum()),
        "labels": test_table.n_labels,
        "min_labels": MIN_LABELS,
        "min_positives": MIN_POSITIVES,
        "min_negatives": MIN_NEGATIVES,
    }
    if "labels" not in curves:
        yield {"code": "too_few_images_per_label_count"} | figures
    if test_table.counts is None:
        yield {"code": "no_object_counts"}
    else:
        for name in ("objects", "repetition"):
            if name not in curves:
                yield {"code": "too_few_images_per_object_count", "curve": name}
    if not isinstance(transfer, Transfer):
        yield transfer
    if not compared:
        yield {"code": "too_few_crowded_images"} | figures
