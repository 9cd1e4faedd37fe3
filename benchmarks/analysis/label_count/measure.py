"""The crowding section of a comparison."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data.tables import LabelTable
from ...evaluation import Fold, Judgements, judged_rows, test_to_train
from ...evaluation.methods import METHODS
from ...significance import Resamples
from .by_number import measure_cells, measure_curves
from .curves import LEAST_LABELS, LEAST_WITH, LEAST_WITHOUT, Curve, Point, labels_at_all, plain
from .findings import brief, crowd_sentence, other_sentences, rescue_sentence
from .interventions import PLAIN, TRAINED, Further, crowded_point, measure_rescue, single_point
from .transfer import ALL, Transfer, measure_transfer

MOST_IMAGES = 5000
RESAMPLES = 1000
THIS_RECIPE = "this comparison's"


def measure_crowding(
    judgements: Judgements,
    X: NDArray[Any],
    table: LabelTable,
    folds: Sequence[Fold],
    *,
    best_joint: str | None,
    further: Further | None = None,
    seed: int = 0,
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Measure what crowds of labels and objects do to the methods of a comparison.

    Parameters
    ----------
    judgements : Judgements
        Of all methods.
    X, table, folds
        What they learned from, as for `catnocat.benchmarks.evaluation.cross_validation.run_method`.
    best_joint : str or None
        The joint method whose curves stand beside the reference's.
    further : Further, optional
        Other looks at the same pictures.
    seed : int
        Of the draws and resamples.
    n_jobs : int
        Parallel processes.

    Returns
    -------
    dict
        `results.json`'s "crowding": ``"curves"``, ``"transfer"``, ``"rescue"``, ``"crowded"``,
        ``"brief"`` and ``"findings"`` (sentences, the most telling first), ``"not_measured"``
        (sentences) and ``"images"``, ``"images_judged"``.
    """
    n_judged = judgements.table.n_images
    further = further or Further()
    judgements, folds, further = _sample(judgements, folds, further, seed)
    judged = judgements.table
    reference = judgements.reference or next(iter(judgements.scores), "")
    units = np.arange(judged.n_images) if judged.group is None else judged.group
    resamples = Resamples(units, RESAMPLES, seed)
    shown = [name for name in dict.fromkeys((reference, best_joint)) if name in judgements.scores]
    scores = {name: judgements.scores[name] for name in shown}
    curves = measure_curves(judged, scores, resamples, n_jobs)
    transfer = measure_transfer(
        METHODS[TRAINED], X, table, folds, resamples, seed=seed, n_jobs=n_jobs
    )
    if isinstance(transfer, Transfer):
        curves["transfer"] = _transfer_curve(transfer)
    if further.cells is not None:
        both = {"scattered": further.looks[PLAIN], "in cells of one size": further.cells}
        curves |= measure_cells(judged, both, resamples, n_jobs)
    point = crowded_point(judged)
    rescue = []
    if point is not None:
        rescue = _rescue(judgements, further, point, reference, folds, resamples, n_jobs)
    sentence = crowd_sentence(curves, transfer, reference)
    helped = rescue_sentence(rescue, point.label if point else "")
    return {
        "curves": {
            f"{name}-{key}": told
            for name, curve in curves.items()
            for key, told in curve.described(judged.labels)
        },
        "transfer": _describe_transfer(transfer),
        "crowded": None if point is None else {"labels": point.label, "images": point.images},
        "rescue": rescue,
        "brief": brief(curves, transfer, reference) or _no_crowds(judged),
        "findings": [
            *([sentence] if sentence else []),
            *other_sentences(curves, reference),
            *([helped] if helped else []),
        ],
        "not_measured": [*_missing(judged, curves, transfer, rescue), *further.missing],
        "images": judged.n_images,
        "images_judged": n_judged,
    }


