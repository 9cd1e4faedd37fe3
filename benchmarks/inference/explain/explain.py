"""Why a model says what it says of a picture: overlays and figures."""

import re
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image

from ....features import read_image
from ...utils import InputError, write_json
from ..attribution import Evidence, draw_overlay, highest

# x and y of the stored picture, of x and y in an upright one of width w and height h.
_STORED = {
    1: lambda x, y, w, h: (x, y),
    2: lambda x, y, w, h: (w - x, y),
    3: lambda x, y, w, h: (w - x, h - y),
    4: lambda x, y, w, h: (x, h - y),
    5: lambda x, y, w, h: (y, x),
    6: lambda x, y, w, h: (y, w - x),
    7: lambda x, y, w, h: (h - y, w - x),
    8: lambda x, y, w, h: (h - y, x),
}


def orientation_of(path: str | PathLike[str]) -> int:
    """Give the EXIF orientation of a file, 1 where it says none."""
    try:
        with Image.open(path) as image:
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken notes about a picture; who reads the picture says what else is
        return 1


def stored_place(
    peak: tuple[float, float], size: tuple[int, int], orientation: int
) -> tuple[float, float]:
    """Give a place as a program sees it that does not turn the picture.

    Parameters
    ----------
    peak : tuple of float
        x and y in the upright picture.
    size : tuple of int
        Width and height of the upright picture.
    orientation : int
        As EXIF has it, 1 to 8.

    Examples
    --------
    >>> stored_place((10.0, 20.0), (300, 400), 6)  # taken with the telephone upright
    (20.0, 290.0)
    """
    return _STORED.get(orientation, _STORED[1])(*peak, *size)


if TYPE_CHECKING:
    from ..model import Model

_SHOWN = 5


def explain_pictures(
    model: "Model",
    pictures: Sequence[str],
    *,
    labels: Sequence[str] = (),
    out: Path | None = None,
) -> list[dict[str, Any]]:
    """Find out where pictures show labels, and draw it.

    Parameters
    ----------
    model : Model
    pictures : sequence of str
        Paths.
    labels : sequence of str
        None at all means those that the model sees in the picture, the most probable first and five
        at most; if it sees none, the most probable one.
    out : Path, optional
        Folder for an overlay per picture and label, and for ``evidence.json``.

    Returns
    -------
    list of dict
        One per picture, fit for JSON; its places are in pixels.

    Raises
    ------
    InputError, catnocat.features.UnreadableImage
    """
    if out is not None:
        _make(out)
    told, names = [], _Names()
    for path in pictures:
        image = read_image(path)
        found = model.evidence(image, list(labels) or _seen(model, image))
        entry = _describe(path, found)
        if out is not None:
            scale = highest(found)
            for each, one in zip(entry["labels"], found, strict=True):
                each["overlay"] = names.new(f"{Path(path).stem}.{one.label}")
                draw_overlay(image, one, scale).save(out / each["overlay"])
        told.append(entry)
    if out is not None:
        write_json(out / "evidence.json", told)
    return told


def _seen(model: "Model", image: Any) -> list[str]:
    P, decisions = model.judge(model.features.vectors([image]))
    order = (-P[0]).argsort(kind="stable")
    seen = [number for number in order if decisions[0, number]][:_SHOWN]
    return [model.labels[number] for number in seen or order[:1]]


def _describe(path: str, found: Sequence[Evidence]) -> dict[str, Any]:
    orientation = orientation_of(path)
    size = found[0].size
    return {
        "image": fspath(path),
        "width": size[0],
        "height": size[1],
        "exif_orientation": orientation,
        "labels": [
            {
                "label": one.label,
                "probability": one.probability,
                "kind": one.kind,
                "score": _finite(one.score),
                "intercept": _finite(one.intercept),
                "peak": _place(one.peak),
                "peak_in_stored_pixels": _place(stored_place(one.peak, size, orientation)),
                "map": [[round(value, 6) for value in row] for row in one.values.tolist()],
            }
            for one in found
        ],
    }


def _place(peak: tuple[float, float]) -> dict[str, float]:
    return {"x": round(peak[0], 1), "y": round(peak[1], 1)}


def _finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) != float("inf") else None


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written to ({error.strerror}).") from None


class _Names:
    """File names that are safe everywhere, none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, wish: str) -> str:
        stem = re.sub(r"[^\w.-]+", "-", wish).strip("-.")[:100] or "picture"
        name, number = f"{stem}.png", 1
        while name.lower() in self._taken:
            number += 1
            name = f"{stem}-{number}.png"
        self._taken.add(name.lower())
        return name
