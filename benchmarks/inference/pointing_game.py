"""The pointing game: whether the peak of an attribution map lies on an object of the label.

J. Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016.
"""

import csv
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...features import Progress, read_image
from ..data import load_dataset
from ..utils import InputError

if TYPE_CHECKING:
    from .model import Model

Box = tuple[int, int, int, int]
_CORNERS = ("x0", "y0", "x1", "y1")


def evaluate_pointing_game(
    model: "Model",
    dataset: str | Path = "menagerie",
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compute how often the peak of a label's attribution map lies in a box of the label.

    Parameters
    ----------
    model : Model
    dataset : str or Path
        With a file ``objects.csv`` of boxes in the folder of its table, as the generated scenes
        have. If the table has a split, only the test part is used.
    limit : int, optional
        Use a random sample of this many images.
    seed : int
    progress : callable, optional

    Returns
    -------
    dict
        "images"; "cases", the number of pairs of an image and one of its labels; the hit rates of
        the "peak", of a random position ("chance") and of the "centre" of the image; the same for
        each of "labels".

    Raises
    ------
    InputError
        If there are no boxes.
    """
    table = load_dataset(dataset)
    boxes = _read_boxes(table.folder / "objects.csv")
    unknown = set(table.labels) - set(model.labels)
    if unknown:
        raise InputError(f"{dataset}: the model does not know {', '.join(sorted(unknown))}")
    rows = np.arange(table.n_images)
    if table.split is not None:
        rows = rows[table.split == "test"]
    if limit is not None and limit < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, limit, replace=False))
    hits: dict[str, list[tuple[bool, float, bool]]] = defaultdict(list)
    for done, row in enumerate(rows):
        labels = [table.labels[column] for column in np.flatnonzero(table.Y[row])]
        if labels:
            image = read_image(table.paths[row])
            for attribution in model.attribute(image, labels):
                label_boxes = boxes[table.images[row], attribution.label]
                hit = _hits(label_boxes, attribution.peak, image.size)
                hits[attribution.label].append(hit)
        if progress is not None:
            progress(done + 1, len(rows))
    return _summary(len(rows), hits)


def _hits(
    boxes: list[Box], peak: tuple[float, float], size: tuple[int, int]
) -> tuple[bool, float, bool]:
    """Return whether the peak hits, the hit rate of a random position, and of the centre."""
    inside = np.zeros((size[1], size[0]), dtype=bool)
    for left, top, right, bottom in boxes:
        inside[max(0, top) : bottom, max(0, left) : right] = True
    x, y = (min(int(coordinate), side - 1) for coordinate, side in zip(peak, size, strict=True))
    return bool(inside[y, x]), float(inside.mean()), bool(inside[size[1] // 2, size[0] // 2])


def _summary(n_images: int, hits: dict[str, list[tuple[bool, float, bool]]]) -> dict[str, Any]:
    all_hits = [hit for label_hits in hits.values() for hit in label_hits]
    if not all_hits:
        raise InputError("no image has a label, so the pointing game has no cases")
    by_label = {label: _hit_rates(hits[label]) for label in sorted(hits)}
    return {"images": n_images} | _hit_rates(all_hits) | {"labels": by_label}


def _hit_rates(hits: list[tuple[bool, float, bool]]) -> dict[str, Any]:
    peak, chance, centre = np.mean(hits, axis=0).tolist()
    return {"cases": len(hits), "peak": peak, "chance": chance, "centre": centre}


def _read_boxes(path: Path) -> dict[tuple[str, str], list[Box]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: the pointing game needs the boxes of objects, with the columns image, label,"
            f" {', '.join(_CORNERS)} ({getattr(error, 'strerror', None) or 'not UTF-8'})"
        ) from None
    boxes: dict[tuple[str, str], list[Box]] = defaultdict(list)
    for number, record in enumerate(records, start=2):
        try:
            left, top, right, bottom = (int(record[corner]) for corner in _CORNERS)
            boxes[record["image"], record["label"]].append((left, top, right, bottom))
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"{path} row {number}: invalid box; the columns image, label, {', '.join(_CORNERS)}"
                " must give its corners in whole pixels"
            ) from None
    return boxes
