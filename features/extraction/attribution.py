"""Attribute weighted sums of features to the regions of an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..preprocessing import POOLINGS, Box, Crop, CropVariant, View, ViewBatching, crop_variants
from ..store import Recipe

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class CropContributions:
    """Contributions of the cells of a crop to weighted sums of an image's features.

    Attributes
    ----------
    box : tuple of float
        Left, top, right and bottom of the crop, in pixels of the upright image.
    values : numpy.ndarray
        float64 (n_sums, rows, columns): the contribution of each cell of the feature map.
    """

    box: Box
    values: np.ndarray


def crop_contributions(
    recipe: Recipe, image: Image.Image, outputs: Sequence[np.ndarray], directions: np.ndarray
) -> tuple[np.ndarray, list[CropContributions]]:
    """Attribute weighted sums of an image's features to the cells of its feature maps.

    The contribution of a cell is the sum over channels of activation times gradient. For poolings
    that are homogeneous of degree 1 (all except ``regions``), the contributions add up to the
    weighted sum by Euler's theorem: an average is split over all cells, a maximum is attributed to
    the cell that attains it.

    Parameters
    ----------
    recipe : Recipe
    image : PIL.Image.Image
    outputs : sequence of numpy.ndarray
        For each view size, the output of a `MapView` network for the crops of that size.
    directions : numpy.ndarray
        Weights of the sums, (n_sums, recipe.dimension).

    Returns
    -------
    row : numpy.ndarray
        The features of the image, (recipe.dimension,), to check that the contributions add up.
    contributions : list of CropContributions
    """
    import torch

    batching = ViewBatching(recipe.views, recipe.channels)
    maps = {
        network.size: torch.from_numpy(output.astype(np.float64)).requires_grad_()
        for network, output in zip(batching.networks, outputs, strict=True)
    }
    crops = {
        network.size: variants
        for network, variants in zip(batching.networks, batching.crops, strict=True)
    }
    row = torch.cat([_row(view, maps[view.size], crops[view.size]) for view in recipe.views])
    shares: dict[tuple[int, Crop], list[np.ndarray]] = {}
    for direction in torch.from_numpy(np.asarray(directions, np.float64)):
        gradients = torch.autograd.grad(row @ direction, list(maps.values()), retain_graph=True)
        by_crop: dict[tuple[int, Crop], np.ndarray] = {}
        for (size, values), gradient in zip(maps.items(), gradients, strict=True):
            contributions = (values * gradient).sum(1).detach().numpy()
            for (crop, mirrored), share in zip(crops[size], contributions, strict=True):
                upright = share[:, ::-1] if mirrored else share
                by_crop[size, crop] = by_crop.get((size, crop), 0) + upright
        for key, share in by_crop.items():
            shares.setdefault(key, []).append(share)
    return row.detach().numpy(), [
        CropContributions(crop.box(*image.size, recipe.preprocessing), np.stack(share))
        for (_, crop), share in shares.items()
    ]


def _row(view: View, maps: "torch.Tensor", crops: list[CropVariant]) -> "torch.Tensor":
    """Pool feature maps like `ViewBatching`, with differentiable operations."""
    import torch

    from ..engines.network import pool  # not at the top: this module imports torch

    selected = maps[[crops.index(variant) for variant in crop_variants(view)]]
    parts = []
    for name in view.poolings:
        pooling = POOLINGS[name]
        pooled = pool(selected, pooling).reshape(len(selected), pooling.regions, maps.shape[1])
        if view.flip:
            upright, mirrored = pooled.chunk(2)
            pooled = (upright + mirrored[:, pooling.mirrored()]) / 2
        if not view.keeps_regions:
            pooled = pooled.sum(1) if pooling.summed else pooled.flatten(1)
        parts.append(pooled)
    joined = torch.cat(parts, dim=-1)
    if view.combination == "mean":
        joined = joined.mean(0)
    elif view.combination == "max":
        joined = joined.amax(0)
    return joined.flatten()
