"""Backbones from torchvision."""

import math
import re
import sys
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from os import PathLike
from typing import Any

import torch
from torchvision import models

from ..preprocessing import Preprocessing
from ..utils import FeatureError, one_line
from .feature_network import FeatureNetwork
from .weights import digest_of, load_weights, read_weights

#: Networks that rescale their input depending on the origin of their weights, which a weights file
#: does not state.
REFUSED = ("googlenet", "inception_v3")

# Modules that a network runs before its head, by class; in other networks they are in `features`.
_TRUNKS = {
    "MNASNet": ("layers",),
    "MaxVit": ("stem", "blocks"),
    "RegNet": ("stem", "trunk_output"),
    "ResNet": ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"),
    "ShuffleNetV2": ("conv1", "maxpool", "stage2", "stage3", "stage4", "conv5"),
    "SwinTransformer": ("features", "norm", "permute"),
}
_HEADS = ("classifier", "fc", "head", "heads")
# torchvision's published DenseNet weights use parameter names of an older version of torch.
_OLD_DENSENET = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)")


class TorchvisionFeatures(FeatureNetwork):
    """Network of torchvision without its last layer.

    Parameters
    ----------
    network : torch.nn.Module
        Created by torchvision.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.kind = type(network).__name__

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """Map images to the last feature map, or to the tokens of a vision transformer."""
        if self.kind == "VisionTransformer":
            patches = self.network._process_input(images)
            first = self.network.class_token.expand(patches.shape[0], -1, -1)
            tokens: torch.Tensor = self.network.encoder(torch.cat([first, patches], dim=1))
            return tokens
        features = images
        for name in _TRUNKS.get(self.kind, ("features",)):
            part = getattr(self.network, name)
            for module in part if isinstance(part, torch.nn.ModuleList) else (part,):
                features = module(features)
        return features.relu() if self.kind == "DenseNet" else features

    def feature_map(self, raw: torch.Tensor) -> torch.Tensor:
        """Return the feature map; for a vision transformer, its tokens arranged as a map."""
        if self.kind != "VisionTransformer":
            return raw
        side = math.isqrt(raw.shape[1] - 1)
        return raw[:, 1:].transpose(1, 2).reshape(-1, raw.shape[2], side, side)

    def prelogits(self, raw: torch.Tensor) -> torch.Tensor:
        """Return the input of the last layer; for SqueezeNet, its mean over positions.

        The head's layers before the last one are part of the network.
        """
        if self.kind == "VisionTransformer":
            return self.network.heads[:-1](raw[:, 0])  # type: ignore[no-any-return]
        head = getattr(self.network, "classifier", None)
        if self.kind == "SqueezeNet" or not isinstance(head, torch.nn.Sequential):
            return raw.mean((2, 3))
        if isinstance(pool := getattr(self.network, "avgpool", None), torch.nn.Module):
            raw = pool(raw)
        elif self.kind != "MaxVit":  # pools in its head
            raw = raw.mean((2, 3), keepdim=True)
        if self.kind not in ("ConvNeXt", "MaxVit"):  # flatten in their head
            raw = raw.flatten(1)
        vector: torch.Tensor = head[:-1](raw)
        return vector


def build(
    name: str, weights: str | PathLike[str] | None
) -> tuple[FeatureNetwork, Preprocessing, str]:
    """Return the network, its preprocessing and the digest of its weights.

    `name` may end in the name of one of torchvision's weight sets: ``resnet50.IMAGENET1K_V2``.
    """
    architecture, _, chosen = name.partition(".")
    if architecture in REFUSED:
        raise FeatureError(
            f"torchvision:{architecture} cannot be a backbone: it rescales its input or not,"
            " depending on where its weights come from; use another, such as timm:inception_v3"
        )
    if architecture not in models.list_models(module=models):
        raise FeatureError(f"torchvision has no network {architecture!r} for classification")
    sets = models.get_model_weights(architecture)
    if chosen and chosen not in sets.__members__:
        raise FeatureError(
            f"torchvision:{architecture} has no weights {chosen!r}: {', '.join(sets.__members__)}"
        )
    # The first set: later ones have better accuracy but worse frozen features.
    entry = sets[chosen] if chosen else next(iter(sets))
    tensors = _download(name, entry) if weights is None else read_weights(weights)
    options: dict[str, int] = {}
    if architecture.startswith("vit_"):
        options["image_size"] = size = _image_size(tensors) or _crop_size(entry)
        if not chosen:
            matching = [weight_set for weight_set in sets if _crop_size(weight_set) == size]
            entry = (matching or [entry])[0]
    network = create(architecture, **options)
    ignored = (classifier_name(network),)
    load_weights(network, _renamed(tensors), weights or entry.url, f"torchvision:{name}", ignored)
    transforms = entry.transforms()
    preprocessing = Preprocessing(
        size=options.get("image_size", transforms.crop_size[0]),
        interpolation=transforms.interpolation.value,
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        crop_pct=transforms.crop_size[0] / transforms.resize_size[0],
    )
    return TorchvisionFeatures(network), preprocessing, digest_of(network, ignored)


def create(architecture: str, **options: Any) -> Any:
    """Return a network of torchvision without trained weights, in evaluation mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return models.get_model(architecture, weights=None, **options).eval()


def classifier_name(network: torch.nn.Module) -> str:
    """Return the name of the last layer with weights, which is not used for features."""
    layers: list[str] = [
        name
        for name, module in network.named_modules()
        if name.partition(".")[0] in _HEADS
        and isinstance(module, torch.nn.Linear | torch.nn.Conv2d)
    ]
    return layers[-1]


def _crop_size(entry: Any) -> int:
    return int(entry.transforms().crop_size[0])


def _image_size(tensors: Mapping[str, torch.Tensor]) -> int | None:
    """Return the image size of a vision transformer's position embedding, None for others."""
    positions, patches = tensors.get("encoder.pos_embedding"), tensors.get("conv_proj.weight")
    if positions is None or patches is None or positions.ndim != 3 or patches.ndim != 4:
        return None
    return int(math.isqrt(positions.shape[1] - 1) * patches.shape[3])


def _renamed(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {_OLD_DENSENET.sub(r"\1\2", key): value for key, value in tensors.items()}


def _download(name: str, entry: Any) -> Any:
    try:
        with redirect_stdout(sys.stderr):  # keeps torch's download message out of the results
            return entry.get_state_dict(progress=False, check_hash=True, weights_only=True)
    except Exception as error:  # of any kind, from the network and several libraries
        raise FeatureError(
            f"the weights of torchvision:{name} could not be downloaded ({one_line(error, 80)}):"
            f" fetch {entry.url} and give the file with weights=PATH (--weights PATH)"
        ) from None
