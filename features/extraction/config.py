"""Configuration of a feature extraction, and the recipe that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Self

from ..backbones import Backbone, find_backbone
from ..engines import PRECISIONS, choose_engine
from ..preprocessing import DECODER, View
from ..store import SHARD_ROWS, Recipe
from ..utils import FeatureError

DEFAULT_VIEWS: tuple[str, ...] = ("whole",)


@dataclass(frozen=True, kw_only=True)
class ExtractionConfig:
    """Parameters of a feature extraction.

    The first six determine the recipe. The others do not change the features.

    Parameters
    ----------
    backbone, weights
        See `find_backbone`. ``"imported:NAME"`` selects vectors that `import_vectors` put into the
        store; no others can be computed for this backbone.
    views : str, or sequence of str or View, default=("whole",)
        Crop, input size and pooling, see `View`. The default size is that of the backbone.
    engine : {"auto", "openvino", "torch"}
        ``"auto"`` is OpenVINO if it is installed and there is no GPU, otherwise torch.
    precision : {"float32", "bfloat16"}
        bfloat16 is about twice as fast on processors with bfloat16 instructions, and not faster on
        others, see `has_bfloat16`.
    bit_depth : int, optional
        Bits that the values of images with more than 8 bits use, for example 12 for a microscope
        that writes 16-bit files; by default derived from the largest value of each file.
    batch_size : int, optional
        Images per forward pass; by default chosen by the engine.
    n_jobs : int, optional
        Number of threads; by default the number of processors.
    retry_failed : bool, default=False
        Try images again that could not be read in an earlier run. Otherwise they are skipped with
        the earlier reason.
    scheduler : str, optional
        Address of a Dask scheduler whose workers compute the vectors, for example
        ``"tcp://10.0.0.1:8786"``. They must see images and store under the same paths.
    shard_rows : int, default=1024
        Rows that are written at once, and images in a worker's list. A killed process loses at most
        this many.

    Examples
    --------
    >>> from catnocat.features import ExtractionConfig
    >>> recipe = ExtractionConfig(engine="torch", views=["whole", "center@320:max"]).recipe()
    >>> recipe.dimension, [str(view) for view in recipe.views]
    (2560, ['whole@224:avg', 'center@320:max'])
    """

    backbone: str = "efficientnet_lite0"
    weights: str | PathLike[str] | None = None
    views: str | Sequence[str | View] = DEFAULT_VIEWS
    engine: str = "auto"
    precision: str = "float32"
    bit_depth: int | None = None
    batch_size: int | None = None
    n_jobs: int | None = None
    retry_failed: bool = False
    scheduler: str | None = None
    shard_rows: int = SHARD_ROWS

    def __post_init__(self) -> None:
        for name in ("n_jobs", "batch_size", "shard_rows"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise FeatureError(f"{name} must be at least 1, not {number}")

    @classmethod
    def from_recipe(
        cls,
        recipe: Recipe,
        *,
        weights: str | PathLike[str] | None = None,
        n_jobs: int | None = None,
    ) -> Self:
        """Return a configuration for a recipe of this machine."""
        return cls(
            backbone=recipe.backbone,
            weights=weights,
            views=recipe.views,
            engine=recipe.engine,
            precision=recipe.precision,
            bit_depth=recipe.bit_depth,
            n_jobs=n_jobs,
        )

    def find_backbone(self) -> Backbone:
        """Return the backbone, see `find_backbone`."""
        return find_backbone(self.backbone, self.weights)

    def recipe(self, backbone: Backbone | None = None) -> Recipe:
        """Return the recipe.

        Parameters
        ----------
        backbone : Backbone, optional
            The result of `find_backbone`, if it is known already.

        Raises
        ------
        FeatureError
            If the backbone, a view, the engine or the precision is unknown.
        """
        network = self.find_backbone() if backbone is None else backbone
        return build_recipe(network, self.views, self.engine, self.precision, self.bit_depth)

    def count_threads(self) -> int:
        """Return the number of threads on this machine."""
        from joblib import cpu_count  # respects the limits of containers

        return self.n_jobs or int(cpu_count())


def build_recipe(
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
    parsed = tuple(
        view if isinstance(view, View) else View.parse(view, size, backbone.pooling)
        for view in texts_or_views
    )
    return Recipe(
        backbone=backbone.name,
        weights=backbone.weights,
        channels=backbone.vector_length(parsed) if parsed else backbone.channels or 0,
        preprocessing=backbone.preprocessing,
        views=parsed,
        engine=choose_engine(engine),
        precision=precision,
        decoder=DECODER,
        bit_depth=bit_depth,
    )
