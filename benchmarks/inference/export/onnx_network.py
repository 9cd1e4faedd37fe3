"""The frozen network in front of a classifier, as an ONNX graph.

Imports torch, so this module is imported only when a network is exported.
"""

import logging
import warnings
from contextlib import redirect_stdout
from io import StringIO

import onnx
import torch

from ....features import Backbone, Recipe, blocks_of
from ....features.engines.network import ViewNetwork
from ....features.preprocessing import POOLINGS, View, ViewBatching, crop_variants
from .linear_converters import not_exportable
from .onnx_graph import IR_VERSION, OPSET


class RecipeNetwork(torch.nn.Module):
    """From the resized images of each size to the feature vectors of a recipe.

    Parameters
    ----------
    backbone : Backbone
    recipe : Recipe
        Each view must be one upright crop, see `check_recipe`.

    Attributes
    ----------
    sizes : list of int
        Side of the images of each input.
    """

    def __init__(self, backbone: Backbone, recipe: Recipe) -> None:
        super().__init__()
        self.views = recipe.views
        self.channels = recipe.channels
        planned = ViewBatching(recipe.views, recipe.channels).networks
        self.sizes = [view.size for view in planned]
        self.columns = [_columns(view, recipe.channels) for view in planned]
        bfloat16 = recipe.precision == "bfloat16"
        self.networks = torch.nn.ModuleList(
            ViewNetwork(backbone, view, bfloat16) for view in planned
        )

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Map uint8 (n, size, size, 3) of each size to float32 (n, n_features)."""
        outputs = [network(batch) for network, batch in zip(self.networks, images, strict=True)]
        vectors = []
        for view in self.views:
            number = self.sizes.index(view.size)
            parts = [
                outputs[number][:, self.columns[number][name]].unflatten(1, (-1, self.channels))
                for name in view.poolings
            ]
            if view.keeps_regions:
                vectors.append(torch.cat(parts, dim=2).flatten(1))
                continue
            vectors += [
                part.sum(1) if POOLINGS[name].summed else part.flatten(1)
                for name, part in zip(view.poolings, parts, strict=True)
            ]
        return torch.cat(vectors, dim=1)


def _columns(view: View, channels: int) -> dict[str, slice]:
    """Return where the vectors of each pooling are in the output of a network."""
    columns, start = {}, 0
    for name in view.poolings:
        end = start + POOLINGS[name].regions * channels
        columns[name] = slice(start, end)
        start = end
    return columns


def check_recipe(recipe: Recipe) -> None:
    """Check that a recipe has one network, and that each of its views is one upright crop.

    Raises
    ------
    InputError
    """
    if len(blocks_of(recipe)) > 1:
        raise not_exportable(
            f"it concatenates the features of several networks ({recipe.backbone}); export the"
            " classifier alone, without --with-network"
        )
    for view in recipe.views:
        if len(crop_variants(view)) > 1:
            raise not_exportable(
                f"its network reads several crops of an image ({view}); export the classifier"
                " alone, without --with-network"
            )


def network_model(network: RecipeNetwork) -> onnx.ModelProto:
    """Convert a network to ONNX, with inputs ``images_SIZE`` and the output ``vectors``."""
    examples = tuple(torch.zeros(2, size, size, 3, dtype=torch.uint8) for size in network.sizes)
    n_images = torch.export.Dim("n_images", min=1)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")  # the converter of torch warns about its own internals
        program = torch.onnx.export(
            network,
            examples,
            dynamo=True,
            dynamic_shapes=(tuple({0: n_images} for _ in examples),),
            input_names=[f"images_{size}" for size in network.sizes],
            output_names=["vectors"],
            opset_version=OPSET,
        )
    model: onnx.ModelProto = program.model_proto  # type: ignore[union-attr]
    model.ir_version = IR_VERSION
    return model
