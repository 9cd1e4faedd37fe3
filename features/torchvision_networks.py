"""Any convolutional network of torchvision as a backbone."""

import itertools
import sys
import warnings
from contextlib import redirect_stdout
from os import PathLike
from typing import Any

import torch
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from .errors import FeatureError, one_line
from .preprocessing import Preprocessing
from .weights import digest_of, load_weights, read_weights

_POOLING = ("avgpool", "adaptive_avg_pool2d", "mean")
# What may follow the pooling, as torchvision names it.
_HEADS = ("classifier", "fc", "head", "heads")
# They rescale their input depending on where their weights come from.
REFUSED = ("googlenet", "inception_v3")


class FeatureMap(torch.nn.Module):
    """A torchvision network up to the feature map that it averages itself."""

    def __init__(self, network: torch.nn.Module, node: str) -> None:
        super().__init__()
        self.extractor = create_feature_extractor(network, return_nodes={node: "map"})

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Map (n, 3, size, size) to (n, channels, height, width)."""
        found: torch.Tensor = self.extractor(pictures)["map"]
        return found


def build(
    name: str, weights: str | PathLike[str] | None
) -> tuple[torch.nn.Module, Preprocessing, str]:
    """Give the network, its preprocessing and the digest of its weights.

    `name` may end in the name of one of torchvision's sets of weights: ``resnet50.IMAGENET1K_V2``.
    """
    architecture, _, chosen = name.partition(".")
    if architecture in REFUSED or architecture not in models.list_models(module=models):
        raise FeatureError(f"torchvision has no network {architecture!r} that can be a backbone")
    sets = models.get_model_weights(architecture)
    if chosen and chosen not in sets.__members__:
        raise FeatureError(
            f"torchvision:{architecture} has no weights {chosen!r}: {', '.join(sets.__members__)}"
        )
    # The first set: later ones were trained for accuracy in ways that cost frozen features.
    entry = sets[chosen] if chosen else next(iter(sets))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = models.get_model(architecture, weights=None).eval()
        tensors = _download(name, entry) if weights is None else read_weights(weights)
        load_weights(network, tensors, weights or entry.url, f"torchvision:{name}", _HEADS)
        features = feature_map(architecture, network)
    shown = entry.transforms()
    preprocessing = Preprocessing(
        size=shown.crop_size[0],
        interpolation=shown.interpolation.value,
        mean=tuple(shown.mean),
        std=tuple(shown.std),
        crop_pct=shown.crop_size[0] / shown.resize_size[0],
    )
    return features, preprocessing, digest_of(network, _HEADS)


def feature_map(architecture: str, network: torch.nn.Module) -> FeatureMap:
    """Cut a network off behind its last feature map."""
    return FeatureMap(network, _last_map(architecture, network))


def _last_map(architecture: str, network: torch.nn.Module) -> str:
    nodes = get_graph_node_names(network)[1]
    for before, node in itertools.pairwise(nodes):
        if node in _POOLING:
            return str(before)
    if hasattr(network, "features"):
        return "features"
    raise FeatureError(f"torchvision:{architecture} has no last feature map: take timm's instead")


def _download(name: str, entry: Any) -> Any:
    try:
        with redirect_stdout(sys.stderr):  # torch tells of a download where results are printed
            return entry.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except Exception as error:  # whatever the network and the libraries on the way raise
        raise FeatureError(
            f"the weights of torchvision:{name} could not be downloaded ({one_line(error, 80)}):"
            f" fetch {entry.url} and give the file with weights=PATH (--weights PATH)"
        ) from None
