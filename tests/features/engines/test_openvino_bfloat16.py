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
        pictures = operations.parameter([1, 3, 8, 8], np.float32)
        first = operations.relu(convolve(pictures, constant(4, 3, 1, 1)))
        edges = convolve(first, constant(4, 1, 1, 1, 1), depthwise=True) if depthwise else first
        edges = operations.relu(operations.add(edges, constant(1, 4, 1, 1)))
        last = operations.add(convolve(edges, constant(4, 4, 1, 1)), constant(1, 4, 1, 1))
        if skip:
            last = operations.add(last, first)
        return openvino.Model([operations.result(last)], [pictures], "model")

    return make


def run(models, pictures):
    for model in models:
        pictures = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(
            [pictures]
        )[0]
    return pictures


@pytest.mark.parametrize(
    ("options", "precisions"),
    [
        ({}, ["f32", "bf16"]),
        ({"depthwise": False}, ["bf16"]),
        ({"skip": True}, ["bf16"]),  # a second thread passes the edges
    ],
)
def test_the_parts_compute_what_the_whole_does(make_model, rng, options, precisions):
    model = make_model(**options)
    pictures = rng.normal(size=(1, 3, 8, 8)).astype(np.float32)
    expected = run([model.clone()], pictures)
    parts = in_bfloat16(model)
    assert [precision for _, precision in parts] == precisions
    assert np.allclose(run([part for part, _ in parts], pictures), expected, atol=1e-5)
