"""What a model says of one picture, and where in it the reasons lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.pipeline import Pipeline

from ....features import OpenFeatures, Places
from ...utils import InputError
from .linear import linear_scores

Map = NDArray[np.float64]
_CELLS = 8  # by so many cells the picture is divided,
_COVER = 2  # and so many by so many of them are covered at once
_SIDE = 640  # a larger picture is shown smaller: it would be copied dozens of times
_SUREST = 1e-6


def occlusion_maps(
    ask: Callable[[list[Image.Image]], NDArray[np.floating]], image: Image.Image
) -> Map:
    """Cover parts of a picture with its mean colour and see what that costs each label.

    Parameters
    ----------
    ask : callable
        From pictures to probabilities (n_pictures, n_labels).
    image : PIL.Image.Image

    Returns
    -------
    ndarray of shape (n_labels, 8, 8)
        The log-odds that a label loses when a cell is covered, on average over the covers that hide
        the cell.
    """
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE))
    grey = tuple(round(float(value)) for value in np.asarray(small).mean(axis=(0, 1)))
    starts = range(1 - _COVER, _CELLS)  # some reach over the edge, so that all cells count alike
    covers = [(row, column) for row in starts for column in starts]
    pictures = [small, *(_covered(small, grey, *cover) for cover in covers)]
    P = np.clip(ask(pictures).astype(np.float64), _SUREST, 1 - _SUREST)
    odds = np.log(P) - np.log1p(-P)
    lost = odds[0] - odds[1:]
    found = np.zeros((P.shape[1], _CELLS, _CELLS))
    for (row, column), loss in zip(covers, lost, strict=True):
        rows, columns = _cells(row), _cells(column)
        found[:, rows, columns] += loss[:, None, None]
    return found / _COVER**2


def _cells(start: int) -> slice:
    return slice(max(0, start), min(_CELLS, start + _COVER))


def _covered(image: Image.Image, colour: tuple[int, ...], row: int, column: int) -> Image.Image:
    width, height = image.size
    down, across = _cells(row), _cells(column)
    box = (
        round(across.start * width / _CELLS),
        round(down.start * height / _CELLS),
        round(across.stop * width / _CELLS),
        round(down.stop * height / _CELLS),
    )
    covered = image.copy()
    covered.paste(colour, box)
    return covered


_GRID_CELLS = 64
_FINE = 448  # the longer side of the map in which the peak is looked for


def one_map(places: Sequence[Places], number: int, size: tuple[int, int]) -> Map:
    """Lay the places' shares of one sum on a grid over the picture.

    Parameters
    ----------
    places : sequence of Places
    number : int
        Which sum.
    size : tuple of int
        The picture's width and height.

    Returns
    -------
    ndarray of shape (rows, columns)
        The mean of all cells is the sum; where crops overlap their shares add up.
    """
    whole = (0.0, 0.0, *map(float, size))
    shapes = {part.values.shape[1:] for part in places if part.box == whole}
    same = len(shapes) == 1 and all(part.box == whole for part in places)
    rows, columns = next(iter(shapes)) if same else (_GRID_CELLS, _GRID_CELLS)
    total = np.zeros((rows, columns))
    for part in places:
        left, top, right, bottom = part.box
        down = _overlaps(rows, size[1], top, bottom, part.values.shape[1])
        across = _overlaps(columns, size[0], left, right, part.values.shape[2])
        total += down @ part.values[number] @ across.T
    return total * total.size


def _overlaps(cells: int, length: float, start: float, end: float, parts: int) -> Map:
    """Give which share of each part of a stretch lies in each cell of the whole length."""
    edges = np.linspace(0, length, cells + 1)
    bounds = np.linspace(start, end, parts + 1)
    upper = np.minimum(edges[1:, None], bounds[None, 1:])
    lower = np.maximum(edges[:-1, None], bounds[None, :-1])
    shares: Map = np.clip(upper - lower, 0, None) * (parts / (end - start))
    return shares


def smooth(values: Map, size: tuple[int, int]) -> Map:
    """Draw a map as large as a picture, without its cells' edges."""
    coarse = Image.fromarray(values.astype(np.float32))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)


