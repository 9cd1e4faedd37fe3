"""OpenVINO engine for CPUs, several times as fast as torch with the same results."""

import hashlib
import itertools
import json
import logging
import queue
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from ..backbones import Backbone
from ..backbones.efficientnet_lite import LITE_NETWORKS
from ..preprocessing import MapView, View
from ..utils import FeatureError, cache_folder, file_digest, one_line
from .engine import Network, in_batches
from .openvino_bfloat16 import in_bfloat16

#: Increased when the same network would be converted differently than before.
_CONVERSION = 2
_FILES = ("network.xml", "network.bin")


def converted(
    core: Any, backbone: Backbone, view: View | MapView, batch_size: int, bfloat16: bool = False
) -> Any:
    """Return a view's network for OpenVINO, from the cache folder if a valid copy is there.

    A network is converted for a fixed batch size. In vision transformers, the batch size becomes a
    constant of several reshapes, and tracing for any size takes three times as long. The bundled
    network has no such constant; its conversion never changes, so that its vectors stay identical
    to those in users' stores, to the last bit.

    Parameters
    ----------
    core : openvino.Core
    backbone : Backbone
    view : View or MapView
    batch_size : int
    bfloat16 : bool, default=False
        See `ViewNetwork`.

    Raises
    ------
    FeatureError
        If torch or OpenVINO cannot convert the network.
    """
    batch = None if backbone.name in LITE_NETWORKS else batch_size
    folder = cache_folder() / "openvino" / _key(backbone, view, bfloat16, batch)
    if _is_complete(folder):
        model = core.read_model(folder / _FILES[0])
    else:
        model = _convert(backbone, view, bfloat16, batch or 2)
        _cache(model, folder)
        # Read from disk as in later runs: the network in memory differs in the last bits.
        if _is_complete(folder):
            model = core.read_model(folder / _FILES[0])
    model.reshape([batch_size, view.size, view.size, 3])
    return model


def _key(backbone: Backbone, view: View | MapView, bfloat16: bool, batch: int | None) -> str:
    identity = [
        _CONVERSION,
        openvino.__version__,
        backbone.name,
        backbone.weights,
        backbone.preprocessing.mean,
        backbone.preprocessing.std,
        view.size,
        view.pooling,
        *["bfloat16"] * bfloat16,
        *([] if batch is None else [batch]),
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]


def _is_complete(folder: Path) -> bool:
    try:
        sums = json.loads((folder / "sha256.json").read_bytes())
        return bool(sums == {name: file_digest(folder / name) for name in _FILES})
    except (OSError, ValueError):
        return False


def _cache(model: Any, folder: Path) -> None:
    """Store a converted network in the cache; do nothing if the cache is not writable."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".part"))
    except OSError:
        return
    try:
        openvino.save_model(model, part / _FILES[0], compress_to_fp16=False)
        sums = {name: file_digest(part / name) for name in _FILES}
        (part / "sha256.json").write_text(json.dumps(sums))
        shutil.rmtree(folder, ignore_errors=True)  # an existing folder is damaged
        part.rename(folder)
    except (OSError, RuntimeError):  # disk full, or another process was faster
        shutil.rmtree(part, ignore_errors=True)


def _convert(backbone: Backbone, view: View | MapView, bfloat16: bool, batch: int) -> Any:
    # Not `openvino.convert_model`, which sends usage statistics over the internet.
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.fx_decoder import TorchFXPythonDecoder

    from .network import ViewNetwork

    example = torch.zeros(batch, view.size, view.size, 3, dtype=torch.uint8)
    frontend = FrontEndManager().load_by_framework("pytorch")
    network = ViewNetwork(backbone, view, bfloat16)
    try:
        with _quiet():
            program = torch.export.export(network, (example,))
            # Kept in a variable, since the converted model refers to it.
            decoder = TorchFXPythonDecoder.from_exported_program(program)
            model = frontend.convert(frontend.load(decoder))
            rows = model.output(0).get_partial_shape()[0]
    except Exception as error:  # of any kind, for example an unsupported operation
        missing = [line.strip("- ") for line in str(error).splitlines() if "No conversion" in line]
        raise FeatureError(
            f"{backbone.name} cannot be converted for openvino, use the engine torch:"
            f" {missing[0] if missing else one_line(error)}"
        ) from error
    if rows.is_static and rows.get_length() != batch:
        raise FeatureError(
            f"{backbone.name} cannot be converted for openvino, use the engine torch: it returns"
            f" {rows.get_length()} rows for {batch} images"
        )
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the warnings of the converters about unused operations."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)  # otherwise logging installs a handler permanently
    disabled_level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled_level)
        root.removeHandler(silent)


class OpenVinoEngine(nullcontext[Any]):
    """OpenVINO on the CPU, with one single-threaded stream per calling thread."""

    def __init__(
        self, backbone: Backbone, precision: str, n_jobs: int, batch_size: int | None
    ) -> None:
        super().__init__(self)
        self.backbone = backbone
        self.bfloat16 = precision == "bfloat16"
        self.n_jobs = n_jobs
        self.batch_size = batch_size or 4  # small enough for the processor cache
        self._core = openvino.Core()

    def network(self, view: View | MapView) -> Network:
        """Return a function from images of a view's size to its vectors."""
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

        # OpenVINO's binding deadlocks if two threads use numpy in it for the first time at once.
        run(np.zeros(shape, np.uint8))
        return lambda images: in_batches(run, images, self.batch_size)

    def _compile(self, model: Any, precision: str) -> Any:
        settings = {
            "INFERENCE_PRECISION_HINT": precision,  # the default is the fastest precision
            "NUM_STREAMS": self.n_jobs,
            "INFERENCE_NUM_THREADS": self.n_jobs,
        }
        return self._core.compile_model(model, "CPU", settings)


def has_bfloat16(core: Any = None) -> bool:
    """Return whether OpenVINO can use bfloat16 instructions instead of emulating them."""
    capabilities = (core or openvino.Core()).get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "BF16" in capabilities


def _chain(compiled: list[Any]) -> list[Any]:
    """Return a request for each part of a network; each reads the output of the previous one."""
    chain = [part.create_infer_request() for part in compiled]
    for before, after in itertools.pairwise(chain):
        after.set_input_tensor(0, before.get_output_tensor(0))
    return chain
