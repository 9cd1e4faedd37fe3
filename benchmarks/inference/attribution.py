"""Attribution maps: exact class activation maps for linear models, occlusion maps for others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ...classifiers import (
    BinaryRelevance,
    HeadClassifier,
    LabelCalibrator,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    RegionMaxClassifier,
    RidgeBinaryRelevance,
    ThresholdTuner,
)
from ...features import CropContributions, FeatureExtractor
from ..utils import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LinearScores:
    """Linear scores; the probabilities are increasing functions of them.

    Attributes
    ----------
    weights : ndarray of shape (n_labels, n_features)
        For unscaled features; standardisation is folded in.
    intercepts : ndarray of shape (n_labels,)
    """

    weights: Floats
    intercepts: Floats


def linear_scores(model: Any, features: NDArray[Any]) -> LinearScores | None:
    """Return the linear scores of a model's labels, or None if the model is not linear.

    Parameters
    ----------
    model : Pipeline or classifier
        A pipeline may standardise features before the classifier.
    features : ndarray of shape (n_features,) or (n_regions, n_features)
        The features of the image: a classifier that takes the maximum over regions is linear in
        the features of the best region.
    """
    if isinstance(model, Pipeline):
        return _pipeline_scores(model, features)
    if not model.label_varies_.any():
        no_weights = np.zeros((0, features.size))
        return _with_constant_labels(model, LinearScores(no_weights, np.zeros(0)))
    if isinstance(model, ThresholdTuner | LabelCalibrator):
        # Both map probabilities by increasing functions.
        return _with_constant_labels(model, linear_scores(model.estimator_, features))
    if isinstance(model, RegionMaxClassifier):
        return _with_constant_labels(model, _best_region_scores(model, features))
    return _with_constant_labels(model, _classifier_scores(model))


def _pipeline_scores(model: Pipeline, features: NDArray[Any]) -> LinearScores | None:
    *steps, (_, classifier) = model.steps
    scalers = [step for _, step in steps if step not in (None, "passthrough")]
    row = features.reshape(1, -1)
    for scaler in scalers:
        if type(scaler) is not StandardScaler:
            return None
        row = scaler.transform(row)
    scores = linear_scores(classifier, row.reshape(features.shape))
    for scaler in reversed(scalers):
        scores = scores and _unscale(scores, scaler)
    return scores


def _unscale(scores: LinearScores, scaler: StandardScaler) -> LinearScores:
    weights, intercepts = scores.weights, scores.intercepts
    if scaler.scale_ is not None:
        weights = weights / scaler.scale_
    if scaler.with_mean:
        intercepts = intercepts - weights @ scaler.mean_
    return LinearScores(weights, intercepts)


def _classifier_scores(model: Any) -> LinearScores | None:
    """Return the scores of the labels that are not constant in the training data."""
    if isinstance(model, LogisticBinaryRelevance | RidgeBinaryRelevance | LinearSVMBinaryRelevance):
        return _to_float64(model.coef_, model.intercept_)
    if isinstance(model, HeadClassifier) and len(model.coefs_) == 1 and model.loss != "softmax":
        return _to_float64(model.coefs_[0].T, model.intercepts_[0])
    if isinstance(model, BinaryRelevance):
        classifiers: list[Any] = [getattr(item, "model_", None) for item in model.estimators_]
        if all(type(classifier) is LogisticRegression for classifier in classifiers):
            coefs = np.concatenate([classifier.coef_ for classifier in classifiers])
            intercepts = np.concatenate([classifier.intercept_ for classifier in classifiers])
            return _to_float64(coefs, intercepts)
    return None


def _to_float64(coefs: NDArray[Any], intercepts: NDArray[Any]) -> LinearScores:
    return LinearScores(coefs.astype(np.float64), intercepts.astype(np.float64))


def _with_constant_labels(model: Any, scores: LinearScores | None) -> LinearScores | None:
    """Insert the constant labels: their weights are zero and their intercepts infinite."""
    varies = model.label_varies_
    if scores is None or varies.all():
        return scores
    weights = np.zeros((len(varies), scores.weights.shape[1]))
    intercepts = np.where(model.constant_values_ == 1, np.inf, -np.inf)
    weights[varies], intercepts[varies] = scores.weights, scores.intercepts
    return LinearScores(weights, intercepts)


def _best_region_scores(model: RegionMaxClassifier, features: NDArray[Any]) -> LinearScores | None:
    regions = features.reshape(model.n_regions_, -1)
    inner = linear_scores(model.estimator_, regions[0])
    if inner is None or model.pooling != "max":
        return None
    best = (regions @ inner.weights.T + inner.intercepts).argmax(axis=0)
    weights = np.zeros((len(best), *regions.shape))
    weights[np.arange(len(best)), best] = inner.weights
    return LinearScores(weights.reshape(len(best), -1), inner.intercepts)


Map = NDArray[np.float64]
_CELLS = 8  # rows and columns of cells in an occlusion map
_COVER_CELLS = 2  # rows and columns of cells that one cover hides
_MAX_SIDE = 640  # larger images are reduced first, since dozens of copies are made
_MIN_PROBABILITY = 1e-6  # bounds the log-odds


def occlusion_maps(
    predict_proba: Callable[[list[Image.Image]], NDArray[np.floating]], image: Image.Image
) -> Map:
    """Compute how much each label's log-odds drop when parts of an image are covered.

    Covers have the mean colour of the image.

    Parameters
    ----------
    predict_proba : callable
        From images to probabilities of shape (n_images, n_labels).
    image : PIL.Image.Image

    Returns
    -------
    ndarray of shape (n_labels, 8, 8)
        The drop of the log-odds, averaged over all covers that hide the cell.
    """
    small = image.copy()
    small.thumbnail((_MAX_SIDE, _MAX_SIDE))
    colour = tuple(round(float(value)) for value in np.asarray(small).mean(axis=(0, 1)))
    # Some covers extend beyond the border, so that each cell is hidden by as many covers.
    starts = range(1 - _COVER_CELLS, _CELLS)
    covers = [(row, column) for row in starts for column in starts]
    images = [small, *(_cover(small, colour, *cover) for cover in covers)]
    P = predict_proba(images).astype(np.float64)
    P = np.clip(P, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    log_odds = np.log(P) - np.log1p(-P)
    drops = log_odds[0] - log_odds[1:]
    maps = np.zeros((P.shape[1], _CELLS, _CELLS))
    for (row, column), drop in zip(covers, drops, strict=True):
        rows, columns = _covered_cells(row), _covered_cells(column)
        maps[:, rows, columns] += drop[:, None, None]
    return maps / _COVER_CELLS**2


def _covered_cells(start: int) -> slice:
    return slice(max(0, start), min(_CELLS, start + _COVER_CELLS))


def _cover(image: Image.Image, colour: tuple[int, ...], row: int, column: int) -> Image.Image:
    width, height = image.size
    rows, columns = _covered_cells(row), _covered_cells(column)
    box = (
        round(columns.start * width / _CELLS),
        round(rows.start * height / _CELLS),
        round(columns.stop * width / _CELLS),
        round(rows.stop * height / _CELLS),
    )
    covered = image.copy()
    covered.paste(colour, box)
    return covered


_GRID_CELLS = 64
_PEAK_SIDE = 448  # width or height of the upsampled map in which the peak is located


def attribution_map(places: Sequence[CropContributions], number: int, size: tuple[int, int]) -> Map:
    """Project the places' shares of a weighted sum onto a grid over the image.

    Parameters
    ----------
    places : sequence of CropContributions
    number : int
        The index of the weighted sum.
    size : tuple of int
        Width and height of the image.

    Returns
    -------
    ndarray of shape (rows, columns)
        The mean of all cells is the weighted sum; shares of overlapping crops are added.
    """
    whole = (0.0, 0.0, *map(float, size))
    shapes = {part.values.shape[1:] for part in places if part.box == whole}
    same_grid = len(shapes) == 1 and all(part.box == whole for part in places)
    rows, columns = next(iter(shapes)) if same_grid else (_GRID_CELLS, _GRID_CELLS)
    total = np.zeros((rows, columns))
    for part in places:
        left, top, right, bottom = part.box
        vertical = _overlaps(rows, size[1], top, bottom, part.values.shape[1])
        horizontal = _overlaps(columns, size[0], left, right, part.values.shape[2])
        total += vertical @ part.values[number] @ horizontal.T
    return total * total.size


def _overlaps(n_cells: int, length: float, start: float, end: float, n_parts: int) -> Map:
    """Return which fraction of each part of the interval [start, end] lies in each cell."""
    edges = np.linspace(0, length, n_cells + 1)
    bounds = np.linspace(start, end, n_parts + 1)
    upper = np.minimum(edges[1:, None], bounds[None, 1:])
    lower = np.maximum(edges[:-1, None], bounds[None, :-1])
    fractions: Map = np.clip(upper - lower, 0, None) * (n_parts / (end - start))
    return fractions


def upsample(values: Map, size: tuple[int, int]) -> Map:
    """Resize a map to the size of an image, with bicubic interpolation."""
    coarse = Image.fromarray(values.astype(np.float32))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)


def find_peak(values: Map, size: tuple[int, int]) -> tuple[float, float]:
    """Return the position x, y of the maximum, in pixels of an image of the given size."""
    scale = _PEAK_SIDE / max(size)
    width, height = (max(1, round(side * scale)) for side in size)
    y, x = np.unravel_index(upsample(values, (width, height)).argmax(), (height, width))
    return (float(x) + 0.5) * size[0] / width, (float(y) + 0.5) * size[1] / height


Predict = Callable[[NDArray[Any]], NDArray[Any]]
EXACT_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Attribution:
    """Where in an image the evidence for a label lies.

    Attributes
    ----------
    label : str
    probability : float
    kind : {"exact", "occlusion"}
        "exact": `values` is the class activation map. Its mean plus `intercept` is `score`, and the
        probability is an increasing function of the score. "occlusion": `values` is the drop of
        the label's log-odds when a cell is covered.
    values : ndarray of shape (rows, columns)
        On a grid over the upright image, top row first; positive values support the label.
    peak : tuple of float
        x and y of the maximum, in pixels of the upright image.
    size : tuple of int
        Width and height of the upright image.
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


