"""Whether the strongest evidence for a label lies on such an object.

J. Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016.
"""

import csv
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ....features import Progress, read_image
from ...data import load_dataset
from ...utils import InputError

if TYPE_CHECKING:
    from ..model import Model

Box = tuple[int, int, int, int]
_CORNERS = ("x0", "y0", "x1", "y1")


def play_pointing_game(
    model: "Model",
    dataset: str | Path = "menagerie",
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Point at every label that a picture shows, and see whether that hits such an object.

    Parameters
    ----------
    model : Model
    dataset : str or Path
        With an ``objects.csv`` of boxes beside its table, as the drawn scenes have it. Of a data
        set with a split the test part is played.
    limit : int, optional
        Play with so many pictures, drawn by chance.
    seed : int
    progress : callable, optional

    Returns
    -------
    dict
        "pictures", "played" (pictures times their labels), and the shares of hits of the "peak",
        of a place drawn by "chance" and of the picture's "centre"; the same for each of "labels".

    Raises
    ------
    InputError
        If there are no boxes.
    """
    table = load_dataset(dataset)
    boxes = _boxes(table.folder / "objects.csv")
    unknown = set(table.labels) - set(model.labels)
    if unknown:
        raise InputError(f"{dataset}: the model knows nothing of {', '.join(sorted(unknown))}")
    rows = np.arange(table.n_images)
    if table.split is not None:
        rows = rows[table.split == "test"]
    if limit is not None and limit < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, limit, replace=False))
    games: dict[str, list[tuple[bool, float, bool]]] = defaultdict(list)
    for done, row in enumerate(rows):
        shown = [table.labels[number] for number in np.flatnonzero(table.Y[row])]
        if shown:
            image = read_image(table.paths[row])
            for found in model.evidence(image, shown):
                of_label = boxes[table.images[row], found.label]
                games[found.label].append(_play(of_label, found.peak, image.size))
        if progress is not None:
            progress(done + 1, len(rows))
    return _summary(len(rows), games)


def _play(
    boxes: list[Box], peak: tuple[float, float], size: tuple[int, int]
) -> tuple[bool, float, bool]:
    """Give whether the peak hits, how often a place drawn by chance does, and the centre."""
    inside = np.zeros((size[1], size[0]), dtype=bool)
    for left, top, right, bottom in boxes:
        inside[max(0, top) : bottom, max(0, left) : right] = True
    x, y = (min(int(place), side - 1) for place, side in zip(peak, size, strict=True))
    return bool(inside[y, x]), float(inside.mean()), bool(inside[size[1] // 2, size[0] // 2])


def _summary(pictures: int, games: dict[str, list[tuple[bool, float, bool]]]) -> dict[str, Any]:
    every = [game for played in games.values() for game in played]
    if not every:
        raise InputError("no picture shows a label: there is nothing to point at")
    each = {label: _shares(games[label]) for label in sorted(games)}
    return {"pictures": pictures} | _shares(every) | {"labels": each}


def _shares(played: list[tuple[bool, float, bool]]) -> dict[str, Any]:
    peak, chance, centre = np.mean(played, axis=0).tolist()
    return {"played": len(played), "peak": peak, "chance": chance, "centre": centre}


def _boxes(path: Path) -> dict[tuple[str, str], list[Box]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: the pointing game needs the objects' boxes, columns image, label,"
            f" {', '.join(_CORNERS)} ({getattr(error, 'strerror', None) or 'not UTF-8'})"
        ) from None
    boxes: dict[tuple[str, str], list[Box]] = defaultdict(list)
    for number, record in enumerate(records, start=2):
        try:
            left, top, right, bottom = (int(record[corner]) for corner in _CORNERS)
            boxes[record["image"], record["label"]].append((left, top, right, bottom))
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"{path} row {number}: no box; the columns image, label, {', '.join(_CORNERS)} give"
                " one in whole pixels"
            ) from None
    return boxes
