"""Feature extraction as the first step of a scikit-learn pipeline."""

from collections.abc import Sequence
from os import PathLike, fspath
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .concatenation import blocks_of, extract_features, plan_recipe
from .extraction import DEFAULT_VIEWS
from .preprocessing import View
from .utils import FeatureError, Progress, UnreadableImage


class FrozenFeatures(TransformerMixin, BaseEstimator):
    """Transformer from image paths to feature vectors of a frozen network.

    Nothing is learned. In cross-validation of a pipeline that starts with this transformer, the
    vector of each image is computed once and read from the store in all other folds.

    Parameters
    ----------
    backbone, weights, views, store, engine, precision, batch_size, n_jobs, progress
        See `extract_features`. With several networks, as in ``backbone="lite0+lite2"``, their
        features are concatenated as they are; a `StandardScaler` after this step gives those of
        each network the same scale. Views that keep regions, such as ``"grid3:avg/keep"``, return
        three axes, for classifiers that work on regions.
    unreadable : {"raise", "nan"}, default="raise"
        For an image that cannot be read, raise an `UnreadableImage` or return a row of NaN.

    Attributes
    ----------
    recipe_ : Recipe
        Recipe of the vectors.

    See Also
    --------
    extract_features : Skips unreadable images and returns the reasons.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import sklearn.datasets
    >>> from catnocat.features import FrozenFeatures
    >>> folder = Path(sklearn.datasets.__file__).parent / "images"
    >>> with tempfile.TemporaryDirectory() as store:
    ...     features = FrozenFeatures(store=store, engine="torch")
    ...     features.fit_transform([folder / "china.jpg", folder / "flower.jpg"]).shape
    (2, 1280)
    """

    def __init__(
        self,
        *,
        backbone: str = "efficientnet_lite0",
        weights: str | PathLike[str] | None = None,
        views: str | Sequence[str | View] = DEFAULT_VIEWS,
        store: str | PathLike[str] | None = None,
        engine: str = "auto",
        precision: str = "float32",
        batch_size: int | None = None,
        n_jobs: int | None = None,
        progress: Progress | None = None,
        unreadable: str = "raise",
    ) -> None:
        self.backbone = backbone
        self.weights = weights
        self.views = views
        self.store = store
        self.engine = engine
        self.precision = precision
        self.batch_size = batch_size
        self.n_jobs = n_jobs
        self.progress = progress
        self.unreadable = unreadable

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters and determine the recipe; no image is opened.

        Parameters
        ----------
        X : array-like of paths, (n_images,) or (n_images, 1)
        y : ignored

        Returns
        -------
        FrozenFeatures
        """
        if self.unreadable not in ("raise", "nan"):
            raise FeatureError(f"unreadable must be 'raise' or 'nan', not {self.unreadable!r}")
        _paths(X)
        self.recipe_ = plan_recipe(
            backbone=self.backbone,
            weights=self.weights,
            views=self.views,
            engine=self.engine,
            precision=self.precision,
        )
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the feature vectors of images.

        Parameters
        ----------
        X : array-like of paths, (n_images,) or (n_images, 1)

        Returns
        -------
        numpy.ndarray
            float32 (n_images, `recipe_.dimension`), or (n_images, regions, length) if the views
            keep regions.
        """
        check_is_fitted(self)
        extraction = extract_features(
            _paths(X),
            backbone=self.backbone,
            weights=self.weights,
            views=self.views,
            store=self.store,
            engine=self.engine,
            precision=self.precision,
            batch_size=self.batch_size,
            n_jobs=self.n_jobs,
            progress=self.progress,
        )
        if not extraction.skipped:
            return extraction.X
        if self.unreadable == "raise":
            raise UnreadableImage(*extraction.skipped[0])
        vectors = np.full((len(extraction.readable), *extraction.recipe.shape), np.nan, np.float32)
        vectors[extraction.readable] = extraction.X
        return vectors

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return names of the features: the view and the position in its vector.

        With several networks, the name of the network comes first.
        """
        check_is_fitted(self)
        if len(self.recipe_.shape) > 1:
            raise FeatureError(
                "views that keep regions have no feature names, since regions are not columns"
            )
        blocks = blocks_of(self.recipe_)
        names = [
            f"{block.backbone}_{view}_{place}" if len(blocks) > 1 else f"{view}_{place}"
            for block in blocks
            for view in block.views
            for place in range(*view.shape(block.channels))
        ]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _paths(X: Any) -> list[str]:
    paths = np.asarray(X, dtype=object)
    if paths.ndim == 2 and paths.shape[1] == 1:
        paths = paths[:, 0]
    if paths.ndim != 1 or not all(isinstance(path, str | PathLike) for path in paths):
        raise FeatureError("FrozenFeatures takes paths: one column of str or path objects")
    return [fspath(path) for path in paths]
