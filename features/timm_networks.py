"""Any network of timm as a backbone."""

import difflib
import logging
import math
import warnings
from os import PathLike
from typing import Any

import timm
import torch
from timm.data.config import resolve_model_data_config

from .errors import FeatureError, one_line
from .preprocessing import Preprocessing
from .weights import digest_of, load_weights, read_weights


class FeatureMap(torch.nn.Module):
    """A timm network up to its last feature map, in whatever order it keeps it.

    The tokens of a transformer are laid out as the map they stand for; class tokens are left out.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.channels: int = network.num_features
        self.prefix: int = getattr(network, "num_prefix_tokens", 0)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Map (n, 3, size, size) to (n, channels, height, width)."""
        found: torch.Tensor = self.network.forward_features(pictures)
        if found.ndim == 3:
            tokens = found[:, self.prefix :]
            side = math.isqrt(tokens.shape[1])
            found = tokens.transpose(1, 2).reshape(-1, self.channels, side, side)
        elif found.shape[1] != self.channels:
            found = found.permute(0, 3, 1, 2)
        return found


def create(name: str, pretrained: bool = False) -> Any:
    """Let timm make a network, in a form that can be converted; its remarks are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timm.create_model(name, pretrained=pretrained, exportable=True).eval()


def build(
    name: str, weights: str | PathLike[str] | None
) -> tuple[torch.nn.Module, Preprocessing, str]:
    """Give the network, its preprocessing and the digest of its weights."""
    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        close = difflib.get_close_matches(architecture, timm.list_models())
        meant = f": {' or '.join(close)}?" if close else ""
        raise FeatureError(f"timm knows no network {architecture!r}{meant}")
    try:
        about = timm.get_pretrained_cfg(name)
    except RuntimeError as error:
        raise FeatureError(f"timm:{name}: {one_line(error)}") from None
    network = _download(name, about) if weights is None else create(name)
    classifier = network.pretrained_cfg.get("classifier") or ()
    ignored = (classifier,) if isinstance(classifier, str) else tuple(classifier)
    if weights is not None:
        load_weights(network, read_weights(weights), weights, f"timm:{name}", ignored)
    shown: dict[str, Any] = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    preprocessing = Preprocessing(
        size=shown["input_size"][-1],
        interpolation=shown["interpolation"],
        mean=tuple(shown["mean"]),
        std=tuple(shown["std"]),
        crop_pct=shown["crop_pct"],
    )
    return FeatureMap(network), preprocessing, digest_of(network, ignored)


def _download(name: str, about: Any) -> Any:
    if about is None or not about.has_weights:
        raise FeatureError(f"timm has no trained weights for {name!r}: give a file of weights")
    # Its attempts are told one by one otherwise, a screenful of them where there is no network.
    hub = logging.getLogger("huggingface_hub")
    level = hub.level
    hub.setLevel(logging.CRITICAL)
    try:
        return create(name, pretrained=True)
    except Exception as error:  # whatever the network and the libraries on the way raise
        where = f"{about.hf_hub_id} on the Hugging Face hub" if about.hf_hub_id else about.url
        raise FeatureError(
            f"the weights of timm:{name} could not be downloaded ({one_line(error, 80)}): fetch"
            f" them from {where} and give the file with weights=PATH (--weights PATH)"
        ) from None
    finally:
        hub.setLevel(level)
