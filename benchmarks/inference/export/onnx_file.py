"""Writing of a model as an ONNX file, after a comparison in ONNX Runtime."""

import json
from dataclasses import dataclass
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ...utils import InputError, atomic_write
from ..local_recipe import resolve_recipe
from ..model_file import ModelRecord

TOLERANCE = 1e-5  # largest accepted difference between ONNX Runtime and predict_proba
N_NOISE_IMAGES = 2


@dataclass(frozen=True)
class ExportReport:
    """Inputs and size of an exported file, and how exactly it predicts.

    Attributes
    ----------
    inputs : dict of str to list
        Type and shape of each input.
    n_labels : int
    difference : float
        Largest difference between ONNX Runtime and `predict_proba`, on the check sample of the
        model; with the network, on images of noise.
    n_bytes : int
    """

    inputs: dict[str, list[Any]]
    n_labels: int
    difference: float
    n_bytes: int


def export_onnx(
    record: ModelRecord,
    path: str | PathLike[str],
    *,
    with_network: bool = False,
    weights: str | PathLike[str] | None = None,
) -> ExportReport:
    """Write a model as an ONNX file that computes `predict_proba`.

    The input is ``vectors``, float32 of shape (n_images, n_features), or (n_images, n_regions,
    n_features). With the network, there is an input ``images_SIZE``, uint8 of shape (n_images,
    SIZE, SIZE, 3), for each size of the recipe. The output is ``probabilities``, float32 of shape
    (n_images, n_labels). Labels, thresholds and recipe are in the metadata as JSON.

    Parameters
    ----------
    record : ModelRecord
    path : path
    with_network : bool, default=False
    weights : path, optional
        File of the backbone's weights, if the model was fitted with such a file.

    Returns
    -------
    ExportReport

    Raises
    ------
    InputError
        If the onnx extra is missing, the model has no form in ONNX, or ONNX Runtime predicts other
        probabilities.
    """
    _check_installed()
    import onnx

    from .converters import convert
    from .onnx_graph import OnnxGraph

    X, expected = record.check
    graph = OnnxGraph()
    vectors = graph.input("vectors", ["n_images", *X.shape[1:]])
    probabilities = convert(graph, record.pipeline, vectors)
    graph.output("probabilities", probabilities, ["n_images", len(record.labels)])
    model = graph.model(_metadata(record))
    inputs = {"vectors": X.astype(np.float32)}
    if with_network:
        model, inputs, expected = _with_network(model, record, weights)
    data = model.SerializeToString()
    if len(data) > onnx.checker.MAXIMUM_PROTOBUF:
        raise InputError(f"{path}: {len(data):,} bytes exceed the limit of an ONNX file, 2 GB")
    difference = _difference(data, inputs, expected)
    if not difference <= TOLERANCE:
        raise InputError(
            f"{path}: not written, because ONNX Runtime predicts probabilities that differ by "
            f"{difference:.1g}; more than {TOLERANCE:g} is not accepted"
        )
    with atomic_write(Path(path)) as file:
        file.write(data)
    shapes = {
        name: [str(array.dtype), "n_images", *array.shape[1:]] for name, array in inputs.items()
    }
    return ExportReport(shapes, len(record.labels), difference, len(data))


def _check_installed() -> None:
    if not all(find_spec(package) for package in ("onnx", "onnxruntime", "onnxscript")):
        raise InputError("ONNX export needs: pip install 'catnocat[onnx]'")


def _metadata(record: ModelRecord) -> dict[str, str]:
    thresholds = {aim: values.tolist() for aim, values in record.thresholds.items()}
    content = {
        "labels": list(record.labels),
        "method": record.method,
        "thresholds": thresholds,
        "recipe": record.recipe,
    }
    return {name: json.dumps(value, ensure_ascii=False) for name, value in content.items()}


def _with_network(model: Any, record: ModelRecord, weights: Any) -> tuple[Any, Any, Any]:
    """Put the network in front; return the model, images of noise and their probabilities."""
    import onnx
    import torch

    from .onnx_network import RecipeNetwork, check_recipe, network_model

    local = resolve_recipe(record.recipe, weights)
    check_recipe(local.recipe)
    network = RecipeNetwork(local.backbones[0], local.recipe)
    front = network_model(network)
    merged = onnx.compose.merge_models(front, model, io_map=[("vectors", "vectors")])
    onnx.helper.set_model_props(merged, _metadata(record))
    rng = np.random.default_rng(0)
    images = [
        rng.integers(0, 256, (N_NOISE_IMAGES, size, size, 3), dtype=np.uint8)
        for size in network.sizes
    ]
    with torch.inference_mode():
        vectors = network(*map(torch.from_numpy, images)).numpy()
    expected = record.pipeline.predict_proba(vectors.reshape(-1, *record.check[0].shape[1:]))
    inputs = {f"images_{size}": batch for size, batch in zip(network.sizes, images, strict=True)}
    return merged, inputs, expected


def _difference(data: bytes, inputs: dict[str, Any], expected: Any) -> float:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    (P,) = session.run(["probabilities"], inputs)
    if P.shape != expected.shape:
        return float("inf")
    return float(np.abs(P - expected).max())
