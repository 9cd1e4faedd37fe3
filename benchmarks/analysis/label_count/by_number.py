"""Accuracy by number of labels, number of objects, repetition and occlusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...data.tables import OBJECTS, READERS, LabelTable
from ...significance import Resamples
from .curves import (
    KEYS,
    MIN_LABELS,
    MIN_POSITIVES,
    Curve,
    Floats,
    Point,
    choose_points,
    labels_at_every_point,
    measure_all,
)

MIN_POSITIVES_AUROC = 3
"""Minimum number of positive images per point in curves of AUROC only."""
MIN_IMAGES = 20
VISIBLE_BINS = (0.0, 0.8, 1.0)
"""Lower ends of the bins of the visible share; the last one holds fully visible objects."""
CROWDED_OBJECTS = 3
"""Minimum number of objects in a crowded image."""


def repetition_points(table: LabelTable) -> list[Point]:
    """Return points for one object, several objects of one label, and objects of different labels.

    As in the other curves, positives and negatives have similar numbers of objects: images of two
    dogs and of a dog with a cat have the same negatives, the images of two or three objects that
    contain no dog.

    Parameters
    ----------
    table : LabelTable
        Table with object counts.

    Returns
    -------
    list of Point
        Points with fewer than 20 images are left out.
    """
    assert table.counts is not None
    n_objects, n_labels = table.counts.sum(axis=1), (table.counts > 0).sum(axis=1)
    single, few = n_objects == 1, np.isin(n_objects, (2, 3))
    groups = [
        ("one object", single, single),
        ("2 or 3, all of one label", few & (n_labels == 1), few),
        ("2 or 3, all different", few & (n_labels == n_objects), few),
    ]
    points = [
        Point(
            x,
            label,
            (table.Y == 1) & rows[:, None],
            (table.Y == 0) & table.known & comparable[:, None],
        )
        for x, (label, rows, comparable) in enumerate(groups)
    ]
    return [point for point in points if point.images >= MIN_IMAGES]


def visible_points(table: LabelTable, share: NDArray[np.float64]) -> list[Point]:
    """Return points of crowded images by the visible share of the most visible object of the label.

    Only images of three objects or more are used, so that occlusion is not confounded with the
    number of objects. The negatives are all crowded images without the label.

    Parameters
    ----------
    table : LabelTable
        Table with object counts.
    share : array of float, shape (n_images, n_labels)
        Largest visible share of the objects of the label; NaN without such an object.
    """
    assert table.counts is not None
    crowded = (table.counts.sum(axis=1) >= CROWDED_OBJECTS)[:, None]
    negative = (table.Y == 0) & table.known & crowded
    points = []
    for low, high in zip(VISIBLE_BINS, (*VISIBLE_BINS[1:], np.inf), strict=True):
        label = f"{100 * low:.0f} to {100 * high:.0f} %" if high <= 1 else "all"
        inside = (share >= low) & (share < high)
        shares = share[inside & crowded]
        x = float(shares.mean()) if shares.size else low
        points.append(Point(round(x, 3), label, (table.Y == 1) & crowded & inside, negative))
    return [point for point in points if point.images >= MIN_IMAGES]


def visible_share(table: LabelTable) -> NDArray[np.float64] | None:
    """Read the visible share of the most visible object of each label.

    Parameters
    ----------
    table : LabelTable

    Returns
    -------
    array of float, shape (n_images, n_labels), or None
        Between 0 and 1; NaN if the image has no such object. None if there is no objects.csv next
        to the table, or it has no numeric column `visible`.
    """
    source = Path(table.source).with_name(OBJECTS)
    if table.counts is None or not source.is_file():
        return None
    columns = READERS[".csv"](str(source)).columns
    if not {"image", "label", "visible"} <= columns.keys():
        return None
    row = {image: i for i, image in enumerate(table.images)}
    column = {label: j for j, label in enumerate(table.labels)}
    share = np.full(table.Y.shape, np.nan)
    for image, label, text in zip(
        *(columns[c] for c in ("image", "label", "visible")), strict=True
    ):
        i, j = row.get(image), column.get(label)
        if i is None or j is None:
            continue
        try:
            share[i, j] = np.fmax(share[i, j], float(text))
        except ValueError:
            return None
    return share


def measure_curves(
    table: LabelTable, scores: Mapping[str, Floats], resamples: Resamples, n_jobs: int = 1
) -> dict[str, Curve]:
    """Compute all curves that the ground truth permits.

    Parameters
    ----------
    table : LabelTable
        The test images.
    scores : mapping of str to array, shape (n_images, n_labels)
        Scores by method.
    resamples : Resamples
        Bootstrap resamples of the images.
    n_jobs : int
        Parallel processes.

    Returns
    -------
    dict of str to Curve
        ``"labels"``, ``"objects"``, ``"repetition"`` and ``"visible"``. Curves without enough
        images or without ground truth are left out.
    """
    curves = {
        name: _measure_curve(plan, scores, resamples, n_jobs)
        for name, plan in _plan_curves(table).items()
    }
    return {name: curve for name, curve in curves.items() if curve is not None}


def measure_cells(
    table: LabelTable, scores: Mapping[str, Floats], resamples: Resamples, n_jobs: int = 1
) -> dict[str, Curve]:
    """Compute the curve by number of objects for scenes without overlap and with constant size.

    Parameters
    ----------
    table, resamples, n_jobs
        As for `measure_curves`.
    scores : mapping of str to array, shape (n_images, n_labels)
        Scores of the same scenes by layout.
    """
    if table.counts is None:
        return {}
    plan = _by_number(table, table.counts.sum(axis=1))
    curve = _measure_curve(plan, scores, resamples, n_jobs)
    return {} if curve is None else {"cells": curve}


def _measure_curve(
    plan: "_CurvePlan", scores: Mapping[str, Floats], resamples: Resamples, n_jobs: int
) -> Curve | None:
    labels = labels_at_every_point(plan.points, plan.min_positives)
    if len(plan.points) < 2 or labels.sum() < MIN_LABELS:
        return None
    series = measure_all(plan.points, scores, labels, resamples, n_jobs)
    return Curve(plan.points, labels, series, plan.keys)


@dataclass(frozen=True)
class _CurvePlan:
    """Definition of a curve."""

    points: Sequence[Point]
    keys: tuple[str, ...] = KEYS
    min_positives: int = MIN_POSITIVES


def _plan_curves(table: LabelTable) -> dict[str, _CurvePlan]:
    plans = {"labels": _by_number(table, table.Y.sum(axis=1))}
    if table.counts is None:
        return plans
    plans["objects"] = _by_number(table, table.counts.sum(axis=1))
    plans["repetition"] = _CurvePlan(repetition_points(table), ("auroc",), MIN_POSITIVES_AUROC)
    share = visible_share(table)
    if share is not None:
        plans["visible"] = _CurvePlan(visible_points(table, share), ("auroc",), MIN_POSITIVES_AUROC)
    return plans


def _by_number(table: LabelTable, number: NDArray[np.integer]) -> _CurvePlan:
    return _CurvePlan(choose_points(table.Y, table.known, number))
