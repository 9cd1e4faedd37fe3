"""Read files of network weights without executing code from them."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

import torch

from ..utils import FeatureError, one_line

_COUNTER = "num_batches_tracked"  # length of the training, which does not affect features


def read_weights(path: str | PathLike[str]) -> dict[str, torch.Tensor]:
    """Read named tensors from a ``.safetensors``, ``.pth`` or ``.pt`` file."""
    if not Path(path).is_file():
        raise FeatureError(f"{path}: no such file of weights")
    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            content: object = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the type depends on which byte is wrong
        raise FeatureError(
            f"{path} cannot be read as weights (.safetensors, or a .pth or .pt that holds nothing"
            f" but tensors): {one_line(error)}"
        ) from None
    for key in ("state_dict", "model"):  # the usual wrappers of training scripts
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    tensors = dict(content) if isinstance(content, Mapping) else {}
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
    """Load weights into a network; every tensor that is not `ignored` must fit.

    Parameters
    ----------
    module : torch.nn.Module
    weights : mapping of str to tensor
    source, name : str
        Source of the weights and name of the network, for error messages.
    ignored : iterable of str
        Names of modules that are not used for features, such as the classifier.
    """
    prefixes = tuple(f"{part}." for part in ignored)

    def is_used(key: str) -> bool:
        return not key.startswith(prefixes) and not key.endswith(_COUNTER)

    expected = {key: value.shape for key, value in module.state_dict().items() if is_used(key)}
    given = {key: value for key, value in weights.items() if is_used(key)}
    wrong = [key for key in expected if key not in given or given[key].shape != expected[key]]
    unknown = [key for key in given if key not in expected]
    if wrong or unknown:
        raise FeatureError(
            f"{source} does not fit {name}: of {len(expected)} tensors {len(wrong)} are missing or"
            f" of another shape, {len(unknown)} are unknown (first: {(wrong + unknown)[0]})"
        )
    loaded = OrderedDict(given)
    # Version of each module, which MNASNet requires and a plain table of tensors lacks.
    loaded._metadata = getattr(module.state_dict(), "_metadata", {})  # type: ignore[attr-defined]
    module.load_state_dict(loaded, strict=False)


def digest_of(module: torch.nn.Module, ignored: Iterable[str] = ()) -> str:
    """Return the sha256 of a network's weights, independent of the file format."""
    prefixes = tuple(f"{part}." for part in ignored)
    total = hashlib.sha256()
    for key, value in sorted(module.state_dict().items()):
        if not key.startswith(prefixes) and not key.endswith(_COUNTER):
            total.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
            total.update(value.contiguous().cpu().reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()
