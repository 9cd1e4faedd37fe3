"""Concatenate the features of several networks: each with its own views, stored separately.

A backbone such as ``"lite0+lite2"`` names its networks, joined by ``+``. The vectors of each
network are stored under the recipe that the network has alone, and are joined when they are read,
so that a network is never run twice for two combinations.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Self

import numpy as np
from PIL import Image

from .extraction import (
    DEFAULT_VIEWS,
    CropContributions,
    Extraction,
    ExtractionConfig,
    FeatureExtractor,
)
from .preprocessing import View
from .store import IMPORTED, Recipe
from .utils import FeatureError, Progress

NETWORK_SEPARATOR = "+"
VIEWS_SEPARATOR = ";"

Views = str | Sequence[str | View]


@dataclass(frozen=True)
class ConcatenatedRecipe(Recipe):
    """Recipe of the concatenated features of several networks.

    The inherited fields describe all networks together: names and weights are joined by ``+``, and
    `views` lists the views of all. `preprocessing` is that of the first network.

    Parameters
    ----------
    blocks : tuple of Recipe
        The recipe of each network, in the order of the features.

    See Also
    --------
    concatenate_recipes : Builds this recipe from its blocks.
    """

    blocks: tuple[Recipe, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        shapes = [block.shape for block in self.blocks]
        if len({shape[:-1] for shape in shapes}) > 1:
            raise FeatureError(
                f"{self.backbone}: the views of its networks keep different numbers of regions;"
                " keep the same regions for each network, or none"
            )
        for name in ("engine", "precision", "bit_depth"):
            if len({getattr(block, name) for block in self.blocks}) > 1:
                raise FeatureError(
                    f"{self.backbone}: its networks differ in their {name.replace('_', ' ')}"
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the features of an image: (length,), or (regions, length)."""
        shapes = [block.shape for block in self.blocks]
        return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))

    @property
    def pixels(self) -> int:
        """Number of pixels that pass the networks for an image."""
        return sum(block.pixels for block in self.blocks)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values, with those of each network in ``"blocks"``."""
        names = ("backbone", "weights", "engine", "precision", "decoder")
        return {name: getattr(self, name) for name in names} | {
            "views": [str(view) for view in self.views],
            "blocks": [block.to_dict() for block in self.blocks],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build a recipe from the result of `to_dict`."""
        try:
            blocks = tuple(Recipe.from_dict(block) for block in values["blocks"])
        except (KeyError, TypeError) as error:
            raise FeatureError(f"not a recipe of features: {error}") from None
        return cls._of(blocks)

    @classmethod
    def _of(cls, blocks: tuple[Recipe, ...]) -> Self:
        if not blocks:
            raise FeatureError("a concatenation needs at least one network")
        first = blocks[0]
        return cls(
            backbone=NETWORK_SEPARATOR.join(block.backbone for block in blocks),
            weights=NETWORK_SEPARATOR.join(block.weights for block in blocks),
            channels=0,
            preprocessing=first.preprocessing,
            views=tuple(view for block in blocks for view in block.views),
            engine=first.engine,
            precision=first.precision,
            decoder=first.decoder,
            bit_depth=first.bit_depth,
            blocks=blocks,
        )


def concatenate_recipes(blocks: Sequence[Recipe]) -> Recipe:
    """Return the recipe of concatenated features; a single block is returned unchanged.

    Raises
    ------
    FeatureError
        If two blocks are equal, or keep different numbers of regions.
    """
    if len(blocks) == 1:
        return blocks[0]
    if len(set(blocks)) < len(blocks):
        names = NETWORK_SEPARATOR.join(block.backbone for block in blocks)
        raise FeatureError(f"{names}: the same network with the same views is given twice")
    return ConcatenatedRecipe._of(tuple(blocks))


def recipe_from_dict(values: dict[str, Any]) -> Recipe:
    """Build the recipe of one or several networks from the result of its `to_dict`."""
    return (ConcatenatedRecipe if "blocks" in values else Recipe).from_dict(values)


def blocks_of(recipe: Recipe) -> tuple[Recipe, ...]:
    """Return the recipe of each network; that of a single network is its own only block."""
    return recipe.blocks if isinstance(recipe, ConcatenatedRecipe) else (recipe,)


