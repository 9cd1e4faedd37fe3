"""One scene: draw the animals, place them and record the ground truth."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .composition import draw_group_labels, draw_group_sizes
from .config import MenagerieSettings
from .manifest import Animal
from .sprite_sampling import Mask, draw_background, open_photographs, sample_sprite
from .sprites import Catalogue, open_sprites

__all__ = [
    "OcclusionMap",
    "SceneAssets",
    "draw_grid_positions",
    "draw_scatter_position",
    "draw_scene",
]

# Minimum visible share of an animal. Less would make its label questionable.
MIN_VISIBLE = 0.4
MAX_ATTEMPTS = 40


class OcclusionMap:
    """Record of which animal is on top at each pixel, and of the visible share of each.

    Parameters
    ----------
    canvas : int
        Side of the image in pixels.

    Examples
    --------
    >>> occlusion = OcclusionMap(8)
    >>> square = np.ones((4, 4), dtype=bool)
    >>> occlusion.add(square, 0, 0)
    >>> occlusion.add(square, 2, 0)
    >>> occlusion.visible_shares()
    [0.5, 1.0]
    """

    def __init__(self, canvas: int) -> None:
        self.side = canvas
        self._top = np.full((canvas, canvas), -1, dtype=np.int16)
        self._areas: list[int] = []
        self._visible: list[int] = []

    def add(self, mask: Mask, x: int, y: int) -> None:
        """Add an animal on top of the others, with the corner of its mask at (x, y)."""
        for animal, hidden in enumerate(self._newly_hidden(mask, x, y)):
            self._visible[animal] -= hidden
        self._region(mask, x, y)[mask] = len(self._areas)
        area = int(mask.sum())
        self._areas.append(area)
        self._visible.append(area)

    def min_visible_share(self, mask: Mask, x: int, y: int) -> float:
        """Return the smallest visible share of an animal if another one were added here."""
        newly_hidden = self._newly_hidden(mask, x, y)
        shares = [
            (visible - hidden) / area
            for visible, hidden, area in zip(self._visible, newly_hidden, self._areas, strict=True)
        ]
        return min(shares, default=1.0)

    def visible_shares(self) -> list[float]:
        """Return the visible share of each animal, in the order of addition."""
        return [visible / area for visible, area in zip(self._visible, self._areas, strict=True)]

    def _newly_hidden(self, mask: Mask, x: int, y: int) -> list[int]:
        covered = self._region(mask, x, y)[mask]
        counts = np.bincount(covered[covered >= 0], minlength=len(self._areas))
        return [int(count) for count in counts]

    def _region(self, mask: Mask, x: int, y: int) -> NDArray[np.int16]:
        height, width = mask.shape
        return self._top[y : y + height, x : x + width]


def draw_scatter_position(
    rng: np.random.Generator, occlusion: OcclusionMap, mask: Mask
) -> tuple[int, int]:
    """Draw a position at which all animals below stay visible enough.

    If no attempt succeeds, return the best position of all attempts.
    """
    height, width = mask.shape
    canvas = occlusion.side
    best, best_share = (0, 0), -1.0
    for _ in range(MAX_ATTEMPTS):
        x = int(rng.integers(canvas - width + 1))
        y = int(rng.integers(canvas - height + 1))
        share = occlusion.min_visible_share(mask, x, y)
        if share >= MIN_VISIBLE:
            return x, y
        if share > best_share:
            best, best_share = (x, y), share
    return best


def draw_grid_positions(
    rng: np.random.Generator, number: int, cells: int, canvas: int
) -> list[tuple[float, float]]:
    """Draw the centres of `number` different cells of a grid of `cells` x `cells`.

    Examples
    --------
    >>> sorted(draw_grid_positions(np.random.default_rng(0), 4, 2, 100))
    [(25.0, 25.0), (25.0, 75.0), (75.0, 25.0), (75.0, 75.0)]
    """
    side = canvas / cells
    chosen = rng.permutation(cells * cells)[:number]
    return [((cell % cells + 0.5) * side, (cell // cells + 0.5) * side) for cell in chosen.tolist()]


class SceneAssets:
    """Sprites and background photographs, opened once for all scenes.

    Parameters
    ----------
    settings : MenagerieSettings
    catalogue : dict
        Sources of the drawings of each label.
    """

    def __init__(self, settings: MenagerieSettings, catalogue: Catalogue) -> None:
        self.sprites = open_sprites(catalogue, diameter=2 * settings.diameters[1])
        self.photographs = open_photographs()


def draw_scene(
    settings: MenagerieSettings, assets: SceneAssets, index: int
) -> tuple[Image.Image, list[Animal]]:
    """Draw scene number `index`.

    Each aspect has its own stream of random numbers, so that the same seed draws the same animals
    on the same backgrounds in every layout.

    Returns
    -------
    image : Image
    animals : list of Animal
        The ground truth, from back to front.
    """
    composition_rng, background_rng, appearance_rng, position_rng = (
        np.random.default_rng(stream)
        for stream in np.random.SeedSequence(settings.seed, spawn_key=(index,)).spawn(4)
    )
    sizes = draw_group_sizes(
        composition_rng,
        settings.mean_groups,
        settings.group_sizes,
        settings.fewest,
        settings.most,
    )
    group_labels = draw_group_labels(
        composition_rng,
        list(assets.sprites),
        len(sizes),
        settings.cooccurrence,
        settings.exclusion,
    )
    labels = [label for label, size in zip(group_labels, sizes, strict=True) for _ in range(size)]
    composition_rng.shuffle(labels)  # otherwise the label drawn first would always be at the back
    samples = [
        sample_sprite(appearance_rng, assets.sprites[label], settings.diameters) for label in labels
    ]

    image = draw_background(background_rng, assets.photographs, settings.canvas)
    occlusion = OcclusionMap(settings.canvas)
    centres = draw_grid_positions(position_rng, len(labels), settings.cells, settings.canvas)
    boxes = []
    for sample, (centre_x, centre_y) in zip(samples, centres, strict=True):
        if settings.layout == "grid":
            x = round(centre_x - sample.diameter / 2) + sample.left
            y = round(centre_y - sample.diameter / 2) + sample.top
        else:
            x, y = draw_scatter_position(position_rng, occlusion, sample.mask)
        occlusion.add(sample.mask, x, y)
        image.paste(sample.image, (x, y), sample.image)
        boxes.append(sample.box(x, y))

    animals = [
        Animal(
            label,
            sample.drawing,
            *box,
            visible=round(share, 4),
            scale=round(sample.diameter / settings.canvas, 4),
        )
        for label, sample, box, share in zip(
            labels, samples, boxes, occlusion.visible_shares(), strict=True
        )
    ]
    return image, animals
