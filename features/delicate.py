"""What stays in float32 when a network runs in bfloat16: its beginning, up to the first edges.

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


def keep_first_layers_in_float32(network: nn.Module, example: torch.Tensor) -> None:
    """Take the delicate layers out of autocast; other networks are left as they are.

    Parameters
    ----------
    network : torch.nn.Module
        Changed in place.
    example : torch.Tensor
        A batch to follow through the network.
    """
    layers = _convolutions(network, example)[:DELICATE]
    depthwise = [layer.groups == layer.in_channels > 1 for layer in layers]
    if True not in depthwise:
        return
    names = {module: name for name, module in network.named_modules()}
    for layer in layers[: depthwise.index(True) + 1]:
        network.set_submodule(names[layer], InFloat32(layer))


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