def split_views(views: Views, networks: int) -> list[list[str]]:
    """Return the views of each network.

    Parameters
    ----------
    views : str or sequence of str or View
        Views for all networks, or ``;`` between the views of one network and those of the next.
    networks : int
        Number of networks.

    Raises
    ------
    FeatureError
        If there are views for another number of networks.

    Examples
    --------
    >>> split_views("whole", 2)
    [['whole'], ['whole']]
    >>> split_views(["whole", "flip;whole@320:avg+max"], 2)
    [['whole', 'flip'], ['whole@320:avg+max']]
    """
    if not isinstance(views, str) and not views:
        return [[] for _ in range(networks)]
    text = views if isinstance(views, str) else ",".join(map(str, views))
    groups = [
        [part.strip() for part in group.split(",") if part.strip()]
        for group in text.split(VIEWS_SEPARATOR)
    ]
    if len(groups) == 1:
        return [list(groups[0]) for _ in range(networks)]
    if len(groups) != networks:
        raise FeatureError(
            f"views {text!r}: there are views for {len(groups)} networks, but the number of"
            f" networks is {networks}; write one group of views for all of them, or one for each"
        )
    return groups


def split_networks(backbone: str) -> list[str]:
    """Return the names of the networks whose features are concatenated.

    Examples
    --------
    >>> split_networks("lite0+lite2")
    ['lite0', 'lite2']
    """
    if backbone.startswith(IMPORTED):
        return [backbone]
    names = [name.strip() for name in backbone.split(NETWORK_SEPARATOR)]
    if not all(names):
        raise FeatureError(f"backbone {backbone!r}: the name of a network next to '+' is missing")
    return names


def block_configs(
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | PathLike[str] | None = None,
    views: Views = DEFAULT_VIEWS,
    **options: Any,
) -> list[ExtractionConfig]:
    """Return the configuration of each network.

    Parameters
    ----------
    backbone, weights, views
        See `extract_features`.
    **options
        The other parameters of `ExtractionConfig`, the same for all networks.

    Raises
    ------
    FeatureError
        If the networks, weights and views do not fit together.
    """
    names = split_networks(backbone)
    if len(names) > 1 and weights is not None:
        raise FeatureError(
            f"backbone {backbone}: a file of weights can only be given with a single network"
        )
    return [
        ExtractionConfig(backbone=name, weights=weights, views=group, **options)
        for name, group in zip(names, split_views(views, len(names)), strict=True)
    ]


