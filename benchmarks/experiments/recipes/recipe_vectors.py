"""The vectors of many recipes, of which each crop passes the network once."""

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....features import Extraction, View, extract_features, progress_bar

Views = tuple[View, ...]


class RecipeParts:
    """Extracts each crop at each size once, and puts recipes together of the parts.

    Parameters
    ----------
    paths : sequence of str
    recipes : sequence of tuple of View
    progress : bool
        Show a bar for each crop and size.
    **options
        As `catnocat.features.extract_features` takes them.

    Attributes
    ----------
    readable : array of bool, shape (n,)
        Which pictures have vectors.
    """

    def __init__(
        self, paths: Sequence[str], recipes: Sequence[Views], *, progress: bool, **options: Any
    ) -> None:
        self.paths = paths
        self.options = options
        self._views: dict[tuple[str, int], list[View]] = {}
        for view in dict.fromkeys(view for views in recipes for view in views):
            self._views.setdefault((view.crop, view.size), []).append(view)
        for crop, size in self._views:
            with progress_bar(f"{crop}@{size}", show=progress) as bar:
                found = self._extract((crop, size), progress=bar)
        self.readable = found.readable

    def vectors(self, views: Views) -> NDArray[np.float32]:
        """Give the readable pictures' vectors under a recipe of those that were named."""
        return np.concatenate([self._part(view) for view in views], axis=1)

    def images_per_second(self, views: Views, count: int) -> float | None:
        """Time the network and all before it on so many pictures, whatever is stored.

        What it takes to get ready is left out; None where it is all there is.
        """
        some = np.asarray(self.paths)[self.readable][: count + 8].tolist()
        options = {**self.options, "views": views}
        with tempfile.TemporaryDirectory() as store:
            first = extract_features(some[:8], **{**options, "store": store})
            then = extract_features(some[8:], **{**options, "store": store})
        images, seconds = then.computed - first.computed, then.seconds - first.seconds
        return images / seconds if images > 0 and seconds > 0 else None

    def _extract(self, group: tuple[str, int], **options: Any) -> Extraction:
        return extract_features(self.paths, views=self._views[group], **{**self.options, **options})

    def _part(self, view: View) -> NDArray[np.float32]:
        group = self._views[view.crop, view.size]
        found = self._extract((view.crop, view.size))
        lengths = [one.shape(found.recipe.channels)[0] for one in group]
        start = sum(lengths[: group.index(view)])
        part: NDArray[np.float32] = found.X[:, start : start + lengths[group.index(view)]]
        return part
