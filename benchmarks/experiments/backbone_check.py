"""Compare the features of a named network with a plain loop of its library, on both engines."""

import gc
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...features import Backbone, FeatureError, View, find_backbone, open_engine

ENGINES = ("torch", "openvino")
MIN_COSINE = 0.9999
MAX_DIFFERENCE = 1e-4  # of the largest value of a feature
IMAGES = 3


def check_network(
    name: str, engines: Sequence[str] = ENGINES, batch_sizes: Sequence[int] = (2, 1)
) -> dict[str, Any]:
    """Compare a network with random weights with a plain loop over the same images.

    The weights go through a file, as those of ``--weights FILE`` do.

    Parameters
    ----------
    name : str
        ``"torchvision:NAME"`` or ``"timm:NAME"``.
    engines : sequence of {"torch", "openvino"}
    batch_sizes : sequence of int
        The first is used for the comparison; with the others, the images come in reverse order.

    Returns
    -------
    dict
        `network`, `outcome` ("agrees", "differs", "refused" or "error"), `parameters`, `length`,
        `pooling`, `map` (channels or None); for each engine in `engines` the number of `rows`, the
        smallest `cosine` with the plain loop, the largest `change` with order and size of batches,
        or the `message` of a refusal.
    """
    entry: dict[str, Any] = {"network": name, "engines": {}}
    try:
        with tempfile.TemporaryDirectory() as folder:
            network = random_network(name)
            entry["parameters"] = sum(one.numel() for one in network.parameters())
            file = Path(folder) / "weights.pth"
            torch.save(network.state_dict(), file)
            backbone = find_backbone(name, file)
        entry |= {
            "length": backbone.vector_length([View(pooling=backbone.pooling)]),
            "pooling": backbone.pooling,
            "map": backbone.channels,
        }
        images = _noise(backbone.preprocessing.size)
        wanted = plain_features(network, _normalised(images, backbone))
        del network
        for engine in engines:
            found = _check_engine(engine, backbone, images, wanted, batch_sizes)
            entry["engines"][engine] = found
        outcomes = {found["outcome"] for found in entry["engines"].values()}
        order = ("error", "differs", "refused", "agrees")
        entry["outcome"] = next(one for one in order if one in outcomes)
    except FeatureError as error:
        entry |= {"outcome": "refused", "message": str(error)}
    except Exception as error:  # what must not happen; the table shows it
        entry |= {"outcome": "error", "message": f"{type(error).__name__}: {error}"}
    gc.collect()
    return entry


def random_network(name: str) -> Any:
    """Return a network whose every part has an effect, in evaluation mode.

    Libraries start many factors at 0 or 1e-6, so that an error in a block would not show.
    """
    library, _, architecture = name.partition(":")
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if library == "timm":
            import timm

            network = timm.create_model(architecture)
        else:
            from torchvision import models

            network = models.get_model(architecture, weights=None)
    with torch.no_grad():
        for key, values in network.state_dict().items():
            if not values.is_floating_point() or values.ndim > 1:
                continue
            if key.endswith(("weight", "running_var", "gamma")):
                values.uniform_(0.5, 1.5)
            elif key.endswith(("bias", "running_mean")):
                values.normal_(std=0.1)
    return network.eval()


def plain_features(network: Any, images: torch.Tensor) -> NDArray[np.float32]:
    """Return what the last layer of a network reads in an ordinary pass.

    Of several last layers (distilled networks), the mean of their inputs; of a last layer with
    places (SqueezeNet), the mean over places.
    """
    layers = last_layers(network)
    inputs: list[torch.Tensor] = []
    hooks = [
        layer.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
        for layer in layers
    ]
    with torch.inference_mode():
        output = network(images)
    for hook in hooks:
        hook.remove()
    if not inputs:  # without a classifier
        inputs = [output]
    flat = [one.mean((2, 3)) if one.ndim == 4 else one for one in inputs]
    # Classifiers of several scales (CrossViT), or of each token.
    if any(one.ndim != 2 or one.shape != flat[0].shape or len(one) != len(images) for one in flat):
        with torch.inference_mode():
            flat = [network.forward_head(network.forward_features(images), pre_logits=True)]
    return torch.stack(flat).mean(0).numpy()


def last_layers(network: Any) -> list[torch.nn.Module]:
    """Return the classifiers of a network, without `torch.nn.Identity`.

    A normalisation that timm removes together with the classifier (`NormLinear`) is part of it.
    """
    if hasattr(network, "get_classifier"):
        found = network.get_classifier()
        found = list(found) if isinstance(found, tuple | list | torch.nn.ModuleList) else [found]
    else:
        heads = ("classifier", "fc", "head", "heads")
        found = [
            module
            for key, module in network.named_modules()
            if key.partition(".")[0] in heads
            and isinstance(module, torch.nn.Linear | torch.nn.Conv2d)
        ][-1:]
    owners = {
        part: module
        for module in network.modules()
        if type(module).__name__ == "NormLinear"
        for part in module.children()
    }
    return [
        owners.get(layer, layer)
        for layer in found
        if isinstance(layer, torch.nn.Module) and not isinstance(layer, torch.nn.Identity)
    ]


def _check_engine(
    engine: str,
    backbone: Backbone,
    images: NDArray[np.uint8],
    wanted: NDArray[np.float32],
    batch_sizes: Sequence[int],
) -> dict[str, Any]:
    view = View("whole", backbone.preprocessing.size, backbone.pooling)
    first: NDArray[np.float32] | None = None
    change = 0.0
    try:
        for batch_size in batch_sizes:
            with open_engine(engine, backbone, "float32", 1, batch_size) as opened:
                run = opened.network(view)
                if first is None:
                    first = run(images)
                again = run(np.ascontiguousarray(images[::-1]))[::-1]
            if again.shape != first.shape:
                change = float("inf")
            else:
                change = max(change, float(np.abs(again - first).max() / np.abs(first).max()))
    except FeatureError as error:
        return {"outcome": "refused", "message": str(error)}
    assert first is not None
    found: dict[str, Any] = {"rows": len(first), "change": change, "cosine": None}
    if first.shape == wanted.shape:
        found["cosine"] = float(_cosines(first, wanted).min())
    agrees = (
        found["rows"] == len(images)
        and found["cosine"] is not None
        and found["cosine"] >= MIN_COSINE
        and change <= MAX_DIFFERENCE
    )
    return {"outcome": "agrees" if agrees else "differs", **found}


def _noise(size: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (IMAGES, size // 16 + 1, size // 16 + 1, 3))
    fine = coarse.repeat(16, axis=1).repeat(16, axis=2)[:, :size, :size]
    noise: NDArray[np.uint8] = (fine // 2 + rng.integers(0, 128, fine.shape)).astype(np.uint8)
    return noise


def _normalised(images: NDArray[np.uint8], backbone: Backbone) -> torch.Tensor:
    mean, std = (
        torch.tensor(values).reshape(1, 3, 1, 1)
        for values in (backbone.preprocessing.mean, backbone.preprocessing.std)
    )
    return (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - mean) / std


def _cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    a, b = one.astype(np.float64), other.astype(np.float64)
    cosines: NDArray[np.float64] = (a * b).sum(axis=1) / (
        np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    )
    return cosines
