"""A model's recipe as this machine can follow it."""

from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import Any

from ...features import Backbone, FeatureError, Recipe, find_backbone, plan_recipe
from .model_file import ModelError, RefusalError

_IMPORTED = "imported:"
_TEXTS = ("backbone", "weights", "engine", "precision", "decoder")


@dataclass(frozen=True)
class LocalRecipe:
    """How features are made here, and how that differs from where the model was fitted.

    Attributes
    ----------
    backbone : Backbone
    recipe : Recipe
    remarks : tuple of str
        One line for each difference that may change the last digits of a probability.
    """

    backbone: Backbone
    recipe: Recipe
    remarks: tuple[str, ...]


def follow(told: dict[str, Any], weights: str | PathLike[str] | None = None) -> LocalRecipe:
    """Find out how to make the features that a model was fitted on.

    Parameters
    ----------
    told : dict
        The model's recipe.
    weights : path, optional
        File of the backbone's weights, if it was fitted with such a file.

    Raises
    ------
    ModelError
        If there are no pictures it could be shown, or they would become other features.
    FeatureError
        If the backbone cannot be had.
    """
    if _has_no_pictures(told):
        raise ModelError(
            f"this model was fitted on {told['backbone']}: it cannot look at pictures, only at"
            " such vectors: catnocat.load(path).judge(X)"
        )
    fitted = Recipe.from_dict(told)
    backbone = find_backbone(fitted.backbone, weights)
    if backbone.weights != fitted.weights:
        hint = "give the file it was fitted with as --weights" if weights is None else str(weights)
        raise ModelError(
            f"this model was fitted on {fitted.backbone} with other weights (sha256"
            f" {fitted.weights[:12]}) than are here ({backbone.weights[:12]}): {hint}"
        )
    plan = partial(
        plan_recipe,
        backbone=fitted.backbone,
        weights=weights,
        views=fitted.views,
        precision=fitted.precision,
    )
    try:
        here = plan(engine=fitted.engine)
    except FeatureError:  # it is not installed here
        here = plan()
    if replace(here, engine=fitted.engine, decoder=fitted.decoder) != fitted:
        raise ModelError(
            "this model was fitted on features that this version of catnocat computes otherwise:"
            " fit it again"
        )
    differences = {
        "engine": (fitted.engine, here.engine),
        "decoder": (fitted.decoder, here.decoder),
    }
    remarks = tuple(
        f"fitted with the {what} {there}, here it is {found}: the last digits may differ"
        for what, (there, found) in differences.items()
        if there != found
    )
    return LocalRecipe(backbone, here, remarks)


def check_recipe(told: dict[str, Any], shape: tuple[int, ...]) -> None:
    """Let a recipe be one, and be that of the features that a pipeline was fitted on.

    Raises
    ------
    RefusalError
    """
    if _has_no_pictures(told):
        return
    if wrong := [name for name in _TEXTS if not isinstance(told.get(name), str)]:
        raise RefusalError(f"damaged: its recipe has no {wrong[0]}")
    try:
        made = Recipe.from_dict(told).shape
    except (FeatureError, TypeError) as error:
        raise RefusalError(f"damaged: {error}") from None
    if made != shape:
        raise RefusalError(f"damaged: its recipe gives features of {made}, and it knows {shape}")


def _has_no_pictures(told: dict[str, Any]) -> bool:
    backbone = told.get("backbone")
    return backbone == "ready features" or str(backbone).startswith(_IMPORTED)
