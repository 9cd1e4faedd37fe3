"""Backbones from timm."""

import difflib
import logging
import math
import sys
import warnings
from os import PathLike
from typing import Any

import timm
import torch
from timm.data.config import resolve_model_data_config

from ..preprocessing import Preprocessing
from ..utils import FeatureError, one_line
from .feature_network import FeatureNetwork
from .weights import digest_of, load_weights, read_weights


class TimmFeatures(FeatureNetwork):
    """Network of timm: its `forward_features` and `forward_head`.

    The patch tokens of a transformer form a feature map; class and distillation tokens are not part
    of it. A network whose last layer returns only class tokens has no feature map.

    Parameters
    ----------
    network : torch.nn.Module
        Created by timm.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.channels: int = network.num_features
        self.prefix: int | None = getattr(network, "num_prefix_tokens", None)
        self.channels_last = str(getattr(network, "output_fmt", "")).endswith("NHWC")

    def trunk(self, images: torch.Tensor) -> Any:
        """Map images to what timm calls unpooled features."""
        return self.network.forward_features(images)

    def feature_map(self, raw: Any) -> torch.Tensor | None:
        """Return unpooled features as (n, channels, height, width), None if they are not a map."""
        if not isinstance(raw, torch.Tensor):
            return None
        if raw.ndim == 3:
            return self._map_of_tokens(raw)
        if raw.ndim != 4:
            return None
        if raw.shape[1] == self.channels and not self.channels_last:
            return raw
        return raw.permute(0, 3, 1, 2) if raw.shape[3] == self.channels else None

    def prelogits(self, raw: Any) -> torch.Tensor:
        """Return the input of the classifier.

        For a network with a class and a distillation token, this is the mean of both.
        """
        vector: torch.Tensor = self.network.forward_head(raw, pre_logits=True)
        return vector

    def _map_of_tokens(self, tokens: torch.Tensor) -> torch.Tensor | None:
        if tokens.shape[2] != self.channels:
            return None
        count = tokens.shape[1]
        # Some networks have a class token but do not declare it.
        for prefix in (0, 1) if self.prefix is None else (self.prefix,):
            side = math.isqrt(max(0, count - prefix))
            if side > 1 and side**2 == count - prefix:
                places = tokens[:, prefix:].transpose(1, 2)
                return places.reshape(-1, self.channels, side, side)
        return None


def create(name: str, pretrained: bool = False) -> Any:
    """Return a network of timm in a form that can be exported, without timm's warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timm.create_model(name, pretrained=pretrained, exportable=True).eval()


def build(
    name: str, weights: str | PathLike[str] | None
) -> tuple[FeatureNetwork, Preprocessing, str]:
    """Return the network, its preprocessing and the digest of its weights."""
    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        close = difflib.get_close_matches(architecture, timm.list_models())
        suggestion = f": {' or '.join(close)}?" if close else ""
        raise FeatureError(f"timm has no network {architecture!r}{suggestion}")
    try:
        config = timm.get_pretrained_cfg(name)
    except RuntimeError as error:
        raise FeatureError(f"timm:{name}: {one_line(error)}") from None
    network = _download(name, config) if weights is None else create(name)
    classifier = network.pretrained_cfg.get("classifier") or ()
    ignored = (classifier,) if isinstance(classifier, str) else tuple(classifier)
    if weights is not None:
        tensors = _renamed(read_weights(weights), network)
        load_weights(network, tensors, weights, f"timm:{name}", ignored)
    data: dict[str, Any] = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    preprocessing = Preprocessing(
        size=data["input_size"][-1],
        interpolation=data["interpolation"],
        mean=tuple(data["mean"]),
        std=tuple(data["std"]),
        crop_pct=data["crop_pct"],
    )
    return TimmFeatures(network), preprocessing, digest_of(network, ignored)


def _renamed(tensors: dict[str, torch.Tensor], network: Any) -> dict[str, torch.Tensor]:
    """Return tensors under timm's names if the file uses those of the original authors."""
    if tensors.keys() >= network.state_dict().keys():
        return tensors
    module = sys.modules[type(network).__module__]
    rename = getattr(module, "checkpoint_filter_fn", None)
    if rename is None:
        return tensors
    try:
        return dict(rename(dict(tensors), network))
    except Exception:  # of any kind: the file belongs to another network
        return tensors


def _download(name: str, config: Any) -> Any:
    if config is None or not config.has_weights:
        raise FeatureError(
            f"timm has no trained weights for {name!r}: give a weights file with weights=PATH"
        )
    # Silence the hub's message for each attempt, which fills the screen without internet access.
    hub = logging.getLogger("huggingface_hub")
    level = hub.level
    hub.setLevel(logging.CRITICAL)
    try:
        return create(name, pretrained=True)
    except Exception as error:  # of any kind, from the network and several libraries
        where = f"{config.hf_hub_id} on the Hugging Face hub" if config.hf_hub_id else config.url
        raise FeatureError(
            f"the weights of timm:{name} could not be downloaded ({one_line(error, 80)}): fetch"
            f" them from {where} and give the file with weights=PATH (--weights PATH)"
        ) from None
    finally:
        hub.setLevel(level)
