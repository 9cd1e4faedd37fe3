"""Convert an OpenVINO graph to bfloat16, with its first layers and all biases in float32.

`bfloat16` does the same for networks that run in torch; its docstring explains why.
"""

from typing import Any

import numpy as np
import openvino
from openvino import opset13 as operations

from .engine import MAX_FLOAT32_LAYERS

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
    _add_biases_in_float32(model)
    end = _end_of_float32_layers(model)
    parts = None if end is None else _cut(model, end)
    return [(model, "bf16")] if parts is None else [(parts[0], "f32"), (parts[1], "bf16")]


def _add_biases_in_float32(model: Any) -> None:
    """Insert a clamp without effect between each convolution and its bias.

    Otherwise OpenVINO fuses the bias into the convolution, in the precision of the convolution.
    Behind the clamp the bias is added in float32.
    """
    for node in _openvino_convolutions(model):
        for consumer in node.output(0).get_target_inputs():
            if consumer.get_node().get_type_name() == "Add":
                limit = operations.clamp(node, -_INFINITE, _INFINITE)
                consumer.replace_source_output(limit.output(0))


def _end_of_float32_layers(model: Any) -> Any:
    """Return the output of an early depthwise convolution and its activation, or None."""
    for node in _openvino_convolutions(model)[:MAX_FLOAT32_LAYERS]:
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
