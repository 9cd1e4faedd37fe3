"""Determine the recipe for given parameters before any image is read."""

from collections.abc import Sequence
from os import PathLike

from ..backbones import Backbone, find_backbone
from ..engines import PRECISIONS, choose_engine
from ..preprocessing import DECODER, View
from ..store import Recipe
from ..utils import FeatureError

DEFAULT_VIEWS: tuple[str, ...] = ("whole",)


def plan_recipe(
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | PathLike[str] | None = None,
    views: str | Sequence[str | View] = DEFAULT_VIEWS,
    engine: str = "auto",
    precision: str = "float32",
    bit_depth: int | None = None,
) -> Recipe:
    """Return the recipe that `extract_features` uses with the same parameters.

    Returns
    -------
    Recipe

    Raises
    ------
    FeatureError
        When the backbone, a view, the engine, the precision or the bit depth is invalid.

    Examples
    --------
    >>> from catnocat.features import plan_recipe
    >>> recipe = plan_recipe(engine="torch")
    >>> recipe.dimension, [str(view) for view in recipe.views]
    (1280, ['whole@224:avg'])
    """
    return plan(find_backbone(backbone, weights), views, engine, precision, bit_depth)


def plan(
    backbone: Backbone,
    views: str | Sequence[str | View],
    engine: str,
    precision: str,
    bit_depth: int | None = None,
) -> Recipe:
    """Return the recipe for a backbone object."""
    if precision not in PRECISIONS:
        raise FeatureError(f"unknown precision {precision!r}: it must be {' or '.join(PRECISIONS)}")
    size = backbone.preprocessing.size
    texts_or_views = [views] if isinstance(views, str) else views
    planned = tuple(
        view if isinstance(view, View) else View.parse(view, size, backbone.pooling)
        for view in texts_or_views
    )
    return Recipe(
        backbone=backbone.name,
        weights=backbone.weights,
        channels=backbone.vector_length(planned) if planned else backbone.channels or 0,
        preprocessing=backbone.preprocessing,
        views=planned,
        engine=choose_engine(engine),
        precision=precision,
        decoder=DECODER,
        bit_depth=bit_depth,
    )