def compute_attributions(
    features: FeatureExtractor,
    pipeline: Pipeline,
    predict_proba: Predict,
    labels: Sequence[str],
    image: Image.Image,
    requested: Sequence[str] | None = None,
) -> list[Attribution]:
    """Compute attribution maps of labels for one image.

    Parameters
    ----------
    features : FeatureExtractor
    pipeline : Pipeline
        Fitted to such features.
    predict_proba : callable
        Returns the probabilities of the pipeline for rows of features.
    labels : sequence of str
        The labels of the pipeline.
    image : PIL.Image.Image
        Upright RGB.
    requested : sequence of str, optional
        A subset of the labels; all by default.

    Returns
    -------
    list of Attribution
        One per requested label, in their order.
    """
    columns = [_column(label, labels) for label in (labels if requested is None else requested)]
    row = features.vectors([image])
    P = predict_proba(row)[0]
    maps = _exact_maps(features, pipeline, image, row[0], columns)
    if maps is None:
        occlusion = occlusion_maps(lambda images: predict_proba(features.vectors(images)), image)
        maps = [{"kind": "occlusion", "values": occlusion[column]} for column in columns]
    return [
        Attribution(
            label=labels[column],
            probability=float(P[column]),
            peak=find_peak(fields["values"], image.size),
            size=image.size,
            **fields,
        )
        for column, fields in zip(columns, maps, strict=True)
    ]


