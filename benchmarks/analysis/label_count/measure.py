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
from .findings import brief, crowd_sentence, other_sentences, rescue_sentence
from .interventions import (
    BASE_VIEW,
    CLASSIFIER,
    InterventionScores,
    compare_interventions,
    crowded_point,
    single_point,
)
from .transfer import ALL, Transfer, measure_transfer

MAX_IMAGES = 5000
N_RESAMPLES = 1000
THIS_RECIPE = "this comparison's"


def measure_crowding(
    pooled: PooledPredictions,
    X: NDArray[Any],
    table: LabelTable,
    folds: Sequence[Fold],
    *,
    best_joint: str | None,
    interventions: InterventionScores | None = None,
    seed: int = 0,
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Measure the accuracy of the methods by number of labels and objects per image.

    Parameters
    ----------
    pooled : PooledPredictions
        Predictions of all methods.
    X, table, folds
        Features, labels and folds, as in `catnocat.benchmarks.evaluation.run_method`.
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
    dict
        Section "crowding" of `results.json`: ``"curves"``, ``"transfer"``, ``"rescue"``,
        ``"crowded"``, ``"brief"`` and ``"findings"`` (sentences, most important
        first), ``"not_measured"`` (sentences), ``"images"`` and ``"images_judged"``.
    """
    n_test = pooled.table.n_images
    interventions = interventions or InterventionScores()
    pooled, folds, interventions = _sample(pooled, folds, interventions, seed)
    test_table = pooled.table
    reference = pooled.reference or next(iter(pooled.scores), "")
    units = np.arange(test_table.n_images) if test_table.group is None else test_table.group
    resamples = Resamples(units, N_RESAMPLES, seed)
    names = [name for name in dict.fromkeys((reference, best_joint)) if name in pooled.scores]
    scores = {name: pooled.scores[name] for name in names}
    curves = measure_curves(test_table, scores, resamples, n_jobs)
    transfer = measure_transfer(
        METHODS[CLASSIFIER], X, table, folds, resamples, seed=seed, n_jobs=n_jobs
    )
    if isinstance(transfer, Transfer):
        curves["transfer"] = _transfer_curve(transfer)
    if interventions.cells is not None:
        layouts = {
            "scattered": interventions.views[BASE_VIEW],
            "in cells of one size": interventions.cells,
        }
        curves |= measure_cells(test_table, layouts, resamples, n_jobs)
    point = crowded_point(test_table)
    rescue = []
    if point is not None:
        rescue = _compare(pooled, interventions, point, reference, folds, resamples, n_jobs)
    sentence = crowd_sentence(curves, transfer, reference)
    intervention_sentence = rescue_sentence(rescue, point.label if point else "")
    return {
        "curves": {
            f"{name}-{key}": chart
            for name, curve in curves.items()
            for key, chart in curve.to_charts(test_table.labels)
        },
        "transfer": _describe_transfer(transfer),
        "crowded": None if point is None else {"labels": point.label, "images": point.images},
        "rescue": rescue,
        "brief": brief(curves, transfer, reference) or _single_labels_only(test_table),
        "findings": [
            *([sentence] if sentence else []),
            *other_sentences(curves, reference),
            *([intervention_sentence] if intervention_sentence else []),
        ],
        "not_measured": [*_missing(test_table, curves, transfer, rescue), *interventions.missing],
        "images": test_table.n_images,
        "images_judged": n_test,
    }


def _compare(
    pooled: PooledPredictions,
    interventions: InterventionScores,
    point: Point,
    reference: str,
    folds: Sequence[Fold],
    resamples: Resamples,
    n_jobs: int,
) -> list[dict[str, Any]]:
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


def _single_labels_only(test_table: LabelTable) -> str:
    if test_table.Y.sum(axis=1).max(initial=0) > 1:
        return ""
    return "No image has more than one label: the effect of the number of labels is unknown."


def _transfer_curve(transfer: Transfer) -> Curve:
    return Curve(
        transfer.points,
        transfer.labels,
        transfer.series,
        ("auroc", "ap"),
        "Trained on images of a single label only",
        f"Trained on {transfer.train_images} images of each kind, tested on the same test images;"
        " images with and without a label are compared among images with as many labels.",
        "labels in the image",
    )


def _describe_transfer(transfer: Transfer | str) -> dict[str, Any] | None:
    """Return the table of training sets and their AUROC by number of labels."""
    if isinstance(transfer, str):
        return None
    reference = transfer.series[ALL]
    return {
        "method": CLASSIFIER,
        "train_images": transfer.train_images,
        "draws": transfer.draws,
        "rows": [
            {
                "trained_on": kind,
                "labels_per_image": round(transfer.labels_shown[kind], 3),
                "tested_on": point.label,
                "images": point.images,
                "auroc": round_or_none(float(series.values["auroc"][position])),
                "difference": None
                if series is reference
                else series.less(reference, "auroc", position, position),
            }
            for kind, series in transfer.series.items()
            for position, point in enumerate(transfer.points)
        ],
    }


def _missing(
    test_table: LabelTable,
    curves: Mapping[str, Curve],
    transfer: Transfer | str,
    rescue: Sequence[Any],
) -> Iterator[str]:
    """Generate sentences that say what could not be measured, and why."""
    number = test_table.Y.sum(axis=1)
    single, several = int((number == 1).sum()), int((number > 1).sum())
    few = (
        f"with {single} test images of one label and {several} of several, fewer than"
        f" {MIN_LABELS} of {test_table.n_labels} labels have {MIN_POSITIVES} images with and"
        f" {MIN_NEGATIVES} without them"
    )
    if "labels" not in curves:
        yield f"Accuracy by the number of labels: {few} at each point."
    if test_table.counts is None:
        yield "Objects, repeats and mixtures: the data set does not count objects."
    else:
        for name, title in (
            ("objects", "Accuracy by the number of objects"),
            ("company", "Repeats and mixtures"),
        ):
            if name not in curves:
                yield f"{title}: too few images of one object, or of several, per label."
    if isinstance(transfer, str):
        yield f"Training on single labels or on several: {transfer}."
    if not rescue:
        yield f"Interventions for crowded images: {few}."
