"""The engine that runs wherever torch does, on a graphics processor if there is one."""

import threading
from types import TracebackType
from typing import Self

import numpy as np
import torch

from .backbones import Backbone
from .delicate import keep_first_layers_in_float32
from .engines import Network, in_batches
from .network import ViewNetwork
from .views import MapView, View


class TorchEngine:
    """Torch, eagerly, channels last.

    On a processor each calling thread computes alone, `n_jobs` of them at once: that is faster than
    all of them sharing every layer. Torch's own number of threads is put back on leaving. A
    graphics processor takes one batch at a time.
    """

    def __init__(
        self, backbone: Backbone, precision: str, n_jobs: int, batch_size: int | None
    ) -> None:
        self.backbone = backbone
        self.bfloat16 = precision == "bfloat16"
        self.device = _device()
        self.batch_size = batch_size or (4 if self.device == "cpu" else 64)
        self._turn = threading.BoundedSemaphore(n_jobs if self.device == "cpu" else 1)
        self._threads = torch.get_num_threads()

    def __enter__(self) -> Self:
        if self.device == "cpu":
            torch.set_num_threads(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        torch.set_num_threads(self._threads)

    def network(self, view: View | MapView) -> Network:
        """Make what turns pictures of a view's size into its vectors."""
        module = ViewNetwork(self.backbone, view)
        if self.bfloat16:
            nothing = torch.zeros(1, view.size, view.size, 3, dtype=torch.uint8)
            keep_first_layers_in_float32(module, nothing)
        module = module.to(self.device).to(memory_format=torch.channels_last)

        def run(batch: np.ndarray) -> np.ndarray:
            with (
                self._turn,
                torch.inference_mode(),
                torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16),
            ):
                vectors: np.ndarray = module(torch.from_numpy(batch).to(self.device)).cpu().numpy()
                return vectors

        return lambda pictures: in_batches(run, pictures, self.batch_size)


def _device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
