"""Interventions for images with many labels: other classifiers and other image views."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ...data import load_dataset, load_regions, load_vectors
from ...data.scenes import MenagerieSettings, menagerie
from ...data.tables import LabelTable
from ...evaluation import BenchOptions, Fold, MethodResult, pool_predictions, run_method
from ...evaluation.methods import METHODS
from ...significance import Resamples
from ...utils import show_progress
from ..results import Intervention
from .curves import KEYS, MIN_LABELS, Floats, Point, labels_at_every_point, measure_all
from .transfer import MissingAnalysis

Row = tuple[str, str]

CROWDED_LABELS = (3, 2)  # labels per image; the first number with enough images is used


def crowded_point(table: LabelTable) -> Point | None:
    """Return the point of images with three labels or more, or two if these are too few."""
    number = table.Y.sum(axis=1)
    for minimum in CROWDED_LABELS:
        crowded = (number >= minimum)[:, None]
        positive, negative = (table.Y == 1) & crowded, (table.Y == 0) & table.known & crowded
        point = Point(minimum, f"{minimum} or more", positive, negative)
        if labels_at_every_point([point]).sum() >= MIN_LABELS:
            return point
    return None


def single_point(table: LabelTable) -> Point:
    """Return the point of images with one label."""
    single = (table.Y.sum(axis=1) == 1)[:, None]
    return Point(1, "1", (table.Y == 1) & single, (table.Y == 0) & table.known & single)


def compare_interventions(
    points: Sequence[Point],
    scores: Mapping[Row, Floats],
    against: Mapping[Row, Row],
    resamples: Resamples,
    *,
    stretch: float = 1.0,
    n_jobs: int = 1,
) -> list[Intervention]:
    """Compare feature recipes and classifiers on crowded images.

    Parameters
    ----------
    points : sequence of Point
        The point of crowded images, optionally followed by that of images with one label.
    scores : mapping of (recipe, classifier) to array, shape (n_images, n_labels)
    against : mapping of (recipe, classifier) to (recipe, classifier)
        The reference of each, if any.
    resamples : Resamples
        Bootstrap resamples of the images.
    stretch : float
        Factor that widens the intervals for the variance of the training set.
    n_jobs : int

    Returns
    -------
    list of Intervention
    """
    series = measure_all(points, scores, labels_at_every_point(points), resamples, n_jobs)

    def figures_at(row: Row, point: int) -> dict[str, Any]:
        own, reference = series[row], against.get(row)
        figures: dict[str, Any] = {}
        for key in KEYS:
            entry = own.points(points, key)[point]
            figures[key] = {name: entry[name] for name in ("value", "low", "high")}
        figures["difference"] = reference and {
            key: own.subtract(series[reference], key, point, point, stretch) for key in KEYS
        }
        return figures

    entries = [
        {
            "recipe": row[0],
            "classifier": row[1],
            "against": against.get(row) and list(against[row]),
            "single": figures_at(row, 1) if len(points) > 1 else None,
        }
        | figures_at(row, 0)
        for row in series
    ]
    return cast(list[Intervention], entries)


BASE_VIEW = "whole@224"
VIEWS = {
    BASE_VIEW: "whole@224:avg",
    "whole+flip@224": "whole+flip@224:avg",
    "grid2@224": "grid2@224:avg/max",
    "whole@320": "whole@320:avg",
    "whole@448": "whole@448:avg",
}
REGIONS = f"regions of {BASE_VIEW}"
CLASSIFIER = "logistic"  # equivalent to one-vs-rest, but solved for all labels at once


@dataclass(frozen=True)
class InterventionScores:
    """Scores of the test images from the same classifier on other features.

    Attributes
    ----------
    views : dict of str to array, shape (n_images, n_labels)
        Scores by feature recipe.
    cells : array, shape (n_images, n_labels), or None
        Scores of the same animals drawn in separate grid cells.
    missing : tuple of dict
        What could not be measured and why: ``"code"`` and explaining values.
    """

    views: dict[str, Floats] = field(default_factory=dict)
    cells: Floats | None = None
    missing: tuple[MissingAnalysis, ...] = ()

    def take(self, rows: NDArray[np.intp]) -> "InterventionScores":
        """Return the scores of some of the test images."""
        views = {name: scores[rows] for name, scores in self.views.items()}
        return replace(self, views=views, cells=None if self.cells is None else self.cells[rows])


def score_interventions(
    table: LabelTable, folds: Sequence[Fold], config: BenchOptions, *, progress: bool = False
) -> InterventionScores:
    """Extract the features of each view and fit the classifier on them in the same folds.

    Parameters
    ----------
    table : LabelTable
        Table of readable images.
    folds : sequence of Fold
    config : BenchOptions
        Backbone and engine.
    progress : bool
        Show progress bars.
    """
    if table.X is not None:
        return InterventionScores(missing=({"code": "views_need_images"},))
    features = config.features | {"progress": progress}
    options: dict[str, Any] = {"seed": config.seed, "n_jobs": config.n_jobs}
    scores: dict[str, Floats] = {}
    missing: list[MissingAnalysis] = []

    def fit(view: str, X: NDArray[Any], images: LabelTable, method: str = CLASSIFIER) -> Floats:
        with show_progress(f"fitting {view}", show=progress):
            method_result = run_method(METHODS[method], X, images, folds, **options)
        return _scores(method_result, images, folds)

    for name, view in VIEWS.items():
        vectors = load_vectors(table, **features | {"views": view})
        if vectors.table.n_images < table.n_images:
            missing.append({"code": "unreadable_view", "recipe": name})
        else:
            scores[name] = fit(name, vectors.X, table)
    regions = load_regions(table, **features | {"views": VIEWS[BASE_VIEW], "n_jobs": config.n_jobs})
    if regions.X is None:
        missing.append({"code": "no_regions", "reason": regions.missing})
    else:
        scores[REGIONS] = fit(REGIONS, regions.X, table, "regions")
    cells = draw_in_cells(table, config.n_jobs, progress)
    if isinstance(cells, str):
        return InterventionScores(scores, None, (*missing, {"code": cells}))
    X = load_vectors(cells, **features | {"views": VIEWS[BASE_VIEW]}).X
    return InterventionScores(scores, fit("cells of one size", X, cells), tuple(missing))


def draw_in_cells(table: LabelTable, n_jobs: int, progress: bool) -> LabelTable | str:
    """Draw the same animals in grid cells, if the images are drawn scenes.

    Returns
    -------
    LabelTable or str
        A table with the same labels in each row, or the code of the reason why there is none.
    """
    try:
        manifest = json.loads(
            (Path(table.source).parent / "scenes.json").read_text(encoding="utf-8")
        )
        settings = manifest["settings"]
        if manifest["source"] == "sprites" or settings["layout"] != "scatter":
            return "cells_need_scattered_animals"
        grid_settings = MenagerieSettings(
            **settings | {"layout": "grid", "labels": list(manifest["drawings"])}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "cells_need_drawn_scenes"
    drawn = load_dataset(menagerie(grid_settings, n_jobs=n_jobs, progress=progress))
    row_of = {image: row for row, image in enumerate(drawn.images)}
    if drawn.labels != table.labels or not row_of.keys() >= set(table.images):
        return "cells_drawn_by_other_version"
    cells = drawn.take([row_of[image] for image in table.images])
    if not np.array_equal(cells.Y, table.Y):
        return "cells_drawn_by_other_version"
    return cells


def _scores(method_result: MethodResult, table: LabelTable, folds: Sequence[Fold]) -> Floats:
    return pool_predictions([method_result], table, folds).scores[method_result.method.name]
