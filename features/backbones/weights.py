"""Files of network weights, read without running anything that lies in them."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

import torch

from ..utils import FeatureError, one_line

_COUNTER = "num_batches_tracked"  # says how long training took; no feature depends on it


def read_weights(path: str | PathLike[str]) -> dict[str, torch.Tensor]:
    """Read named tensors from a ``.safetensors``, ``.pth`` or ``.pt`` file."""
    if not Path(path).is_file():
        raise FeatureError(f"{path}: no such file of weights")
    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            found: object = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds, depending on which byte is wrong
        raise FeatureError(
            f"{path} cannot be read as weights (.safetensors, or a .pth or .pt that holds nothing"
            f" but tensors): {one_line(error)}"
        ) from None
    for key in ("state_dict", "model"):  # the usual wrappings of training scripts
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    tensors = dict(found) if isinstance(found, Mapping) else {}
    if not tensors or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise FeatureError(f"{path} holds no table of named tensors")
    return {str(key).removeprefix("module."): value for key, value in tensors.items()}


def load_weights(
    module: torch.nn.Module,
    weights: Mapping[str, torch.Tensor],
    source: str | PathLike[str],
    name: str,
    ignored: Iterable[str] = (),
) -> None:
    """Put weights into a network; every tensor that is not `ignored` must fit.

    Parameters
    ----------
    module : torch.nn.Module
    weights : mapping of str to tensor
    source, name : str
        Where the weights come from and what the network is called, for the error.
    ignored : iterable of str
        Names of parts that features do not pass through, such as the classifier.
    """
    prefixes = tuple(f"{part}." for part in ignored)

    def counts(key: str) -> bool:
        return not key.startswith(prefixes) and not key.endswith(_COUNTER)

    wanted = {key: value.shape for key, value in module.state_dict().items() if counts(key)}
    given = {key: value for key, value in weights.items() if counts(key)}
    wrong = [key for key in wanted if key not in given or given[key].shape != wanted[key]]
    unknown = [key for key in given if key not in wanted]
    if wrong or unknown:
        raise FeatureError(
            f"{source} does not fit {name}: of {len(wanted)} tensors {len(wrong)} are missing or of"
            f" another shape, {len(unknown)} are unknown (first: {(wrong + unknown)[0]})"
        )
    loaded = OrderedDict(given)
    # The version of each module, which a plain table of tensors lacks; MNASNet asks for it.
    loaded._metadata = getattr(module.state_dict(), "_metadata", {})  # type: ignore[attr-defined]
    module.load_state_dict(loaded, strict=False)


def digest_of(module: torch.nn.Module, ignored: Iterable[str] = ()) -> str:
    """Give the sha256 of what a network has learned, whatever kind of file it came from."""
    prefixes = tuple(f"{part}." for part in ignored)
    total = hashlib.sha256()
    for key, value in sorted(module.state_dict().items()):
        if not key.startswith(prefixes) and not key.endswith(_COUNTER):
            total.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
            total.update(value.contiguous().cpu().reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()