def _exact_maps(
    features: FeatureExtractor,
    pipeline: Pipeline,
    image: Image.Image,
    row: NDArray[Any],
    columns: list[int],
) -> list[dict[str, Any]] | None:
    """Return the class activation maps, or None if they do not add up to the scores."""
    linear = linear_scores(pipeline, row)
    if linear is None or any("prelogits" in view.poolings for view in features.recipe.views):
        return None
    weights, intercepts = linear.weights[columns], linear.intercepts[columns]
    _, places = features.attribute(image, weights.reshape(-1, *row.shape))
    maps = [attribution_map(places, number, image.size) for number in range(len(columns))]
    sums = weights @ row.ravel().astype(np.float64)
    errors = np.abs([values.mean() for values in maps] - sums)
    if (errors > EXACT_TOLERANCE * (1 + np.abs(sums))).any():
        return None
    return [
        {
            "kind": "exact",
            "values": values,
            "score": float(total + intercept),
            "intercept": float(intercept),
        }
        for values, total, intercept in zip(maps, sums, intercepts, strict=True)
    ]


def _column(label: str, labels: Sequence[str]) -> int:
    if label not in labels:
        raise InputError(f"unknown label {label!r}; the model's labels are: {', '.join(labels)}")
    return list(labels).index(label)
