"""How often unrelated images that look alike are taken for versions of one image.

Draws sets of images with a shared layout and no versions: products on one background, textures as
under a microscope, frames of fixed cameras, pages of one form, and drawn scenes. Then adds versions
of some images, to see whether these are still found.

python -m catnocat.benchmarks.experiments.lookalikes
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from ...features import extract_features
from ..data.inspection import Versions, find_versions
from ..data.tables import LabelTable
from .duplicates import CHANGES

Draw = Callable[[np.random.Generator], tuple[Image.Image, set[int]]]
"""Draws an image and its labels."""

_SIDE = 256
_N_LABELS = 6
_VERSIONS = ("mirrored", "cropped to 80 %", "JPEG quality 40")


def _products() -> Draw:
    """Return a function that draws one or two coloured shapes with a shadow on white."""

    def draw(rng: np.random.Generator) -> tuple[Image.Image, set[int]]:
        image = Image.new("RGB", (_SIDE, _SIDE), (244, 244, 242))
        labels = {int(label) for label in rng.choice(_N_LABELS, rng.integers(1, 3), False)}
        for label in labels:
            x, y = (int(value) for value in rng.integers(60, _SIDE - 60, 2))
            radius = int(rng.integers(30, 60))
            colour = tuple(int(value) for value in rng.integers(20, 230, 3))
            shadow = ImageDraw.Draw(image)
            shadow.ellipse((x - radius, y + radius - 8, x + radius, y + radius + 10), (205,) * 3)
            shape = ImageDraw.Draw(image)
            shape.regular_polygon((x, y, radius), label + 3, int(rng.integers(360)), colour)
            for _ in range(int(rng.integers(1, 5))):
                u, v = (int(value) for value in rng.integers(-radius // 2, radius // 2, 2))
                size = int(rng.integers(3, 10))
                spot = tuple(int(value) for value in rng.integers(0, 255, 3))
                shape.ellipse((x + u - size, y + v - size, x + u + size, y + v + size), spot)
        return image.filter(ImageFilter.GaussianBlur(0.7)), labels

    return draw


def _textures() -> Draw:
    """Return a function that draws random fields with one spectrum and round cells."""

    def draw(rng: np.random.Generator) -> tuple[Image.Image, set[int]]:
        field = ndimage.gaussian_filter(rng.normal(size=(_SIDE, _SIDE)), 4)
        grey = 150 + 25 * field / field.std()
        labels = {int(label) for label in np.flatnonzero(rng.random(_N_LABELS) < 0.3)}
        y, x = np.mgrid[:_SIDE, :_SIDE]
        for label in [*labels, 0, 0, 0]:
            for _ in range(int(rng.integers(5, 12))):
                cx, cy = rng.integers(0, _SIDE, 2)
                inside = (x - cx) ** 2 + (y - cy) ** 2 < (6 + 3 * label) ** 2
                grey[inside] -= 50
        pixels = np.clip(ndimage.gaussian_filter(grey, 1), 0, 255).astype(np.uint8)
        return Image.fromarray(pixels).convert("RGB"), labels

    return draw


def _photograph(number: int) -> Image.Image:
    from sklearn.datasets import load_sample_images

    pixels: NDArray[np.uint8] = load_sample_images().images[number]
    return Image.fromarray(pixels).resize((_SIDE, _SIDE))


def _fixed_cameras() -> Draw:
    """Return a function that draws small objects before one of two backgrounds."""
    backgrounds = [_photograph(number) for number in (0, 1)]

    def draw(rng: np.random.Generator) -> tuple[Image.Image, set[int]]:
        gain = rng.uniform(0.6, 1.1)
        image = backgrounds[int(rng.integers(2))].point(lambda value: value * gain)
        labels = {int(label) for label in np.flatnonzero(rng.random(_N_LABELS) < 0.35)}
        for label in labels:
            x, y = (int(value) for value in rng.integers(30, _SIDE - 30, 2))
            colour = tuple(int(value) for value in rng.integers(0, 255, 3))
            size = int(rng.integers(12, 30))
            ImageDraw.Draw(image).regular_polygon((x, y, size), label + 3, 0, colour)
        return image, labels

    return draw


def _forms() -> Draw:
    """Return a function that fills in the fields of one printed form."""
    form = Image.new("RGB", (_SIDE, _SIDE), "white")
    lines = ImageDraw.Draw(form)
    for row in range(10):
        lines.line((16, 30 + 22 * row, 240, 30 + 22 * row), (90, 90, 90))
        lines.text((18, 18 + 22 * row), f"Field {row}:", fill=(40, 40, 40))

    def draw(rng: np.random.Generator) -> tuple[Image.Image, set[int]]:
        image = form.copy()
        pen = ImageDraw.Draw(image)
        labels = {int(label) for label in np.flatnonzero(rng.random(_N_LABELS) < 0.4)}
        for row in range(10):
            word = "".join(chr(97 + int(value)) for value in rng.integers(0, 26, 12))
            pen.text((80, 18 + 22 * row), word, fill=(20, 20, 120))
        for label in labels:
            pen.rectangle((216, 20 + 22 * label, 226, 30 + 22 * label), (10, 10, 10))
        return image, labels

    return draw


SETS: dict[str, Callable[[], Draw]] = {
    "products on one background": _products,
    "textures": _textures,
    "fixed cameras": _fixed_cameras,
    "pages of one form": _forms,
}


def measure(
    number: int = 400, changed: int = 60, seed: int = 0, names: Sequence[str] = tuple(SETS)
) -> list[dict[str, object]]:
    """Draw each set, look for versions, add some and look again.

    Parameters
    ----------
    number : int
        Images in each set.
    changed : int
        How many images get a version in the second search.
    seed : int
    names : sequence of str
        The sets of `SETS` to draw.

    Returns
    -------
    list of dict
        "set", "images", "linked" (wrong links), "rate" (per image), "versions" and "found".
    """
    entries = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            entries.append(
                {"set": name} | _measure(SETS[name](), Path(folder), number, changed, seed)
            )
    return entries


def _measure(draw: Draw, folder: Path, number: int, changed: int, seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    paths, label_sets = [], []
    for _ in range(number):
        image, labels = draw(rng)
        paths.append(folder / f"{rng.integers(2**62):x}.jpg")
        image.save(paths[-1], quality=92)
        label_sets.append(labels)
    before = _find(paths, label_sets, folder)
    added = []
    for row in range(changed):
        kind = _VERSIONS[row % len(_VERSIONS)]
        with Image.open(paths[row]) as opened:
            version = CHANGES[kind](opened.convert("RGB"), rng)
        added.append(folder / f"{rng.integers(2**62):x}.jpg")
        version.save(added[-1], quality=40 if kind.startswith("JPEG") else 92)
    roots = _find([*paths, *added], [*label_sets, *label_sets[:changed]], folder).roots
    return {
        "images": number,
        "linked": len(before.links),
        "rate": round(len(before.links) / number, 4),
        "versions": changed,
        "found": int((roots[:changed] == roots[number:]).sum()),
    }


def _find(paths: Sequence[Path], label_sets: Sequence[set[int]], folder: Path) -> Versions:
    X = extract_features(paths, store=folder / "store").X
    Y = np.array([[label in labels for label in range(_N_LABELS)] for labels in label_sets])
    texts = tuple(map(str, paths))
    labels = tuple(f"label {label}" for label in range(_N_LABELS))
    table = LabelTable("drawn", str(folder), texts, texts, labels, Y, np.ones(Y.shape, bool))
    return find_versions(table, X)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=400)
    parser.add_argument("--changed", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print("| set | images | unrelated images linked | per image | versions added | found |")
    print("|---|---|---|---|---|---|")
    for name in SETS:
        (entry,) = measure(options.number, options.changed, options.seed, [name])
        print("| " + " | ".join(str(value) for value in entry.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
