"""What a model says of one picture, and where in it the reasons lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.pipeline import Pipeline

from ...features import OpenFeatures
from ..errors import InputError
from .grid import Map, one_map, peak_of
from .linear import linear_scores
from .occlusion import occlusion_maps

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
