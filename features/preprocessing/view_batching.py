"""Batch the crops of all views of a recipe, so that each crop is run once per input size."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from .pooling import POOLINGS, Pooling
from .views import CROPS, Crop, Preprocessing, View

CropVariant = tuple[Crop, bool]  # a crop, and whether it is mirrored


class ViewBatching:
    """Networks and crops that the views of a recipe need, without duplicates.

    Parameters
    ----------
    views : sequence of View
    channels : int
        Channels of the last feature map.

    Attributes
    ----------
    networks : list of View
        One network for each size, with all poolings of the views of this size.
    crops : list of list of (Crop, bool)
        The crops of each network, and whether they are mirrored.

    Examples
    --------
    >>> batching = ViewBatching([View(), View(pooling="avg+max"), View(size=320)], channels=4)
    >>> [str(view) for view in batching.networks]
    ['whole@224:avg+max', 'whole@320:avg']
    """

    def __init__(self, views: Sequence[View], channels: int) -> None:
        self.views = views
        self._passes = {
            size: _SizePass([view for view in views if view.size == size], channels)
            for size in dict.fromkeys(view.size for view in views)
        }
        self.networks = [size_pass.network for size_pass in self._passes.values()]
        self.crops = [size_pass.crops for size_pass in self._passes.values()]

    def network_inputs(self, image: Image.Image, preprocessing: Preprocessing) -> list[np.ndarray]:
        """Return the inputs of each network for an image: uint8 (crops, size, size, 3)."""
        return [size_pass.inputs(image, preprocessing) for size_pass in self._passes.values()]

    def vectors(self, outputs: Sequence[np.ndarray]) -> np.ndarray:
        """Combine the outputs of the networks into one row per image.

        Parameters
        ----------
        outputs : sequence of numpy.ndarray
            Output of each network for all crops of the images in order, float32
            (n * crops, features).

        Returns
        -------
        numpy.ndarray
            float32 (n, recipe.dimension).
        """
        by_size = dict(zip(self._passes, outputs, strict=True))
        parts = [self._passes[view.size].rows(view, by_size[view.size]) for view in self.views]
        return np.concatenate(parts, axis=1)


class _SizePass:
    """Forward pass for the views of one size: one network with all their poolings and crops."""

    def __init__(self, views: Sequence[View], channels: int) -> None:
        poolings = dict.fromkeys(name for view in views for name in view.poolings)
        self.network = View("whole", views[0].size, "+".join(poolings))
        self.crops: list[CropVariant] = list(
            dict.fromkeys(variant for view in views for variant in crop_variants(view))
        )
        self.channels = channels
        self._columns: dict[str, slice] = {}
        start = 0
        for name in poolings:
            end = start + POOLINGS[name].regions * channels
            self._columns[name] = slice(start, end)
            start = end

    def inputs(self, image: Image.Image, preprocessing: Preprocessing) -> np.ndarray:
        """Return the inputs of the network for an image: uint8 (crops, size, size, 3)."""
        upright = {
            crop: crop.cut(image, self.network.size, preprocessing)
            for crop in dict.fromkeys(crop for crop, _ in self.crops)
        }
        return np.stack(
            [upright[crop][:, ::-1] if mirrored else upright[crop] for crop, mirrored in self.crops]
        )

    def rows(self, view: View, outputs: np.ndarray) -> np.ndarray:
        """Return the rows of a view, (n, length), from outputs (n * crops, features)."""
        outputs = outputs.reshape(-1, len(self.crops), outputs.shape[1])
        selected = [self.crops.index(variant) for variant in crop_variants(view)]
        parts = []
        for name in view.poolings:
            pooling = POOLINGS[name]
            pooled = outputs[:, selected, self._columns[name]]
            pooled = pooled.reshape(len(pooled), len(selected), pooling.regions, self.channels)
            if view.flip:
                upright, mirrored = np.split(pooled, 2, axis=1)
                pooled = (upright + mirrored[:, :, pooling.mirrored()]) / 2
            parts.append(pooled if view.keeps_regions else _joined(pooled, pooling))
        return _combined(np.concatenate(parts, axis=-1), view.combination)


def crop_variants(view: View) -> list[CropVariant]:
    """Return a view's upright crops, followed by the mirrored ones in the same order."""
    crops = CROPS[view.crop]
    return [(crop, mirrored) for mirrored in (False, True)[: 1 + view.flip] for crop in crops]


def _joined(vectors: np.ndarray, pooling: Pooling) -> np.ndarray:
    """Join the vectors of the regions: (n, crops, regions, d) to (n, crops, length)."""
    joined: np.ndarray = (
        vectors.sum(axis=2) if pooling.summed else vectors.reshape(*vectors.shape[:2], -1)
    )
    return joined


def _combined(vectors: np.ndarray, combination: str) -> np.ndarray:
    """Combine the vectors of an image's crops: (n, crops, ...) to (n, length)."""
    if combination == "mean":
        vectors = vectors.mean(axis=1)
    elif combination == "max":
        vectors = vectors.max(axis=1)
    return vectors.reshape(len(vectors), -1)
