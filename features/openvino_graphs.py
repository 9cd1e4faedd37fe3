"""Networks for OpenVINO: converted from torch once, kept in the cache folder with a checksum."""

import hashlib
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openvino

from . import lite0
from .backbones import Backbone
from .cache import cache_folder
from .digests import file_digest
from .errors import FeatureError, one_line
from .views import MapView, View

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
