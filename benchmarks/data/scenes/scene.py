"""One scene: which animals, how each looks, where each stands."""

import numpy as np
from PIL import Image

from .config import MenagerieSettings
from .cooccurrence import draw_kinds
from .layout import Ground, grid_places, scatter_place
from .manifest import Animal
from .object_counts import draw_herds
from .sprite_sampling import draw_background, draw_portrait, photographs
from .sprites import Catalogue, open_sprites

__all__ = ["Studio", "draw_scene"]


class Studio:
    """What scenes are made of, opened once: the sprites and the photographs.

    Parameters
    ----------
    settings : MenagerieSettings
        What the person chose.
    catalogue : dict
        Where each label's drawings come from.
    """

    def __init__(self, settings: MenagerieSettings, catalogue: Catalogue) -> None:
        self.sprites = open_sprites(catalogue, diameter=2 * settings.diameters[1])
        self.photographs = photographs()


def draw_scene(
    settings: MenagerieSettings, studio: Studio, index: int
) -> tuple[Image.Image, list[Animal]]:
    """Draw scene number `index`: the picture, and the truth about its animals from back to front.

    Each aspect has a stream of random numbers of its own, so that the same seed puts the same
    animals before the same backgrounds whatever the layout.
    """
    company, backdrop, looks, places = (
        np.random.default_rng(stream)
        for stream in np.random.SeedSequence(settings.seed, spawn_key=(index,)).spawn(4)
    )
    sizes = draw_herds(company, settings.herds, settings.herd_sizes, settings.fewest, settings.most)
    kinds = draw_kinds(
        company, list(studio.sprites), len(sizes), settings.company, settings.avoidance
    )
    labels = [kind for kind, size in zip(kinds, sizes, strict=True) for _ in range(size)]
    company.shuffle(labels)  # else whoever came first would always stand behind
    portraits = [
        draw_portrait(looks, studio.sprites[label], settings.diameters) for label in labels
    ]

    picture = draw_background(backdrop, studio.photographs, settings.canvas)
    ground = Ground(settings.canvas)
    centres = grid_places(places, len(labels), settings.cells, settings.canvas)
    boxes = []
    for portrait, (across, down) in zip(portraits, centres, strict=True):
        if settings.layout == "grid":
            x = round(across - portrait.diameter / 2) + portrait.left
            y = round(down - portrait.diameter / 2) + portrait.top
        else:
            x, y = scatter_place(places, ground, portrait.mask)
        ground.put(portrait.mask, x, y)
        picture.paste(portrait.picture, (x, y), portrait.picture)
        boxes.append(portrait.box(x, y))

    animals = [
        Animal(
            label,
            portrait.drawing,
            *box,
            visible=round(share, 4),
            scale=round(portrait.diameter / settings.canvas, 4),
        )
        for label, portrait, box, share in zip(
            labels, portraits, boxes, ground.shares(), strict=True
        )
    ]
    return picture, animals
