"""Attribute weighted sums of features to the places of an image that they come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..preprocessing import POOLINGS, Box, Crop, SharedPasses, Shown, View, shown_by
from ..store import Recipe

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Places:
    """What the places of a rectangle of a picture add to weighted sums of its features.

    Attributes
    ----------
    box : tuple of float
        Left, top, right and bottom in the upright picture's pixels.
    values : numpy.ndarray
        float64 (n_sums, rows, columns), a number for each place of the network's feature map.
    """

    box: Box
    values: np.ndarray


def places_of(
    recipe: Recipe, image: Image.Image, answers: Sequence[np.ndarray], directions: np.ndarray
) -> tuple[np.ndarray, list[Places]]:
    """Share weighted sums of a picture's features out among the places they come from.

    A place's share is the sum over channels of activation times gradient. Whatever doubles when the
    map doubles, which means every pooling but ``regions``, is by Euler's theorem the sum of these
    shares: of an average each place gets what it adds to it, of a maximum the place that has it.

    Parameters
    ----------
    recipe : Recipe
    image : PIL.Image.Image
    answers : sequence of numpy.ndarray
        For each size of a view, what a `MapView` network says of the crops of that size.
    directions : numpy.ndarray
        (n_sums, recipe.dimension): the weights.

    Returns
    -------
    row : numpy.ndarray
        The picture's features (recipe.dimension,), by which to see whether the shares add up.
    places : list of Places
    """
    import torch

    shared = SharedPasses(recipe.views, recipe.channels)
    maps = {
        network.size: torch.from_numpy(answer.astype(np.float64)).requires_grad_()
        for network, answer in zip(shared.networks, answers, strict=True)
    }
    crops = {
        network.size: shown for network, shown in zip(shared.networks, shared.crops, strict=True)
    }
    row = torch.cat([_row(view, maps[view.size], crops[view.size]) for view in recipe.views])
    shares: dict[tuple[int, Crop], list[np.ndarray]] = {}
    for direction in torch.from_numpy(np.asarray(directions, np.float64)):
        slopes = torch.autograd.grad(row @ direction, list(maps.values()), retain_graph=True)
        found: dict[tuple[int, Crop], np.ndarray] = {}
        for (size, values), slope in zip(maps.items(), slopes, strict=True):
            each = (values * slope).sum(1).detach().numpy()
            for (crop, mirrored), share in zip(crops[size], each, strict=True):
                upright = share[:, ::-1] if mirrored else share
                found[size, crop] = found.get((size, crop), 0) + upright
        for key, share in found.items():
            shares.setdefault(key, []).append(share)
    return row.detach().numpy(), [
        Places(crop.box(*image.size, recipe.preprocessing), np.stack(share))
        for (_, crop), share in shares.items()
    ]


def _row(view: View, maps: "torch.Tensor", crops: list[Shown]) -> "torch.Tensor":
    """Pool feature maps as `SharedPasses` pools, in steps that have slopes."""
    import torch

    from ..engines.network import pool  # late: it imports torch

    wanted = maps[[crops.index(shown) for shown in shown_by(view)]]
    parts = []
    for name in view.poolings:
        pooling = POOLINGS[name]
        found = pool(wanted, pooling).reshape(len(wanted), pooling.regions, maps.shape[1])
        if view.flip:
            upright, mirrored = found.chunk(2)
            found = (upright + mirrored[:, pooling.mirrored()]) / 2
        if not view.keeps_regions:
            found = found.sum(1) if pooling.summed else found.flatten(1)
        parts.append(found)
    joined = torch.cat(parts, dim=-1)
    if view.combination == "mean":
        joined = joined.mean(0)
    elif view.combination == "max":
        joined = joined.amax(0)
    return joined.flatten()
