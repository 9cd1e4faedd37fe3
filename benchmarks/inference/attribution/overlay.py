"""Drawing of an attribution map over its image."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .attribution import Attribution, upsample

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