def plan_recipe(
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | PathLike[str] | None = None,
    views: Views = DEFAULT_VIEWS,
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
        If the backbone, a view, the engine or the precision is unknown.

    Examples
    --------
    >>> from catnocat.features import plan_recipe
    >>> recipe = plan_recipe(engine="torch")
    >>> recipe.dimension, [str(view) for view in recipe.views]
    (1280, ['whole@224:avg'])
    """
    configs = block_configs(
        backbone=backbone,
        weights=weights,
        views=views,
        engine=engine,
        precision=precision,
        bit_depth=bit_depth,
    )
    return concatenate_recipes([config.recipe() for config in configs])


def extract_features(
    paths: Iterable[str | PathLike[str]],
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | PathLike[str] | None = None,
    views: Views = DEFAULT_VIEWS,
    store: str | PathLike[str] | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Extraction:
    """Extract feature vectors; read stored ones and add new ones to the store.

    An image that cannot be read is skipped and listed. An interrupted run loses at most the last
    seconds of work; the next run continues from there.

    Parameters
    ----------
    paths : iterable of str or path
    backbone : str
        See `find_backbone`. Several networks are joined by ``+``, as in ``"lite0+lite2"``; their
        features are concatenated. ``"imported:NAME"`` selects vectors that `import_vectors` put
        into the store; no others can be computed for this backbone.
    weights : path, optional
        A file of weights, for a single network.
    views : str, or sequence of str or View, default=("whole",)
        Crop, input size and pooling, see `View`. The default size is that of the network. With
        several networks, ``;`` separates the views of one network from those of the next;
        without it, each network has all views.
    store : path, optional
        Root of the feature store; by default ``features`` in the `cache_folder`.
    progress : callable, optional
        Called with the number of finished images and the total, see `progress_bar`; with several
        networks, an image counts once for each.
    **options
        ``engine``, ``precision``, ``bit_depth``, ``batch_size``, ``n_jobs``, ``retry_failed``,
        ``scheduler`` and ``shard_rows`` of `ExtractionConfig`.

    Returns
    -------
    Extraction

    Raises
    ------
    FeatureError
        If a parameter is invalid, weights are missing or the store cannot be used.

    See Also
    --------
    open_features : For repeated calls, and for images in memory.

    Examples
    --------
    >>> import tempfile
    >>> from catnocat.features import extract_features
    >>> from sklearn.datasets import __file__ as datasets
    >>> from pathlib import Path
    >>> images = [Path(datasets).parent / "images" / name for name in ("china.jpg", "none.jpg")]
    >>> with tempfile.TemporaryDirectory() as store:
    ...     extraction = extract_features(images, store=store, engine="torch")
    >>> extraction.X.shape, extraction.readable.tolist(), extraction.computed
    ((1, 1280), [True, False], 1)
    >>> extraction.skipped[0][1]
    'no such file'
    """
    with open_features(
        backbone=backbone, weights=weights, views=views, store=store, **options
    ) as extractor:
        return extractor.run(paths, progress)


def _part_of(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """Return a progress callback for one of several equal parts of the work."""
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, parts * total)


def join_extractions(extractions: Sequence[Extraction]) -> Extraction:
    """Concatenate the features of the same images by several networks.

    An image that one network could not read is left out.
    """
    first = extractions[0]
    readable = np.logical_and.reduce([extraction.readable for extraction in extractions])
    X = np.concatenate(
        [extraction.X[readable[extraction.readable]] for extraction in extractions], axis=-1
    )
    # In the order of the images, with the reason of the first network that failed.
    reasons: dict[int, tuple[str, str]] = {}
    for extraction in extractions:
        rows = np.flatnonzero(~extraction.readable).tolist()
        for row, entry in zip(rows, extraction.skipped, strict=True):
            reasons.setdefault(row, entry)
    return Extraction(
        recipe=concatenate_recipes([extraction.recipe for extraction in extractions]),
        X=X,
        readable=readable,
        sha256=first.sha256,
        skipped=tuple(reasons[row] for row in sorted(reasons)),
        computed=max(extraction.computed for extraction in extractions),
        seconds=sum(extraction.seconds for extraction in extractions),
    )


class ConcatenatedFeatures(FeatureExtractor):
    """Feature extractor that keeps several networks loaded; use it in a ``with`` statement.

    Parameters
    ----------
    parts : sequence of FeatureExtractor
        One extractor for each network.

    Attributes
    ----------
    recipe : ConcatenatedRecipe
    """

    def __init__(self, parts: Sequence[FeatureExtractor]) -> None:
        self.parts = tuple(parts)
        self.config, self.backbone = self.parts[0].config, self.parts[0].backbone
        self.recipe = concatenate_recipes([part.recipe for part in self.parts])

    def __enter__(self) -> Self:
        for part in self.parts:
            part.__enter__()
        return self

    def close(self) -> None:
        """Release the networks; the next call would load them again."""
        for part in self.parts:
            part.close()

    def run(
        self, paths: Iterable[str | PathLike[str]], progress: Progress | None = None
    ) -> Extraction:
        """Return the vectors of image files, network by network, see `FeatureExtractor.run`."""
        listed, count = list(paths), len(self.parts)
        return join_extractions(
            [
                part.run(listed, _part_of(progress, number, count))
                for number, part in enumerate(self.parts)
            ]
        )

    def vectors(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Compute the vectors of images in memory, without using a store."""
        return np.concatenate([part.vectors(images) for part in self.parts], axis=-1)

    def attribute(
        self, image: Image.Image, directions: np.ndarray
    ) -> tuple[np.ndarray, list[CropContributions]]:
        """Attribute weighted sums of an image's features to its regions, for all networks.

        See `FeatureExtractor.attribute`; the contributions of all networks add up to the sums.
        """
        ends = np.cumsum([part.recipe.shape[-1] for part in self.parts])
        by_network = np.split(
            directions.reshape(len(directions), *self.recipe.shape), ends[:-1], axis=-1
        )
        attributions = [
            part.attribute(image, weights)
            for part, weights in zip(self.parts, by_network, strict=True)
        ]
        row = np.concatenate([row for row, _ in attributions], axis=-1)
        return row, [crop for _, contributions in attributions for crop in contributions]


def open_features(
    *,
    backbone: str = "efficientnet_lite0",
    weights: str | PathLike[str] | None = None,
    views: Views = DEFAULT_VIEWS,
    store: str | PathLike[str] | None = None,
    use_store: bool = True,
    **options: Any,
) -> FeatureExtractor:
    """Return a feature extractor that keeps its networks loaded.

    Parameters
    ----------
    backbone, weights, views
        See `extract_features`.
    store, use_store
        See `FeatureExtractor`.
    **options
        The other parameters of `ExtractionConfig`.

    Returns
    -------
    FeatureExtractor
        Of one network, or a `ConcatenatedFeatures`. Use it in a ``with`` statement.
    """
    parts = [
        FeatureExtractor(config, store=store, use_store=use_store)
        for config in block_configs(backbone=backbone, weights=weights, views=views, **options)
    ]
    return parts[0] if len(parts) == 1 else ConcatenatedFeatures(parts)
