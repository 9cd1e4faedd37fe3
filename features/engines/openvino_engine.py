"""The engine for processors: several times as fast as torch, and the same numbers."""

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
from ..backbones import efficientnet_lite as lite0
from ..preprocessing import MapView, View
from ..utils import FeatureError, cache_folder, file_digest, one_line
from .engine import Network, in_batches
from .mixed_precision import in_bfloat16

#: Raised when the same network would be converted otherwise than before.
_CONVERSION = 2
_FILES = ("network.xml", "network.bin")


def converted(
    core: Any, backbone: Backbone, view: View | MapView, batch_size: int, bfloat16: bool = False
) -> Any:
    """Return a view's network for OpenVINO, from the cache folder if it is there and whole.

    A network is converted for the size of batch that it will be run with: in a vision transformer
    the size becomes a constant of several reshapes, and tracing for any size takes three times as
    long. The bundled network holds no such constant and is converted as it always was, since the
    vectors in users' stores must stay the same to the last bit.

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
        When torch or OpenVINO cannot convert the network.
    """
    batch = None if backbone.name == lite0.NAME else batch_size
    folder = cache_folder() / "openvino" / _key(backbone, view, bfloat16, batch)
    if _is_whole(folder):
        model = core.read_model(folder / _FILES[0])
    else:
        model = _convert(backbone, view, bfloat16, batch or 2)
        _keep(model, folder)
        # Read back as every time after: what was just converted differs in the last bits.
        if _is_whole(folder):
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


def _is_whole(folder: Path) -> bool:
    try:
        sums = json.loads((folder / "sha256.json").read_bytes())
        return bool(sums == {name: file_digest(folder / name) for name in _FILES})
    except (OSError, ValueError):
        return False


def _keep(model: Any, folder: Path) -> None:
    """Store a converted network; a cache that cannot be written to is done without."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".part"))
    except OSError:
        return
    try:
        openvino.save_model(model, part / _FILES[0], compress_to_fp16=False)
        sums = {name: file_digest(part / name) for name in _FILES}
        (part / "sha256.json").write_text(json.dumps(sums))
        shutil.rmtree(folder, ignore_errors=True)  # it is damaged, or we would not be here
        part.rename(folder)
    except (OSError, RuntimeError):  # full, or another process was faster
        shutil.rmtree(part, ignore_errors=True)


def _convert(backbone: Backbone, view: View | MapView, bfloat16: bool, batch: int) -> Any:
    # Through the frontend itself: `openvino.convert_model` reports its use over the network.
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
            # Kept in a variable: what is converted refers to it.
            decoder = TorchFXPythonDecoder.from_exported_program(program)
            model = frontend.convert(frontend.load(decoder))
            rows = model.output(0).get_partial_shape()[0]
    except Exception as error:  # of any kind: an operation that torch or OpenVINO lacks
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
    """Keep the converters' remarks on operations that are not used to themselves."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)  # else logging would set up a handler of its own, for good
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
        root.removeHandler(silent)


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
