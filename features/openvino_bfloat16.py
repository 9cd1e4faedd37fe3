"""A network for OpenVINO in bfloat16 that stays close to the same network in float32.

OpenVINO lowers whole graphs. Two things are kept from it: the first layers (see `delicate`), which
become a graph of their own, and the addends of convolutions, whose rounding shifts a whole channel
at once and so does not average out over the picture as that of activations does.
"""

from typing import Any

import numpy as np
import openvino
from openvino import opset13 as operations

from .engines import DELICATE

_CONVOLUTIONS = ("Convolution", "GroupConvolution")
# What follows a convolution place by place.
_POINTWISE = ("Add", "Multiply", "Clamp", "Relu", "Swish", "HSwish")
_INFINITE = 3e38


def in_bfloat16(model: Any) -> list[tuple[Any, str]]:
    """Give the parts of a network in the order of their use, with the precision of each.

    Parameters
    ----------
    model : openvino.Model
        With a fixed shape; it is changed.
    """
    _keep_addends(model)
    end = _end_of_edges(model)
    parts = None if end is None else _cut(model, end)
    return [(model, "bf16")] if parts is None else [(parts[0], "f32"), (parts[1], "bf16")]


def _keep_addends(model: Any) -> None:
    """Put between a convolution and its addend a limit that is never reached.

    The addend would become a part of the convolution, in the convolution's precision; behind the
    limit it is applied to the result, in float32.
    """
    for node in _convolutions(model):
        for consumer in node.output(0).get_target_inputs():
            if consumer.get_node().get_type_name() == "Add":
                limit = operations.clamp(node, -_INFINITE, _INFINITE)
                consumer.replace_source_output(limit.output(0))


def _end_of_edges(model: Any) -> Any:
    """Give the output of the first depthwise convolution and what belongs to it, or None."""
    for node in _convolutions(model)[:DELICATE]:
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
    """Cut a network in two; None when more than one thread would be cut.

    What is handed over has its channels last, the order in which both parts work.
    """
    batch, channels, height, width = end.get_shape()
    handed_over = operations.parameter([batch, height, width, channels], np.float32)
    channels_second = operations.transpose(handed_over, np.array([0, 3, 1, 2]))
    consumers = list(end.get_target_inputs())
    for consumer in consumers:
        consumer.replace_source_output(channels_second.output(0))
    try:
        rest = openvino.Model(model.get_results(), [handed_over], "rest")
    except RuntimeError:  # it needs the pictures too
        for consumer in consumers:
            consumer.replace_source_output(end)
        return None
    last = operations.result(operations.transpose(end, np.array([0, 2, 3, 1])))
    return openvino.Model([last], model.get_parameters(), "beginning"), rest


def _convolutions(model: Any) -> list[Any]:
    return [node for node in model.get_ordered_ops() if node.get_type_name() in _CONVOLUTIONS]
