"""A picture with the evidence for one label laid over it."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .attribution import Evidence, smooth

_SIDE = 960  # of the longer side; a smaller picture is drawn larger
_MARGIN = 14
_INK, _PAPER, _PALE = (28, 28, 30), (255, 255, 255), (110, 110, 115)
_STRONGEST = 0.72  # how much of the picture the strongest evidence hides


def highest(evidence: list[Evidence]) -> float:
    """Give the strongest evidence of all, for maps that are to be compared by eye."""
    return max((max(0.0, float(one.values.max())) for one in evidence), default=0.0)


def draw_overlay(image: Image.Image, evidence: Evidence, scale: float) -> Image.Image:
    """Draw the picture, the evidence for the label over it, and a ring around the peak.

    Parameters
    ----------
    image : PIL.Image.Image
        The upright picture.
    evidence : Evidence
    scale : float
        The evidence that gets the brightest colour; of all labels of a picture, so that what is
        bright in one map is not faint in another.

    Returns
    -------
    PIL.Image.Image
        With the label and its probability above, and what the colours mean below.
    """
    factor = _SIDE / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    shown = image.resize(size, Image.Resampling.LANCZOS)
    strength = np.clip(smooth(evidence.values, size), 0, None) / max(scale, 1e-9)
    shown = _coloured(shown, np.clip(strength, 0, 1))
    x, y = (place * factor for place in evidence.peak)
    _ring(shown, x, y)
    return _framed(shown, evidence, scale)


def _coloured(image: Image.Image, strength: NDArray[np.float64]) -> Image.Image:
    """Lay colours over a picture that has lost some of its own."""
    pixels = np.asarray(image, dtype=np.float64)
    grey = pixels.mean(axis=2, keepdims=True)
    pixels = 0.45 * pixels + 0.55 * grey
    cover = (_STRONGEST * strength**0.7)[..., None]
    colours = _colour_table()[np.rint(strength * 255).astype(int)]
    return Image.fromarray(np.rint((1 - cover) * pixels + cover * colours).astype(np.uint8))


@cache
def _colour_table() -> NDArray[np.float64]:
    """Give the 256 colours, whose lightness rises as what they stand for; (256, 3)."""
    from matplotlib import colormaps

    # Its darkest colours would pass for shadows in the picture.
    table: NDArray[np.float64] = colormaps["inferno"](np.linspace(0.25, 1, 256))[:, :3] * 255
    return table


def _ring(image: Image.Image, x: float, y: float) -> None:
    draw = ImageDraw.Draw(image)
    for radius, colour, width in ((15, _INK, 7), (13, _PAPER, 3)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=width)


def _framed(image: Image.Image, evidence: Evidence, scale: float) -> Image.Image:
    title, small = _font(30, "Bold"), _font(17)
    head, foot = 58, 56
    width = max(image.width, 520) + 2 * _MARGIN
    sheet = Image.new("RGB", (width, image.height + head + foot), _PAPER)
    left = (width - image.width) // 2
    sheet.paste(image, (left, head))
    draw = ImageDraw.Draw(sheet)
    percent = f"{100 * evidence.probability:.1f} %"
    room = image.width - draw.textlength(percent, font=title) - 2 * _MARGIN
    name = _fitting(draw, evidence.label, title, max(room, 120))
    draw.text((left, 11), name, font=title, fill=_INK)
    right = left + image.width
    draw.text((right, 11), percent, font=title, fill=_INK, anchor="ra")
    _legend(sheet, left, head + image.height + 12, evidence, scale, small)
    return sheet


def _legend(
    sheet: Image.Image,
    left: int,
    top: int,
    evidence: Evidence,
    scale: float,
    font: ImageFont.FreeTypeFont,
) -> None:
    draw = ImageDraw.Draw(sheet)
    bar = np.repeat(np.linspace(0, 1, 160)[None], 14, axis=0)
    ground = Image.new("RGB", (160, 14), (200, 200, 200))
    draw.text((left, top), "0", font=font, fill=_PALE)
    sheet.paste(_coloured(ground, bar), (left + 18, top + 3))
    meaning = {
        "exact": "what each place adds to the score",
        "occlusion": "log-odds lost when a place is covered",
    }[evidence.kind]
    draw.text((left + 186, top), f"{scale:.1f}  {meaning}", font=font, fill=_PALE)


def _fitting(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, room: float
) -> str:
    """Shorten a text to the room there is."""
    text = " ".join(text.split())
    if draw.textlength(text, font=font) <= room:
        return text
    while text and draw.textlength(f"{text}…", font=font) > room:
        text = text[:-1]
    return f"{text}…"


@cache
def _font(size: int, weight: str = "") -> ImageFont.FreeTypeFont:
    import matplotlib as mpl

    name = f"DejaVuSans{'-' if weight else ''}{weight}.ttf"
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, size)
