"""Accuracy against the number of labels, of objects, and of what hides or repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..statistics import Resamples
from ..tables import LabelTable
from .company import FEW_WITH, company_points, visible_points
from .curve import Curve
from .points import LEAST_LABELS, LEAST_WITH, Floats, Point, choose_points, labels_at_all
from .series import KEYS, measure_all
from .truth import visible_share


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
