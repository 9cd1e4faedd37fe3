"""Explanation of predictions: overlays, and attribution maps as JSON."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageDraw, ImageFont

from ...features import read_image
from ..utils import check_output_folder, write_json
from .attribution import Attribution, upsample

if TYPE_CHECKING:
    from .model import Model

_SIDE = 960  # pixels of the longer side; smaller images are enlarged
_MARGIN = 14
_BLACK, _WHITE, _GREY = (28, 28, 30), (255, 255, 255), (110, 110, 115)
_MAX_OPACITY = 0.72


def max_attribution(attributions: list[Attribution]) -> float:
    """Return the maximum over several maps, as their common colour scale."""
    maxima = (max(0.0, float(attribution.values.max())) for attribution in attributions)
    return max(maxima, default=0.0)


def draw_overlay(image: Image.Image, attribution: Attribution, scale: float) -> Image.Image:
    """Draw the image with its attribution map and a ring around the peak.

    Parameters
    ----------
    image : PIL.Image.Image
        The upright image.
    attribution : Attribution
    scale : float
        The value that gets the brightest colour; the same for all labels of an image, so that
        their maps can be compared.

    Returns
    -------
    PIL.Image.Image
        With the label and its probability above, and a legend of the colours below.
    """
    factor = _SIDE / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    drawn = image.resize(size, Image.Resampling.LANCZOS)
    strength = np.clip(upsample(attribution.values, size), 0, None) / max(scale, 1e-9)
    drawn = _colourize(drawn, np.clip(strength, 0, 1))
    x, y = (coordinate * factor for coordinate in attribution.peak)
    _draw_ring(drawn, x, y)
    return _add_frame(drawn, attribution, scale)


def _colourize(image: Image.Image, strength: NDArray[np.float64]) -> Image.Image:
    """Blend colours into a desaturated image."""
    pixels = np.asarray(image, dtype=np.float64)
    grey = pixels.mean(axis=2, keepdims=True)
    pixels = 0.45 * pixels + 0.55 * grey
    opacity = (_MAX_OPACITY * strength**0.7)[..., None]
    colours = _colour_table()[np.rint(strength * 255).astype(int)]
    return Image.fromarray(np.rint((1 - opacity) * pixels + opacity * colours).astype(np.uint8))


@cache
def _colour_table() -> NDArray[np.float64]:
    """Return 256 colours of increasing lightness; shape (256, 3)."""
    from matplotlib import colormaps

    # The darkest colours are left out: they would look like shadows in the image.
    table: NDArray[np.float64] = colormaps["inferno"](np.linspace(0.25, 1, 256))[:, :3] * 255
    return table


def _draw_ring(image: Image.Image, x: float, y: float) -> None:
    draw = ImageDraw.Draw(image)
    for radius, colour, width in ((15, _BLACK, 7), (13, _WHITE, 3)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=width)


def _add_frame(image: Image.Image, attribution: Attribution, scale: float) -> Image.Image:
    title, small = _font(30, "Bold"), _font(17)
    head, foot = 58, 56
    width = max(image.width, 520) + 2 * _MARGIN
    canvas = Image.new("RGB", (width, image.height + head + foot), _WHITE)
    left = (width - image.width) // 2
    canvas.paste(image, (left, head))
    draw = ImageDraw.Draw(canvas)
    percent = f"{100 * attribution.probability:.1f} %"
    name_width = image.width - draw.textlength(percent, font=title) - 2 * _MARGIN
    name = _truncate(draw, attribution.label, title, max(name_width, 120))
    draw.text((left, 11), name, font=title, fill=_BLACK)
    right = left + image.width
    draw.text((right, 11), percent, font=title, fill=_BLACK, anchor="ra")
    _draw_legend(canvas, left, head + image.height + 12, attribution, scale, small)
    return canvas


def _draw_legend(
    canvas: Image.Image,
    left: int,
    top: int,
    attribution: Attribution,
    scale: float,
    font: ImageFont.FreeTypeFont,
) -> None:
    draw = ImageDraw.Draw(canvas)
    strength = np.repeat(np.linspace(0, 1, 160)[None], 14, axis=0)
    bar = _colourize(Image.new("RGB", (160, 14), (200, 200, 200)), strength)
    draw.text((left, top), "0", font=font, fill=_GREY)
    canvas.paste(bar, (left + 18, top + 3))
    meaning = {
        "exact": "contribution of each place to the score",
        "occlusion": "drop of the log-odds when a place is covered",
    }[attribution.kind]
    draw.text((left + 186, top), f"{scale:.1f}  {meaning}", font=font, fill=_GREY)


def _truncate(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, width: float
) -> str:
    """Shorten a text to a width in pixels."""
    text = " ".join(text.split())
    if draw.textlength(text, font=font) <= width:
        return text
    while text and draw.textlength(f"{text}…", font=font) > width:
        text = text[:-1]
    return f"{text}…"


@cache
def _font(size: int, weight: str = "") -> ImageFont.FreeTypeFont:
    import matplotlib as mpl

    name = f"DejaVuSans{'-' if weight else ''}{weight}.ttf"
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, size)


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
    paths: Iterable[str],
    *,
    labels: Sequence[str] = (),
    out: Path | None = None,
) -> list[dict[str, Any]]:
    """Compute attribution maps of images and draw them.

    Parameters
    ----------
    model : Model
    paths : iterable of str
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
        check_output_folder(out)  # only a check: wrong input leaves no empty folder
    entries, names = [], _UniqueNames()
    for path in paths:
        image = read_image(path)
        attributions = model.attribute(image, list(labels) or _predicted_labels(model, image))
        entry = _describe(path, attributions)
        if out is not None:
            scale = max_attribution(attributions)
            for fields, attribution in zip(entry["labels"], attributions, strict=True):
                out.mkdir(exist_ok=True)
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
