"""The engine for processors: several times as fast as torch, and the same numbers."""

import itertools
import queue
from contextlib import nullcontext
from typing import Any

import numpy as np
import openvino

from .backbones import Backbone
from .engines import Network, in_batches
from .openvino_bfloat16 import in_bfloat16
from .openvino_graphs import converted
from .views import MapView, View


class OpenVinoEngine(nullcontext[Any]):
    """OpenVINO on the processor: one stream of one thread per calling thread."""

    def __init__(
        self, backbone: Backbone, precision: str, n_jobs: int, batch_size: int | None
    ) -> None:
        super().__init__(self)
        self.backbone = backbone
        self.bfloat16 = precision == "bfloat16"
        self.n_jobs = n_jobs
        self.batch_size = batch_size or 4  # small: it stays in the processor's cache
        self._core = openvino.Core()

    def network(self, view: View | MapView) -> Network:
        """Make what turns pictures of a view's size into its vectors."""
        shape = [self.batch_size, view.size, view.size, 3]
        model = converted(self._core, self.backbone, view, self.batch_size, self.bfloat16)
        lowered = self.bfloat16 and has_bfloat16(self._core)
        parts = in_bfloat16(model) if lowered else [(model, "f32")]
        compiled = [self._compile(part, precision) for part, precision in parts]
        chains: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        for _ in range(self.n_jobs):
            chains.put(_chain(compiled))

        def run(batch: np.ndarray) -> np.ndarray:
            chain = chains.get()
            try:
                chain[0].infer([np.ascontiguousarray(batch)], share_inputs=True)
                for request in chain[1:]:
                    request.infer()
                return np.array(chain[-1].get_output_tensor(0).data, dtype=np.float32)
            finally:
                chains.put(chain)

        # The first use of numpy by OpenVINO's binding deadlocks when two threads make it at once.
        run(np.zeros(shape, np.uint8))
        return lambda pictures: in_batches(run, pictures, self.batch_size)

    def _compile(self, model: Any, precision: str) -> Any:
        settings = {
            "INFERENCE_PRECISION_HINT": precision,  # the default is what is fastest
            "NUM_STREAMS": self.n_jobs,
            "INFERENCE_NUM_THREADS": self.n_jobs,
        }
        return self._core.compile_model(model, "CPU", settings)


def has_bfloat16(core: Any = None) -> bool:
    """Say whether the processor has instructions for bfloat16, or OpenVINO would imitate them."""
    capabilities = (core or openvino.Core()).get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "BF16" in capabilities


def _chain(compiled: list[Any]) -> list[Any]:
    """Give a request to each part of a network, each of which reads what the one before wrote."""
    chain = [part.create_infer_request() for part in compiled]
    for before, after in itertools.pairwise(chain):
        after.set_input_tensor(0, before.get_output_tensor(0))
    return chain
