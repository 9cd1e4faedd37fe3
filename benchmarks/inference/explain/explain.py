"""Explanation of predictions: overlays, and attribution maps as JSON."""

import re
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image

from ....features import read_image
from ...utils import InputError, write_json
from ..attribution import Attribution, draw_overlay, max_attribution

if TYPE_CHECKING:
    from ..model import Model

_MAX_LABELS = 5
# For each EXIF orientation: x, y in the stored image, from x, y in an upright one of size w, h.
_TO_STORED = {
    1: lambda x, y, w, h: (x, y),
    2: lambda x, y, w, h: (w - x, y),
    3: lambda x, y, w, h: (w - x, h - y),
    4: lambda x, y, w, h: (x, h - y),
    5: lambda x, y, w, h: (y, x),
    6: lambda x, y, w, h: (y, w - x),
    7: lambda x, y, w, h: (h - y, w - x),
    8: lambda x, y, w, h: (h - y, x),
}


def read_orientation(path: str | PathLike[str]) -> int:
    """Read the EXIF orientation of an image file; 1 if there is none."""
    try:
        with Image.open(path) as image:
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # invalid metadata; errors of the image are raised where it is decoded
        return 1


def to_stored_position(
    position: tuple[float, float], size: tuple[int, int], orientation: int
) -> tuple[float, float]:
    """Convert a position in the upright image to one in the image as stored in the file.

    Parameters
    ----------
    position : tuple of float
        x and y in the upright image.
    size : tuple of int
        Width and height of the upright image.
    orientation : int
        EXIF orientation, 1 to 8.

    Examples
    --------
    >>> to_stored_position((10.0, 20.0), (300, 400), 6)  # portrait photo of a phone
    (20.0, 290.0)
    """
    return _TO_STORED.get(orientation, _TO_STORED[1])(*position, *size)


def explain_images(
    model: "Model",
    paths: Sequence[str],
    *,
    labels: Sequence[str] = (),
    out: Path | None = None,
) -> list[dict[str, Any]]:
    """Compute attribution maps of images and draw them.

    Parameters
    ----------
    model : Model
    paths : sequence of str
        Image files.
    labels : sequence of str
        If empty: the predicted labels of each image, at most five, the most probable first; or the
        most probable label if none is predicted.
    out : Path, optional
        Folder for an overlay per image and label, and for ``attributions.json``.

    Returns
    -------
    list of dict
        One JSON object per image; positions are in pixels.

    Raises
    ------
    InputError, catnocat.features.UnreadableImage
    """
    if out is not None:
        _create_folder(out)
    entries, names = [], _UniqueNames()
    for path in paths:
        image = read_image(path)
        attributions = model.attribute(image, list(labels) or _predicted_labels(model, image))
        entry = _describe(path, attributions)
        if out is not None:
            scale = max_attribution(attributions)
            for fields, attribution in zip(entry["labels"], attributions, strict=True):
                fields["overlay"] = names.new(f"{Path(path).stem}.{attribution.label}")
                draw_overlay(image, attribution, scale).save(out / fields["overlay"])
        entries.append(entry)
    if out is not None:
        write_json(out / "attributions.json", entries)
    return entries


def _predicted_labels(model: "Model", image: Any) -> list[str]:
    P, Y = model.predict_vectors(model.features.vectors([image]))
    order = (-P[0]).argsort(kind="stable")
    predicted = [column for column in order if Y[0, column]][:_MAX_LABELS]
    return [model.labels[column] for column in predicted or order[:1]]


def _describe(path: str, attributions: Sequence[Attribution]) -> dict[str, Any]:
    orientation = read_orientation(path)
    size = attributions[0].size
    return {
        "image": fspath(path),
        "width": size[0],
        "height": size[1],
        "exif_orientation": orientation,
        "labels": [
            {
                "label": attribution.label,
                "probability": attribution.probability,
                "kind": attribution.kind,
                "score": _finite_or_none(attribution.score),
                "intercept": _finite_or_none(attribution.intercept),
                "peak": _position(attribution.peak),
                "peak_in_stored_pixels": _position(
                    to_stored_position(attribution.peak, size, orientation)
                ),
                "map": [[round(value, 6) for value in row] for row in attribution.values.tolist()],
            }
            for attribution in attributions
        ],
    }


def _position(position: tuple[float, float]) -> dict[str, float]:
    return {"x": round(position[0], 1), "y": round(position[1], 1)}


def _finite_or_none(value: float | None) -> float | None:
    return value if value is not None and abs(value) != float("inf") else None


def _create_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written to ({error.strerror}).") from None


class _UniqueNames:
    """Unique file names that are valid on all systems."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def new(self, text: str) -> str:
        stem = re.sub(r"[^\w.-]+", "-", text).strip("-.")[:100] or "image"
        name, number = f"{stem}.png", 1
        while name.lower() in self._used:
            number += 1
            name = f"{stem}-{number}.png"
        self._used.add(name.lower())
        return name