def _rescue(
    judgements: Judgements,
    further: Further,
    point: Point,
    reference: str,
    folds: Sequence[Fold],
    resamples: Resamples,
    n_jobs: int,
) -> list[dict[str, Any]]:
    """Hold other classifiers against the reference, and other looks against the plain one."""
    single = single_point(judgements.table)
    points = [point]
    if further.looks and labels_at_all([point, single]).sum() >= LEAST_LABELS:
        points.append(single)
    classifiers = {(THIS_RECIPE, name): one for name, one in judgements.scores.items()}
    looks = {(name, TRAINED): one for name, one in further.looks.items()}
    against = {row: (THIS_RECIPE, reference) for row in classifiers if row[1] != reference}
    against |= {row: (PLAIN, TRAINED) for row in looks if row[0] != PLAIN}
    return measure_rescue(
        points,
        looks | classifiers,
        against,
        resamples,
        stretch=float(np.sqrt(1 + test_to_train(list(folds)))),
        n_jobs=n_jobs,
    )


def _sample(
    judgements: Judgements, folds: Sequence[Fold], further: Further, seed: int
) -> tuple[Judgements, list[Fold], Further]:
    """Draw so many judged images that the time is bounded; all where there are not more."""
    rows = np.unique(judged_rows(folds))
    if len(rows) <= MOST_IMAGES:
        return judgements, list(folds), further
    kept = np.sort(np.random.default_rng(seed).choice(len(rows), MOST_IMAGES, replace=False))
    scores = {name: one[kept] for name, one in judgements.scores.items()}
    some = replace(judgements, table=judgements.table.take(kept), scores=scores)
    fewer = [Fold(fold.train, fold.test[np.isin(fold.test, rows[kept])]) for fold in folds]
    return some, fewer, further.take(kept)


def _no_crowds(judged: LabelTable) -> str:
    if judged.Y.sum(axis=1).max(initial=0) > 1:
        return ""
    return "No picture here carries more than one label, so this says nothing of crowds."


def _transfer_curve(found: Transfer) -> Curve:
    return Curve(
        found.points,
        found.labels,
        found.series,
        ("auroc", "ap"),
        "Trained on pictures of a single label only",
        f"Trained on {found.train_images} pictures of each kind, tested on the same others;"
        " of all pictures with so many labels, those with a label are told from those without it.",
        "labels in the picture",
    )


def _describe_transfer(found: Transfer | str) -> dict[str, Any] | None:
    """Give the table: who was trained on what, and how far that carries."""
    if isinstance(found, str):
        return None
    every = found.series[ALL]
    return {
        "method": TRAINED,
        "train_images": found.train_images,
        "draws": found.draws,
        "rows": [
            {
                "trained_on": kind,
                "labels_per_picture": round(found.labels_shown[kind], 3),
                "tested_on": point.label,
                "images": point.images,
                "auroc": plain(float(one.values["auroc"][place])),
                "difference": None if one is every else one.less(every, "auroc", place, place),
            }
            for kind, one in found.series.items()
            for place, point in enumerate(found.points)
        ],
    }


def _missing(
    judged: LabelTable,
    curves: Mapping[str, Curve],
    transfer: Transfer | str,
    rescue: Sequence[Any],
) -> Iterator[str]:
    """Say what could not be measured, and why."""
    number = judged.Y.sum(axis=1)
    one, several = int((number == 1).sum()), int((number > 1).sum())
    few = (
        f"with {one} judged pictures of one label and {several} of several, fewer than"
        f" {LEAST_LABELS} of {judged.n_labels} labels have {LEAST_WITH} pictures with and"
        f" {LEAST_WITHOUT} without them"
    )
    if "labels" not in curves:
        yield f"Accuracy by the number of labels: {few} at each point."
    if judged.counts is None:
        yield "Objects, repeats and mixtures: the data set does not count its objects."
    else:
        for name, what in (
            ("objects", "Accuracy by the number of objects"),
            ("company", "Repeats and mixtures"),
        ):
            if name not in curves:
                yield f"{what}: too few pictures of one object, or of several, per label."
    if isinstance(transfer, str):
        yield f"Training on single labels or on several: {transfer}."
    if not rescue:
        yield f"What rescues crowded pictures: {few}."
