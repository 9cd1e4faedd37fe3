"""Photographs to be fast with: real ones, as many as wanted."""

import os
from pathlib import Path

from PIL import Image

from ...data import load_dataset

_DRAWN = 200
#: When files were changed: of what changed a moment ago nothing is remembered.
LONG_AGO = 1e9


def find_photos(table: str | None, folder: Path) -> tuple[str, list[str]]:
    """Give the name of a set of photographs, and their paths.

    Parameters
    ----------
    table : str or None
        Any data set that ``catnocat bench`` reads; if None, ``coco18`` below the folder that the
        environment variable ``CATNOCAT_DATA`` names, or else crops of scikit-learn's two
        photographs.
    folder : pathlib.Path
        Where crops are put.
    """
    data = os.environ.get("CATNOCAT_DATA")
    if table is None and data and (Path(data) / "coco18" / "labels.csv").exists():
        table = str(Path(data) / "coco18" / "labels.csv")
    if table is None:
        return "crops of scikit-learn's photographs", _draw(folder)
    found = load_dataset(table)
    return found.name, [str(path) for path in found.paths]


def _draw(folder: Path) -> list[str]:
    """Cut pictures of the size of COCO's from the two photographs."""
    import sklearn.datasets

    images = Path(sklearn.datasets.__file__).parent / "images"
    wholes = [Image.open(images / name).convert("RGB") for name in ("china.jpg", "flower.jpg")]
    paths = []
    for number in range(_DRAWN):
        whole = wholes[number % 2]
        left, top = 37 * number % (whole.width - 320), 23 * number % (whole.height - 240)
        path = folder / f"crop{number:03d}.jpg"
        whole.crop((left, top, left + 320, top + 240)).save(path, quality=85)
        paths.append(str(path))
    return paths


def varied(paths: list[str], count: int, folder: Path) -> list[str]:
    """Give `count` different files: the photographs themselves, and then copies of them.

    A copy has its number behind the end of the picture, which no decoder reads: it decodes as the
    photograph does, and is another file to everybody else.
    """
    wanted = list(paths[:count])
    for number in range(len(wanted), count):
        source = Path(paths[number % len(paths)])
        path = folder / f"{number:07d}{source.suffix}"
        if not path.exists():
            path.write_bytes(source.read_bytes() + number.to_bytes(8, "little"))
            os.utime(path, (LONG_AGO, LONG_AGO))
        wanted.append(str(path))
    return wanted
