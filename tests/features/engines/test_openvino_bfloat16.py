import numpy as np
import pytest

openvino = pytest.importorskip("openvino")

from openvino import opset13 as operations  # noqa: E402

from catnocat.features.engines.openvino_bfloat16 import in_bfloat16  # noqa: E402


@pytest.fixture
def make_model(rng):
    def constant(*shape):
        return operations.constant(rng.normal(size=shape).astype(np.float32))

    def convolve(node, weights, depthwise=False):
        make = operations.group_convolution if depthwise else operations.convolution
        return make(node, weights, [1, 1], [0, 0], [0, 0], [1, 1])

    def make(skip=False, depthwise=True):
        images = operations.parameter([1, 3, 8, 8], np.float32)
        first = operations.relu(convolve(images, constant(4, 3, 1, 1)))
        edges = convolve(first, constant(4, 1, 1, 1, 1), depthwise=True) if depthwise else first
        edges = operations.relu(operations.add(edges, constant(1, 4, 1, 1)))
        last = operations.add(convolve(edges, constant(4, 4, 1, 1)), constant(1, 4, 1, 1))
        if skip:
            last = operations.add(last, first)
        return openvino.Model([operations.result(last)], [images], "model")

    return make


def run(models, images):
    for model in models:
        images = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(
            [images]
        )[0]
    return images


@pytest.mark.parametrize(
    ("options", "precisions"),
    [
        ({}, ["f32", "bf16"]),
        ({"depthwise": False}, ["bf16"]),
        ({"skip": True}, ["bf16"]),  # a second thread passes the edges
    ],
)
def test_parts_are_equivalent_to_the_whole_graph(make_model, rng, options, precisions):
    model = make_model(**options)
    images = rng.normal(size=(1, 3, 8, 8)).astype(np.float32)
    expected = run([model.clone()], images)
    parts = in_bfloat16(model)
    assert [precision for _, precision in parts] == precisions
    assert np.allclose(run([part for part, _ in parts], images), expected, atol=1e-5)
