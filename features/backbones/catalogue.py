"""List the available backbones and whether their weights are on this machine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from .efficientnet_lite import CHANNELS, LITE_NETWORKS

_MAX_COUNTED = 20  # building a network to get its vector length takes about a third of a second


@dataclass(frozen=True)
class NamedBackbone:
    """Available backbone.

    Attributes
    ----------
    name : str
        Name for `find_backbone`.
    local : bool
        Whether its weights are on this machine.
    dimension : int or None
        Length of a vector with the default pooling; None if it was not determined.
    """

    name: str
    local: bool
    dimension: int | None


def list_backbones(search: str = "") -> list[NamedBackbone]:
    """Return the backbones whose name contains a text.

    Parameters
    ----------
    search : str, optional
        Text in the name; by default all backbones are returned, about two thousand.

    Returns
    -------
    list of NamedBackbone
        `dimension` is given for backbones with local weights, and for all if there are at most 20.

    Examples
    --------
    >>> from catnocat.features import list_backbones
    >>> list_backbones("efficientnet_lite0")[0]
    NamedBackbone(name='efficientnet_lite0', local=True, dimension=1280)
    """
    matches = [
        (name, local, count)
        for name, local, count in (*_bundled(), *_torchvision(), *_timm())
        if search in name
    ]
    few = len(matches) <= _MAX_COUNTED
    return [
        NamedBackbone(name, local, count() if local or few else None)
        for name, local, count in matches
    ]


_Entries = Iterator[tuple[str, bool, Callable[[], int | None]]]


def _bundled() -> _Entries:
    for network in LITE_NETWORKS.values():
        yield network.name, network.is_installed, lambda: CHANNELS


def _torchvision() -> _Entries:
    from torchvision import models

    from .torchvision_backbones import REFUSED

    for name in models.list_models(module=models):
        if name not in REFUSED:
            first = next(iter(models.get_model_weights(name)))
            local = _is_downloaded(first.url)
            yield f"torchvision:{name}", local, partial(_torchvision_length, name)


def _torchvision_length(name: str) -> int | None:
    import torch

    from .torchvision_backbones import TorchvisionFeatures, create

    try:
        with torch.device("meta"):  # shapes without values
            network = TorchvisionFeatures(create(name))
            vector = network.prelogits(network.trunk(torch.zeros(1, 3, 224, 224)))
    except (NotImplementedError, RuntimeError):  # a regnet cannot be built without values
        return None
    return int(vector.shape[1])


def _timm() -> _Entries:
    import timm
    from huggingface_hub import try_to_load_from_cache

    for name in timm.list_models(pretrained=True):
        config = timm.get_pretrained_cfg(name)
        if config is None:
            continue
        if config.hf_hub_id:
            file = config.hf_hub_filename or "model.safetensors"
            local = isinstance(try_to_load_from_cache(config.hf_hub_id, file), str)
        else:
            local = bool(config.url) and _is_downloaded(str(config.url))
        yield f"timm:{name}", local, partial(_timm_length, name)


def _timm_length(name: str) -> int:
    import torch

    from .timm_backbones import create

    with torch.device("meta"):
        network = create(name)
    return int(getattr(network, "head_hidden_size", None) or network.num_features)


def _is_downloaded(url: str) -> bool:
    import torch

    return (Path(torch.hub.get_dir()) / "checkpoints" / Path(urlsplit(url).path).name).is_file()
