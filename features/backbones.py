"""The pretrained networks that can be used, found by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from . import lite0
from .digests import cached_file_digest
from .errors import FeatureError
from .preprocessing import Preprocessing

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Backbone:
    """A pretrained network and what it takes to use it.

    Parameters
    ----------
    name : str
    weights : str
        The sha256 of the weights.
    channels : int
        Of the last feature map.
    preprocessing : Preprocessing
    build : callable
        Gives the network in eval mode without gradients: it maps pictures (n, 3, size, size),
        already normalised, to feature maps (n, channels, height, width).
    """

    name: str
    weights: str
    channels: int
    preprocessing: Preprocessing
    build: Callable[[], "torch.nn.Module"] = field(compare=False, repr=False)


def find_backbone(name: str = lite0.NAME, weights: str | PathLike[str] | None = None) -> Backbone:
    """Find a backbone by name.

    Parameters
    ----------
    name : str
        ``"efficientnet_lite0"``, whose weights come with the installation, ``"torchvision:NAME"``
        or ``"timm:NAME"``, both optionally with ``.TAG`` for one of several sets of weights.
    weights : path, optional
        A local ``.pth``, ``.pt`` or ``.safetensors`` file. Without it a ``torchvision:`` or
        ``timm:`` network's weights are downloaded by that library, unless it has them already.

    Returns
    -------
    Backbone

    Raises
    ------
    FeatureError
        When there is no such backbone, or its weights do not fit or cannot be fetched.

    Examples
    --------
    >>> from catnocat.features import find_backbone
    >>> backbone = find_backbone("efficientnet_lite0")
    >>> backbone.channels, backbone.preprocessing.size
    (1280, 224)
    """
    if weights is not None and not Path(weights).is_file():
        raise FeatureError(f"{weights}: no such file of weights")
    if name == lite0.NAME:
        path = lite0.bundled_weights() if weights is None else Path(weights)
        return Backbone(
            name,
            cached_file_digest(path),
            lite0.CHANNELS,
            lite0.PREPROCESSING,
            lambda: _frozen(lite0.build(path)),
        )
    library, colon, network_name = name.partition(":")
    if not colon or not network_name or library not in ("timm", "torchvision"):
        raise FeatureError(
            f"unknown backbone {name!r}: it must be {lite0.NAME}, torchvision:NAME or timm:NAME"
        )
    if library == "timm":
        from .timm_networks import build
    else:
        from .torchvision_networks import build
    module, preprocessing, digest = build(network_name, weights)
    network = _frozen(module)
    channels = _channels(network, preprocessing.size, name)
    return Backbone(name, digest, channels, preprocessing, lambda: network)


def _frozen(network: "torch.nn.Module") -> "torch.nn.Module":
    return network.eval().requires_grad_(False)


def _channels(network: "torch.nn.Module", size: int, name: str) -> int:
    import torch

    try:
        with torch.inference_mode():
            shape = network(torch.zeros(1, 3, size, size)).shape
    except Exception:  # whatever a network raises that is built in another way
        shape = torch.Size()
    if len(shape) != 4:
        raise FeatureError(f"{name} gives no feature map: choose another backbone")
    return int(shape[1])
