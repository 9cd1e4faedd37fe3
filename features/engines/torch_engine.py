"""Torch engine, which runs on a GPU if there is one."""

import platform
import threading
from types import TracebackType
from typing import Self

import numpy as np
import torch

from ..backbones import Backbone
from ..preprocessing import MapView, View
from .bfloat16 import prepare_for_autocast
from .engine import Network, in_batches
from .network import ViewNetwork


class TorchEngine:
    """Torch in eager mode with channels-last tensors.

    On a CPU, each calling thread computes alone, at most `n_jobs` at once. This is faster than
    sharing every layer among threads. Torch's number of threads is restored on exit. A GPU computes
    one batch at a time.
    """

    def __init__(
        self, backbone: Backbone, precision: str, n_jobs: int, batch_size: int | None
    ) -> None:
        self.backbone = backbone
        self.bfloat16 = precision == "bfloat16"
        self.device = _device()
        self.batch_size = batch_size or (4 if self.device == "cpu" else 64)
        self._slots = threading.BoundedSemaphore(n_jobs if self.device == "cpu" else 1)
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
        """Return a function from images of a view's size to its vectors."""
        module = ViewNetwork(self.backbone, view, self.bfloat16)
        lowered = self.bfloat16 and has_bfloat16()
        if lowered:
            example = torch.zeros(1, view.size, view.size, 3, dtype=torch.uint8)
            prepare_for_autocast(module, example)
            module.eval()
        module = module.to(self.device).to(memory_format=torch.channels_last)

        def run(batch: np.ndarray) -> np.ndarray:
            with (
                self._slots,
                torch.inference_mode(),
                torch.autocast(self.device, torch.bfloat16, enabled=lowered),
            ):
                vectors: np.ndarray = module(torch.from_numpy(batch).to(self.device)).cpu().numpy()
                return vectors

        return lambda images: in_batches(run, images, self.batch_size)


def has_bfloat16() -> bool:
    """Return whether torch's device has bfloat16 instructions that need no slow emulation."""
    if _device() != "cpu":
        return True
    if platform.machine().lower() in ("x86_64", "amd64"):
        # torch reports support there even if it emulates the instructions with AVX-512.
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
