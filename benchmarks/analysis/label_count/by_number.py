"""Accuracy against the number of labels, of objects, and of what hides or repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...data.tables import OBJECTS, READERS, LabelTable
from ...significance import Resamples
from .curves import (
    KEYS,
    LEAST_LABELS,
    LEAST_WITH,
    Curve,
    Floats,
    Point,
    choose_points,
    labels_at_all,
    measure_all,
)

FEW_WITH = 3
"""Enough where AUROC alone is measured, which is sound from one picture of either kind on."""
LEAST_IMAGES = 20
VISIBLE = (0.0, 0.8, 1.0)
"""Lower ends of the bins of the visible share; the last holds what nothing covers."""
CROWD = 3
"""From so many objects on a picture counts as crowded."""


def company_points(table: LabelTable) -> list[Point]:
    """Tell pictures of one object, of several of one kind, and of as many kinds apart.

    As in the other curves both sides are of the same crowd: two dogs, and a dog with a cat, stand
    against the same pictures, those of two or three objects among which there is no dog.

    Parameters
    ----------
    table : LabelTable
        With counts of objects.

    Returns
    -------
    list of Point
        Without those of fewer than 20 pictures.
    """
    assert table.counts is not None
    number, kinds = table.counts.sum(axis=1), (table.counts > 0).sum(axis=1)
    one, few = number == 1, np.isin(number, (2, 3))
    sorts = [
        ("one object", one, one),
        ("2 or 3, all of one kind", few & (kinds == 1), few),
        ("2 or 3, all different", few & (kinds == number), few),
    ]
    points = [
        Point(
            x,
            label,
            (table.Y == 1) & rows[:, None],
            (table.Y == 0) & table.known & crowd[:, None],
        )
        for x, (label, rows, crowd) in enumerate(sorts)
    ]
    return [point for point in points if point.images >= LEAST_IMAGES]


def visible_points(table: LabelTable, share: NDArray[np.float64]) -> list[Point]:
    """Sort the labels of crowded pictures by how much is seen of the object that hides least.

    Only pictures of three objects or more, so that a covered animal is not just one in a larger
    crowd; against them all crowded pictures without the label.

    Parameters
    ----------
    table : LabelTable
        With counts of objects.
    share : array of float, shape (n_images, n_labels)
        The largest visible share of the label's objects; NaN where there is none.
    """
    assert table.counts is not None
    crowded = (table.counts.sum(axis=1) >= CROWD)[:, None]
    negative = (table.Y == 0) & table.known & crowded
    points = []
    for low, high in zip(VISIBLE, (*VISIBLE[1:], np.inf), strict=True):
        label = f"{100 * low:.0f} to {100 * high:.0f} %" if high <= 1 else "all of it"
        inside = (share >= low) & (share < high)
        seen = share[inside & crowded]
        x = float(seen.mean()) if seen.size else low
        points.append(Point(round(x, 3), label, (table.Y == 1) & crowded & inside, negative))
    return [point for point in points if point.images >= LEAST_IMAGES]


def visible_share(table: LabelTable) -> NDArray[np.float64] | None:
    """Read how much is seen of the object of each label that is covered least.

    Parameters
    ----------
    table : LabelTable

    Returns
    -------
    array of float, shape (n_images, n_labels), or None
        Between 0 and 1, and NaN where the picture shows no such object; None where no objects.csv
        with numbers in a column `visible` stands beside the table.
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
    """Measure every curve that the truth about the pictures allows.

    Parameters
    ----------
    table : LabelTable
        The judged images.
    scores : mapping of str to array, shape (n_images, n_labels)
        By method.
    resamples : Resamples
        Of the images.
    n_jobs : int
        Parallel processes.

    Returns
    -------
    dict of str to Curve
        ``"labels"``, ``"objects"``, ``"company"`` and ``"visible"``, without those for which there
        are too few pictures or no truth.
    """
    curves = {
        name: _measured(plan, scores, resamples, n_jobs) for name, plan in _plans(table).items()
    }
    return {name: curve for name, curve in curves.items() if curve is not None}


def measure_cells(
    table: LabelTable, scores: Mapping[str, Floats], resamples: Resamples, n_jobs: int = 1
) -> dict[str, Curve]:
    """Measure what is left of the crowding where every object keeps its size and hides no other.

    Parameters
    ----------
    table, resamples, n_jobs
        As for `measure_curves`.
    scores : mapping of str to array, shape (n_images, n_labels)
        Of the same scenes, by how they are laid out.
    """
    if table.counts is None:
        return {}
    plan = replace(
        _by_number(table, table.counts.sum(axis=1), "objects"),
        title="The same animals, each in a cell of its own",
        about="The same animals are drawn twice: scattered, so that some cover others, and in the"
        " cells of a grid, where each keeps its size and none is covered. What both lose is not"
        " for being small or hidden.",
    )
    curve = _measured(plan, scores, resamples, n_jobs)
    return {} if curve is None else {"cells": curve}


def _measured(
    plan: "_Plan", scores: Mapping[str, Floats], resamples: Resamples, n_jobs: int
) -> Curve | None:
    labels = labels_at_all(plan.points, plan.least_with)
    if len(plan.points) < 2 or labels.sum() < LEAST_LABELS:
        return None
    series = measure_all(plan.points, scores, labels, resamples, n_jobs)
    return Curve(plan.points, labels, series, plan.keys, plan.title, plan.about, plan.x)


@dataclass(frozen=True)
class _Plan:
    """A curve before it is measured."""

    points: Sequence[Point]
    title: str
    about: str
    x: str
    keys: tuple[str, ...] = KEYS
    least_with: int = LEAST_WITH


def _plans(table: LabelTable) -> dict[str, _Plan]:
    plans = {"labels": _by_number(table, table.Y.sum(axis=1), "labels")}
    if table.counts is None:
        return plans
    plans["objects"] = _by_number(table, table.counts.sum(axis=1), "objects")
    plans["company"] = _Plan(
        company_points(table),
        "Two dogs, or a dog and a cat",
        "Repeats of one kind, and mixtures of kinds, are told from the same pictures: those of as"
        " many objects without the label.",
        "what the picture shows",
        ("auroc",),
        FEW_WITH,
    )
    share = visible_share(table)
    if share is not None:
        plans["visible"] = _Plan(
            visible_points(table, share),
            "The less is seen of it",
            "Pictures of three objects or more, by how much of the label's object no other covers,"
            " told from such pictures without the label.",
            "how much of the object is seen",
            ("auroc",),
            FEW_WITH,
        )
    return plans


def _by_number(table: LabelTable, number: NDArray[np.integer], things: str) -> _Plan:
    return _Plan(
        choose_points(table.Y, table.known, number),
        f"The more {things} in a picture",
        f"Of all pictures with so many {things}, those with a label are told from those without.",
        f"{things} in the picture",
    )
