"""Pretrained network without its classifier: trunk, last feature map and pre-logits."""

from dataclasses import dataclass
from typing import Any

import torch

from ..utils import FeatureError, one_line

_TOLERANCE = 1e-4  # of the largest value
_IMAGES = 2


class FeatureNetwork(torch.nn.Module):
    """Network in three parts, so that the trunk runs once for all outputs.

    Calling it returns the feature map.
    """

    def trunk(self, images: torch.Tensor) -> Any:
        """Map images (n, 3, size, size) to the output of the last layer before the head."""
        raise NotImplementedError

    def feature_map(self, raw: Any) -> torch.Tensor | None:
        """Return the output of the trunk as (n, channels, height, width), None if it has no map."""
        raise NotImplementedError

    def prelogits(self, raw: Any) -> torch.Tensor:
        """Map the output of the trunk to the input of the classifier, (n, length)."""
        raise NotImplementedError

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images (n, 3, size, size) to feature maps (n, channels, height, width)."""
        features = self.feature_map(self.trunk(images))
        if features is None:
            raise FeatureError("the network has no last feature map")
        return features


class WithPrelogits(torch.nn.Module):
    """Network that returns pre-logits and, if needed, the feature map before them.

    Parameters
    ----------
    network : FeatureNetwork
    with_map : bool
    """

    def __init__(self, network: FeatureNetwork, with_map: bool) -> None:
        super().__init__()
        self.network = network
        self.with_map = with_map

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Map images to (pre-logits,) or (pre-logits, feature map)."""
        raw = self.network.trunk(images)
        vector = self.network.prelogits(raw)
        if not self.with_map:
            return (vector,)
        features = self.network.feature_map(raw)
        assert features is not None
        return vector, features


@dataclass(frozen=True)
class Outputs:
    """Sizes of the outputs of a network.

    Attributes
    ----------
    channels : int or None
        Channels of the last feature map; None if there is none.
    prelogits : int or None
        Length of the pre-logits; None if they cannot be used.
    pooling : {"avg", "prelogits"}
        Default pooling of a view: ``"avg"`` if the mean of the feature map equals the pre-logits.
    """

    channels: int | None
    prelogits: int | None
    pooling: str


def check_evaluation_mode(network: torch.nn.Module, name: str) -> None:
    """Raise a FeatureError if any part of a network is in training mode.

    Dropout and batch normalisation in training mode would make features random, or dependent on the
    other images of a batch, without an error.
    """
    wrong = [
        part or type(network).__name__
        for part, module in network.named_modules()
        if module.training
    ]
    if wrong:
        raise FeatureError(
            f"{name} cannot be used: {len(wrong)} of its modules stay in training mode"
            f" (first: {wrong[0]})"
        )


def inspect_outputs(network: FeatureNetwork, size: int, name: str) -> Outputs:
    """Run a network on noise and check that it is a function of each single image.

    Parameters
    ----------
    network : FeatureNetwork
        In evaluation mode.
    size : int
        Side of the images.
    name : str
        Name of the network for error messages.

    Raises
    ------
    FeatureError
        If the network cannot be run, has no usable output, or its output for an image depends on
        the other images or on chance.
    """
    check_evaluation_mode(network, name)
    noise = torch.rand(_IMAGES, 3, size, size, generator=torch.Generator().manual_seed(0))
    images = 2 * noise - 1
    try:
        with torch.inference_mode():
            features, vector = _outputs(network, images)
            single_outputs = _outputs(network, images[1:])
    except Exception as error:  # of any kind, from the code of the network
        raise FeatureError(f"{name} cannot be run on images: {one_line(error)}") from None
    features, vector = _usable(features, 4), _usable(vector, 2)
    if features is None and vector is None:
        raise FeatureError(
            f"{name} returns neither a feature map nor pre-logits of finite numbers: check its"
            " weights or choose another backbone"
        )
    for together, single in zip((features, vector), single_outputs, strict=True):
        if together is not None and (single is None or not _equal(together[1:], single)):
            raise FeatureError(
                f"{name} cannot be used: the output for an image changes with the other images of"
                " its batch or by chance"
            )
    mean = None if features is None else features.mean((2, 3))
    is_mean = mean is not None and (vector is None or _equal(mean, vector))
    return Outputs(
        channels=None if features is None else int(features.shape[1]),
        prelogits=None if vector is None else int(vector.shape[1]),
        pooling="avg" if is_mean else "prelogits",
    )


def _outputs(
    network: FeatureNetwork, images: torch.Tensor
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    raw = network.trunk(images)
    vector: Any = network.prelogits(raw)
    return network.feature_map(raw), vector if isinstance(vector, torch.Tensor) else None


def _usable(output: torch.Tensor | None, dimensions: int) -> torch.Tensor | None:
    if output is None or output.ndim != dimensions or len(output) != _IMAGES:
        return None
    return output if bool(output.isfinite().all()) else None


def _equal(first: torch.Tensor, second: torch.Tensor) -> bool:
    if first.shape != second.shape:
        return False
    return bool((first - second).abs().max() <= _TOLERANCE * first.abs().max())
