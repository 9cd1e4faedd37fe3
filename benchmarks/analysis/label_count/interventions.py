"""What helps in crowded pictures: another classifier, or another look at the picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data import load_dataset, regions_of, vectors_of
from ...data.scenes import MenagerieSettings, menagerie
from ...data.tables import LabelTable
from ...evaluation import Fold, Options, Outcome, gather_judgements, run_method
from ...evaluation.methods import METHODS
from ...significance import Resamples
from ...utils import show_progress
from .curves import KEYS, LEAST_LABELS, Floats, Point, labels_at_all, measure_all

Row = tuple[str, str]

CROWDED = (3, 2)  # labels in a picture, the first with enough pictures


def crowded_point(table: LabelTable) -> Point | None:
    """Take the pictures of three labels or more; of two or more where those are too few."""
    number = table.Y.sum(axis=1)
    for least in CROWDED:
        crowd = (number >= least)[:, None]
        positive, negative = (table.Y == 1) & crowd, (table.Y == 0) & table.known & crowd
        point = Point(least, f"{least} or more", positive, negative)
        if labels_at_all([point]).sum() >= LEAST_LABELS:
            return point
    return None


def single_point(table: LabelTable) -> Point:
    """Take the pictures of one label."""
    one = (table.Y.sum(axis=1) == 1)[:, None]
    return Point(1, "1", (table.Y == 1) & one, (table.Y == 0) & table.known & one)


def measure_rescue(
    points: Sequence[Point],
    scores: Mapping[Row, Floats],
    against: Mapping[Row, Row],
    resamples: Resamples,
    *,
    stretch: float = 1.0,
    n_jobs: int = 1,
) -> list[dict[str, Any]]:
    """Hold recipes of features and classifiers against each other in crowded pictures.

    Parameters
    ----------
    points : sequence of Point
        The crowded pictures; after them, where that is to be told too, those of one label.
    scores : mapping of (recipe, classifier) to array, shape (n_images, n_labels)
    against : mapping of (recipe, classifier) to (recipe, classifier)
        What each is held against, where it is.
    resamples : Resamples
        Of the images.
    stretch : float
        For the chance of what was learned from, as in the comparison.
    n_jobs : int

    Returns
    -------
    list of dict
        ``"recipe"``, ``"classifier"``, ``"auroc"`` and ``"ap"``: {"value", "low", "high"},
        ``"against"`` and ``"difference"``: {"auroc", "ap"} of such, or None; ``"single"``: the same
        among pictures of one label, or None.
    """
    series = measure_all(points, scores, labels_at_all(points), resamples, n_jobs)

    def told(row: Row, place: int) -> dict[str, Any]:
        one, other = series[row], against.get(row)
        figures: dict[str, Any] = {}
        for key in KEYS:
            whole = one.points(points, key)[place]
            figures[key] = {name: whole[name] for name in ("value", "low", "high")}
        figures["difference"] = other and {
            key: one.less(series[other], key, place, place, stretch) for key in KEYS
        }
        return figures

    return [
        {
            "recipe": row[0],
            "classifier": row[1],
            "against": against.get(row) and list(against[row]),
            "single": told(row, 1) if len(points) > 1 else None,
        }
        | told(row, 0)
        for row in series
    ]


PLAIN = "whole@224"
LOOKS = {
    PLAIN: "whole@224:avg",
    "whole+flip@224": "whole+flip@224:avg",
    "grid2@224": "grid2@224:avg/max",
    "whole@320": "whole@320:avg",
    "whole@448": "whole@448:avg",
}
REGIONS = f"regions of {PLAIN}"
TRAINED = "logistic"  # the reference's own model, solved for all labels at once


@dataclass(frozen=True)
class Further:
    """What the same classifier says of the judged pictures after other looks.

    Attributes
    ----------
    looks : dict of str to array, shape (n_images, n_labels)
        By what was shown to the network.
    cells : array, shape (n_images, n_labels), or None
        Of the same animals, each in a cell of its own.
    missing : tuple of str
        Sentences: what could not be had, and why.
    """

    looks: dict[str, Floats] = field(default_factory=dict)
    cells: Floats | None = None
    missing: tuple[str, ...] = ()

    def take(self, rows: NDArray[np.intp]) -> "Further":
        """Keep some of the judged pictures."""
        looks = {name: scores[rows] for name, scores in self.looks.items()}
        return replace(self, looks=looks, cells=None if self.cells is None else self.cells[rows])


def look_further(
    table: LabelTable, folds: Sequence[Fold], asked: Options, *, progress: bool = False
) -> Further:
    """Extract the features of every look, and learn from each in the comparison's own folds.

    Parameters
    ----------
    table : LabelTable
        Pictures that can all be read.
    folds : sequence of Fold
    asked : Options
        The backbone and how it is run.
    progress : bool
        Show how far the extraction is.
    """
    if table.X is not None:
        return Further(missing=("Other looks: the data set comes with ready features.",))
    features = asked.features | {"progress": progress}
    how: dict[str, Any] = {"seed": asked.seed, "n_jobs": asked.n_jobs}
    looks: dict[str, Floats] = {}
    missing = []

    def learn(look: str, X: NDArray[Any], pictures: LabelTable, method: str = TRAINED) -> Floats:
        with show_progress(f"learning from {look}", show=progress):
            outcome = run_method(METHODS[method], X, pictures, folds, **how)
        return _scores(outcome, pictures, folds)

    for name, view in LOOKS.items():
        vectors = vectors_of(table, **features | {"views": view})
        if vectors.table.n_images < table.n_images:
            missing.append(f"{name}: a picture could not be read any more.")
        else:
            looks[name] = learn(name, vectors.X, table)
    regions = regions_of(table, **features | {"views": LOOKS[PLAIN], "n_jobs": asked.n_jobs})
    if regions.X is None:
        missing.append(f"Regions: {regions.missing}.")
    else:
        looks[REGIONS] = learn(REGIONS, regions.X, table, "regions")
    cells = table_in_cells(table, asked.n_jobs, progress)
    if isinstance(cells, str):
        return Further(looks, None, (*missing, f"Every object in a cell of its own: {cells}."))
    X = vectors_of(cells, **features | {"views": LOOKS[PLAIN]}).X
    return Further(looks, learn("cells of one size", X, cells), tuple(missing))


def table_in_cells(table: LabelTable, n_jobs: int, progress: bool) -> LabelTable | str:
    """Draw the same animals in cells of one size, where the pictures are drawn scenes.

    Returns
    -------
    LabelTable or str
        Row by row the same labels; why not, where it cannot be.
    """
    try:
        paper = json.loads((Path(table.source).parent / "scenes.json").read_text(encoding="utf-8"))
        settings = paper["settings"]
        if paper["source"] == "sprites" or settings["layout"] != "scatter":
            return "these scenes are drawn from a folder of sprites, or in cells already"
        asked = MenagerieSettings(
            **settings | {"layout": "grid", "labels": list(paper["drawings"])}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "only of drawn scenes is it known how to draw them so"
    drawn = load_dataset(menagerie(asked, n_jobs=n_jobs, progress=progress))
    place = {image: row for row, image in enumerate(drawn.images)}
    if drawn.labels != table.labels or not place.keys() >= set(table.images):
        return "the scenes are not those of this version"
    cells = drawn.take([place[image] for image in table.images])
    if not np.array_equal(cells.Y, table.Y):
        return "the scenes are not those of this version"
    return cells


def _scores(outcome: Outcome, table: LabelTable, folds: Sequence[Fold]) -> Floats:
    return gather_judgements([outcome], table, folds).scores[outcome.method.name]
