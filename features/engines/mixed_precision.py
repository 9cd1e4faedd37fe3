"""Keep the first layers and all biases in float32 when a network runs in bfloat16.

In networks that begin with a plain and a depthwise convolution (such as MobileNet and
EfficientNet), the latter detects edges: its nine weights nearly cancel, so the rounding error of
its input is as large as the signal. In efficientnet_lite0 this one of 49 layers caused two thirds
of the feature error, and more of the largest errors. It is a small part of the computation.
"""

from typing import Any

import numpy as np
import openvino
import torch
from openvino import opset13 as operations
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


_CONVOLUTIONS = ("Convolution", "GroupConvolution")
# Elementwise operations that follow a convolution.
_POINTWISE = ("Add", "Multiply", "Clamp", "Relu", "Swish", "HSwish")
_INFINITE = 3e38


def in_bfloat16(model: Any) -> list[tuple[Any, str]]:
    """Return the parts of a network in the order of their use, with the precision of each.

    Parameters
    ----------
    model : openvino.Model
        With a fixed shape; it is modified.
    """
    _keep_addends(model)
    end = _end_of_edges(model)
    parts = None if end is None else _cut(model, end)
    return [(model, "bf16")] if parts is None else [(parts[0], "f32"), (parts[1], "bf16")]


def _keep_addends(model: Any) -> None:
    """Insert a clamp without effect between each convolution and its bias.

    Otherwise OpenVINO fuses the bias into the convolution, in the precision of the convolution.
    Behind the clamp the bias is added in float32.
    """
    for node in _openvino_convolutions(model):
        for consumer in node.output(0).get_target_inputs():
            if consumer.get_node().get_type_name() == "Add":
                limit = operations.clamp(node, -_INFINITE, _INFINITE)
                consumer.replace_source_output(limit.output(0))


def _end_of_edges(model: Any) -> Any:
    """Return the output of an early depthwise convolution and its activation, or None."""
    for node in _openvino_convolutions(model)[:DELICATE]:
        weights = node.input_value(1).get_partial_shape()
        if node.get_type_name() == "GroupConvolution" and weights[1] == weights[2] == 1:
            end = node.output(0)
            while (follower := _only_follower(end)) is not None:
                end = follower.output(0)
            return end
    return None


def _only_follower(output: Any) -> Any:
    nodes = [consumer.get_node() for consumer in output.get_target_inputs()]
    followers = [node for node in nodes if node.get_type_name() != "ShapeOf"]
    if len(followers) == 1 and followers[0].get_type_name() in _POINTWISE:
        return followers[0]
    return None


def _cut(model: Any, end: Any) -> tuple[Any, Any] | None:
    """Cut a network in two; return None if other connections cross the cut.

    The tensor at the cut is channels-last, the layout in which both parts work.
    """
    batch, channels, height, width = end.get_shape()
    boundary = operations.parameter([batch, height, width, channels], np.float32)
    channels_second = operations.transpose(boundary, np.array([0, 3, 1, 2]))
    consumers = list(end.get_target_inputs())
    for consumer in consumers:
        consumer.replace_source_output(channels_second.output(0))
    try:
        rest = openvino.Model(model.get_results(), [boundary], "rest")
    except RuntimeError:  # the second part also needs the images
        for consumer in consumers:
            consumer.replace_source_output(end)
        return None
    last = operations.result(operations.transpose(end, np.array([0, 2, 3, 1])))
    return openvino.Model([last], model.get_parameters(), "beginning"), rest


def _openvino_convolutions(model: Any) -> list[Any]:
    return [node for node in model.get_ordered_ops() if node.get_type_name() in _CONVOLUTIONS]
