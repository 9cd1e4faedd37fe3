"""The feature recipe of a model, adapted to the engine and decoder of this machine."""

from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import Any

from ...features import (
    Backbone,
    ConcatenatedFeatures,
    ExtractionConfig,
    FeatureError,
    FeatureExtractor,
    Recipe,
    blocks_of,
    concatenate_recipes,
    find_backbone,
    plan_recipe,
    recipe_from_dict,
)
from .model_file import InvalidModelFileError, ModelError

_IMPORTED = "imported:"
_TEXT_FIELDS = ("backbone", "weights", "engine", "precision", "decoder")


@dataclass(frozen=True)
class LocalRecipe:
    """How this machine computes features, and how that differs from where the model was fitted.

    Attributes
    ----------
    backbones : tuple of Backbone
        The networks whose features are concatenated.
    recipe : Recipe
    warnings : tuple of str
        One line for each difference that may change the last digits of a probability.
    """

    backbones: tuple[Backbone, ...]
    recipe: Recipe
    warnings: tuple[str, ...]

    def open_features(
        self,
        *,
        weights: str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        **options: Any,
    ) -> FeatureExtractor:
        """Return a feature extractor for this recipe.

        Parameters
        ----------
        weights, n_jobs
            See `catnocat.features.ExtractionConfig`.
        **options
            ``store`` and ``use_store`` of `catnocat.features.FeatureExtractor`.
        """
        parts = [
            FeatureExtractor(
                ExtractionConfig.from_recipe(recipe, weights=weights, n_jobs=n_jobs),
                backbone=backbone,
                **options,
            )
            for backbone, recipe in zip(self.backbones, blocks_of(self.recipe), strict=True)
        ]
        return parts[0] if len(parts) == 1 else ConcatenatedFeatures(parts)


def resolve_recipe(
    recipe: dict[str, Any], weights: str | PathLike[str] | None = None
) -> LocalRecipe:
    """Determine how this machine computes the features that a model was fitted to.

    Parameters
    ----------
    recipe : dict
        The recipe of the model.
    weights : path, optional
        File of the backbone's weights, if the model was fitted with such a file.

    Raises
    ------
    ModelError
        If the model was not fitted to images, or this machine would compute other features.
    FeatureError
        If the backbone is not available.
    """
    if _has_no_images(recipe):
        raise ModelError(
            f"this model was fitted to {recipe['backbone']}: it cannot read images, only such"
            " feature vectors: catnocat.load(path).predict_vectors(X)"
        )
    if "blocks" in recipe:
        return _resolve_blocks(recipe)
    fitted = Recipe.from_dict(recipe)
    backbone = find_backbone(fitted.backbone, weights)
    if backbone.weights != fitted.weights:
        hint = "pass the file it was fitted with as --weights" if weights is None else str(weights)
        raise ModelError(
            f"this model was fitted to {fitted.backbone} with other weights (sha256"
            f" {fitted.weights[:12]}) than are available here ({backbone.weights[:12]}): {hint}"
        )
    plan = partial(
        plan_recipe,
        backbone=fitted.backbone,
        weights=weights,
        views=fitted.views,
        precision=fitted.precision,
        bit_depth=fitted.bit_depth,
    )
    try:
        local = plan(engine=fitted.engine)
    except FeatureError:  # this engine is not installed here
        local = plan()
    if replace(local, engine=fitted.engine, decoder=fitted.decoder) != fitted:
        raise ModelError(
            "this model was fitted to features that this version of catnocat computes differently:"
            " fit it again"
        )
    differences = {
        "engine": (fitted.engine, local.engine),
        "decoder": (fitted.decoder, local.decoder),
    }
    warnings = tuple(
        f"fitted with the {name} {before}, this machine uses {now}: the last digits may differ"
        for name, (before, now) in differences.items()
        if before != now
    )
    return LocalRecipe((backbone,), local, warnings)


def _resolve_blocks(recipe: dict[str, Any]) -> LocalRecipe:
    """Resolve the recipe of concatenated features network by network."""
    parts = [resolve_recipe(block) for block in recipe["blocks"]]
    return LocalRecipe(
        tuple(backbone for part in parts for backbone in part.backbones),
        concatenate_recipes([part.recipe for part in parts]),
        tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def check_recipe(recipe: dict[str, Any], shape: tuple[int, ...]) -> None:
    """Check that a recipe is valid and gives features of the shape the pipeline was fitted to.

    Raises
    ------
    InvalidModelFileError
    """
    if _has_no_images(recipe):
        return
    if missing := [name for name in _TEXT_FIELDS if not isinstance(recipe.get(name), str)]:
        raise InvalidModelFileError(f"damaged: its recipe has no {missing[0]}")
    try:
        recipe_shape = recipe_from_dict(recipe).shape
    except (FeatureError, TypeError) as error:
        raise InvalidModelFileError(f"damaged: {error}") from None
    if recipe_shape != shape:
        raise InvalidModelFileError(
            f"damaged: its recipe gives features of shape {recipe_shape}, its pipeline expects"
            f" {shape}"
        )


def _has_no_images(recipe: dict[str, Any]) -> bool:
    backbone = recipe.get("backbone")
    return backbone == "ready features" or str(backbone).startswith(_IMPORTED)
