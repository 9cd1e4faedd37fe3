"""Keep the first layers and all biases in float32 when a network runs in bfloat16.

In networks that begin with a plain and a depthwise convolution (such as MobileNet and
EfficientNet), the latter detects edges: its nine weights nearly cancel, so the rounding error of
its input is as large as the signal. In efficientnet_lite0 this one of 49 layers caused two thirds
of the feature error, and more of the largest errors. It is a small part of the computation.
"""

import torch
from torch import nn

from .engine import DELICATE


class InFloat32(nn.Module):
    """Layer that is excluded from autocast."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        with torch.autocast(inputs.device.type, enabled=False):
            output: torch.Tensor = self.layer(inputs.float())
            return output


class AddsInFloat32(nn.Module):
    """Convolution under autocast whose bias is added in float32.

    A rounded bias shifts a whole channel, which does not average out over the image.
    """

    addend: torch.Tensor

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        assert layer.bias is not None
        self.register_buffer("addend", layer.bias.detach().reshape(1, -1, 1, 1))
        layer.bias = None
        self.layer = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Apply the layer."""
        output: torch.Tensor = self.layer(inputs).float()
        return output.add_(self.addend)


def prepare_for_autocast(network: nn.Module, example: torch.Tensor) -> None:
    """Keep the sensitive first layers and all biases in float32.

    Parameters
    ----------
    network : torch.nn.Module
        Changed in place.
    example : torch.Tensor
        A batch to run through the network.
    """
    sensitive, others = parted_layers(network, example)
    names = {module: name for name, module in network.named_modules()}
    for layer in sensitive:
        network.set_submodule(names[layer], InFloat32(layer))
    for layer in others:
        if layer.bias is not None:
            network.set_submodule(names[layer], AddsInFloat32(layer))


def parted_layers(
    network: nn.Module, example: torch.Tensor
) -> tuple[list[nn.Conv2d], list[nn.Conv2d]]:
    """Return the sensitive first convolutions of a network, possibly none, and the others."""
    layers = _convolutions(network, example)
    depthwise = [layer.groups == layer.in_channels > 1 for layer in layers[:DELICATE]]
    end = depthwise.index(True) + 1 if True in depthwise else 0
    return layers[:end], layers[end:]


def _convolutions(network: nn.Module, example: torch.Tensor) -> list[nn.Conv2d]:
    """Return the convolutions of a network in the order of their use."""
    layers: list[nn.Conv2d] = []

    def note(module: nn.Module, inputs: object) -> None:
        if isinstance(module, nn.Conv2d):
            layers.append(module)

    hooks = [module.register_forward_pre_hook(note) for module in network.modules()]
    with torch.inference_mode():
        network(example)
    for hook in hooks:
        hook.remove()
    return list(dict.fromkeys(layers))
