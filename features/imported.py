"""Vectors that were made elsewhere live under recipes of their own, named ``imported:NAME``."""

from pathlib import Path

from .errors import FeatureError
from .inventory import recipes_in
from .preprocessing import Preprocessing
from .recipe import Recipe
from .views import View

IMPORTED = "imported:"
_UNKNOWN = Preprocessing(224, "nearest", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 1.0)


def imported_name(name: str) -> str:
    """Give the backbone that vectors imported under a name count as."""
    label = name.removeprefix(IMPORTED)
    if not label or not label.isprintable() or label != label.strip():
        raise FeatureError(f"{name!r} is no name for imported vectors: give one such as clip-b32")
    return IMPORTED + label


def imported_recipe(backbone: str, dimension: int) -> Recipe:
    """Give the recipe of imported vectors: their name and length are all that is known of them."""
    return Recipe(
        backbone=backbone,
        weights="",
        channels=dimension,
        preprocessing=_UNKNOWN,
        views=(View(),),
        engine="imported",
        precision="float32",
        decoder="imported",
    )


def find_imported(root: Path, name: str) -> Recipe:
    """Find the recipe of vectors that were imported under a name."""
    there = [stored.recipe for stored in recipes_in(root) if stored.backbone.startswith(IMPORTED)]
    for recipe in there:
        if recipe is not None and recipe.backbone == name:
            return recipe
    names = ", ".join(sorted(recipe.backbone for recipe in there if recipe is not None))
    raise FeatureError(
        f"nothing was imported as {name} into {root}: "
        + (f"there is {names}" if names else "see 'catnocat store import --help'")
    )
