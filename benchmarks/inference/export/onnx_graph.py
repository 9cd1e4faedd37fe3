"""A small builder of ONNX graphs: operators are methods, tensors are names."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]

OPSET, ML_OPSET = 18, 3
IR_VERSION = 10  # read by all runtimes since 2024
ML_DOMAIN = "ai.onnx.ml"
ELEMENT_TYPES = {
    np.dtype(np.uint8): TensorProto.UINT8,
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.float64): TensorProto.DOUBLE,
    np.dtype(np.int64): TensorProto.INT64,
}


class OnnxGraph:
    """Graph under construction.

    A tensor is represented by its name. Constants are float32 unless another type is given.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, shape: list[Any], dtype: Any = np.float32) -> str:
        """Declare an input; a string in its shape is a free dimension."""
        kind = ELEMENT_TYPES[np.dtype(dtype)]
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, tensor: str, shape: list[Any]) -> None:
        """Declare a float32 output with the values of a tensor."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, value: ArrayLike, dtype: Any = np.float32) -> str:
        """Add an array to the graph."""
        name = f"constant_{len(self._constants)}"
        array = np.ascontiguousarray(np.asarray(value).astype(dtype))
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *tensors: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return the name of the output."""
        return self.add_many(operator, *tensors, n_outputs=1, domain=domain, **attributes)[0]

    def add_many(
        self, operator: str, *tensors: str, n_outputs: int, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Add a node with several outputs."""
        number = len(self._nodes)
        names = [f"{operator}_{number}_{k}" for k in range(n_outputs)]
        self._nodes.append(
            helper.make_node(operator, list(tensors), names, domain=domain, **attributes)
        )
        return names

    def cast(self, tensor: str, dtype: Any) -> str:
        """Convert a tensor to another type."""
        return self.add("Cast", tensor, to=ELEMENT_TYPES[np.dtype(dtype)])

    def linear(self, tensor: str, coef: Array, intercept: Array) -> str:
        """Return ``tensor @ coef.T + intercept`` as float32.

        The product is computed in the precision of the coefficients, which are in double precision
        where features have large means.
        """
        dtype = np.float64 if coef.dtype == np.float64 else np.float32
        if dtype is np.float64:
            tensor = self.cast(tensor, dtype)
        product = self.add("MatMul", tensor, self.constant(coef.T, dtype))
        scores = self.add("Add", product, self.constant(intercept, dtype))
        return scores if dtype is np.float32 else self.cast(scores, np.float32)

    def columns(self, tensor: str, indices: ArrayLike) -> str:
        """Return some columns of a matrix."""
        return self.add("Gather", tensor, self.constant(indices, np.int64), axis=1)

    def concatenate(self, tensors: list[str], axis: int = 1) -> str:
        """Concatenate tensors."""
        return tensors[0] if len(tensors) == 1 else self.add("Concat", *tensors, axis=axis)

    def reshape(self, tensor: str, shape: list[int]) -> str:
        """Reshape a tensor; -1 is the remaining dimension."""
        return self.add("Reshape", tensor, self.constant(shape, np.int64))

    def model(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """Return the finished model, after the checks of the onnx package.

        Parameters
        ----------
        metadata : dict of str to str
        """
        graph = helper.make_graph(
            self._nodes, "catnocat", self._inputs, self._outputs, self._constants
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML_DOMAIN, ML_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model
