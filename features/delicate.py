"""What stays in float32 when a network runs in bfloat16: its first layers, and all addends.

A network that begins with a plain convolution and a depthwise one (MobileNet, EfficientNet and
their kin) looks for edges in the latter: nine weights that nearly cancel, so that the rounding of
what they see counts as much as the edge. In efficientnet_lite0 this one layer of 49 made two thirds
of the error of a feature, and more of the largest errors. It is a small part of the work.
"""

import torch
from torch import nn

from .engines import DELICATE


class InFloat32(nn.Module):
    """A layer that takes no part in autocast."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        with torch.autocast(given.device.type, enabled=False):
            found: torch.Tensor = self.layer(given.float())
            return found


class AddsInFloat32(nn.Module):
    """A convolution that takes part in autocast but for its addend.

    A rounded addend shifts a whole channel at once, which does not average out over the picture.
    """

    addend: torch.Tensor

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        assert layer.bias is not None
        self.register_buffer("addend", layer.bias.detach().reshape(1, -1, 1, 1))
        layer.bias = None
        self.layer = layer

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        found: torch.Tensor = self.layer(given).float()
        return found.add_(self.addend)


def prepare_for_autocast(network: nn.Module, example: torch.Tensor) -> None:
    """Keep the delicate layers and all addends in float32.

    Parameters
    ----------
    network : torch.nn.Module
        Changed in place.
    example : torch.Tensor
        A batch to follow through the network.
    """
    delicate, others = parted_layers(network, example)
    names = {module: name for name, module in network.named_modules()}
    for layer in delicate:
        network.set_submodule(names[layer], InFloat32(layer))
    for layer in others:
        if layer.bias is not None:
            network.set_submodule(names[layer], AddsInFloat32(layer))


def parted_layers(
    network: nn.Module, example: torch.Tensor
) -> tuple[list[nn.Conv2d], list[nn.Conv2d]]:
    """Give the delicate convolutions of a network, which may be none, and the others."""
    layers = _convolutions(network, example)
    depthwise = [layer.groups == layer.in_channels > 1 for layer in layers[:DELICATE]]
    end = depthwise.index(True) + 1 if True in depthwise else 0
    return layers[:end], layers[end:]


def _convolutions(network: nn.Module, example: torch.Tensor) -> list[nn.Conv2d]:
    """Give a network's convolutions in the order of their use."""
    met: list[nn.Conv2d] = []

    def note(module: nn.Module, given: object) -> None:
        if isinstance(module, nn.Conv2d):
            met.append(module)

    hooks = [module.register_forward_pre_hook(note) for module in network.modules()]
    with torch.inference_mode():
        network(example)
    for hook in hooks:
        hook.remove()
    return list(dict.fromkeys(met))