def peak_of(values: Map, size: tuple[int, int]) -> tuple[float, float]:
    """Give the place x, y of the highest value, in pixels of a picture of that size."""
    scale = _FINE / max(size)
    width, height = (max(1, round(side * scale)) for side in size)
    y, x = np.unravel_index(smooth(values, (width, height)).argmax(), (height, width))
    return (float(x) + 0.5) * size[0] / width, (float(y) + 0.5) * size[1] / height


Ask = Callable[[NDArray[Any]], NDArray[Any]]
EXACT = 1e-4


@dataclass(frozen=True)
class Evidence:
    """Where a picture shows a label.

    Attributes
    ----------
    label : str
    probability : float
    kind : {"exact", "occlusion"}
        "exact": `values` is the class activation map, whose mean plus `intercept` is `score`, of
        which the probability is a rising function. "occlusion": how many log-odds the label loses
        when a cell is covered.
    values : ndarray of shape (rows, columns)
        On a grid over the upright picture, first row on top; above 0 speaks for the label.
    peak : tuple of float
        x and y of the strongest place, in pixels of the upright picture.
    size : tuple of int
        Width and height of the upright picture.
    score, intercept : float or None
        None where `kind` is "occlusion".
    """

    label: str
    probability: float
    kind: Literal["exact", "occlusion"]
    values: Map
    peak: tuple[float, float]
    size: tuple[int, int]
    score: float | None = None
    intercept: float | None = None


def find_evidence(
    features: OpenFeatures,
    pipeline: Pipeline,
    ask: Ask,
    labels: Sequence[str],
    image: Image.Image,
    wanted: Sequence[str] | None = None,
) -> list[Evidence]:
    """Find out where the evidence for labels lies.

    Parameters
    ----------
    features : OpenFeatures
    pipeline : Pipeline
        Fitted to such features.
    ask : callable
        Gives the pipeline's probabilities for rows of features.
    labels : sequence of str
        Its labels.
    image : PIL.Image.Image
        Upright RGB.
    wanted : sequence of str, optional
        Some of the labels; all if not given.

    Returns
    -------
    list of Evidence
        One per label asked for, in that order.
    """
    numbers = [_number(label, labels) for label in (labels if wanted is None else wanted)]
    row = features.vectors([image])
    P = ask(row)[0]
    found = _exact(features, pipeline, image, row[0], numbers)
    if found is None:
        maps = occlusion_maps(lambda pictures: ask(features.vectors(pictures)), image)
        found = [{"kind": "occlusion", "values": maps[number]} for number in numbers]
    return [
        Evidence(
            label=labels[number],
            probability=float(P[number]),
            peak=peak_of(told["values"], image.size),
            size=image.size,
            **told,
        )
        for number, told in zip(numbers, found, strict=True)
    ]


def _exact(
    features: OpenFeatures,
    pipeline: Pipeline,
    image: Image.Image,
    row: NDArray[Any],
    numbers: list[int],
) -> list[dict[str, Any]] | None:
    """Give the class activation maps, or None where these do not add up to the scores."""
    linear = linear_scores(pipeline, row)
    if linear is None or any("prelogits" in view.poolings for view in features.recipe.views):
        return None
    weights, intercepts = linear.weights[numbers], linear.intercepts[numbers]
    _, places = features.places(image, weights.reshape(-1, *row.shape))
    maps = [one_map(places, number, image.size) for number in range(len(numbers))]
    sums = weights @ row.ravel().astype(np.float64)
    off = np.abs([values.mean() for values in maps] - sums)
    if (off > EXACT * (1 + np.abs(sums))).any():
        return None
    return [
        {
            "kind": "exact",
            "values": values,
            "score": float(total + level),
            "intercept": float(level),
        }
        for values, total, level in zip(maps, sums, intercepts, strict=True)
    ]


def _number(label: str, labels: Sequence[str]) -> int:
    if label not in labels:
        raise InputError(f"no label is called {label!r}; there are: {', '.join(labels)}")
    return list(labels).index(label)
