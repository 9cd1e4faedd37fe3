"""The truth about the scenes: the label table and, beside it, every animal."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

__all__ = ["Animal", "image_name", "truth_tables"]


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
