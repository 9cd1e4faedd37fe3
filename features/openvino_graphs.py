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

from .backbones import Backbone
from .cache import cache_folder
from .digests import file_digest
from .errors import FeatureError, one_line
from .views import MapView, View

#: Raised when the same network would be converted otherwise than before.
_CONVERSION = 2
_FILES = ("network.xml", "network.bin")


def converted(core: Any, backbone: Backbone, view: View | MapView, bfloat16: bool = False) -> Any:
    """Give a view's network for OpenVINO, from the cache folder if it is there and whole."""
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
    ]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]
    folder = cache_folder() / "openvino" / key
    if _is_whole(folder):
        return core.read_model(folder / _FILES[0])
    model = _convert(backbone, view, bfloat16)
    _keep(model, folder)
    # Read back like every time after: what was just converted differs in the last bits.
    return core.read_model(folder / _FILES[0]) if _is_whole(folder) else model


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


def _convert(backbone: Backbone, view: View | MapView, bfloat16: bool) -> Any:
    # Through the frontend itself: `openvino.convert_model` reports its use over the network.
    import torch
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.fx_decoder import TorchFXPythonDecoder

    from .network import ViewNetwork

    example = torch.zeros(2, view.size, view.size, 3, dtype=torch.uint8)
    frontend = FrontEndManager().load_by_framework("pytorch")
    network = ViewNetwork(backbone, view, bfloat16)
    try:
        with _quiet():
            program = torch.export.export(network, (example,))
            # Kept in a variable: what is converted refers to it.
            decoder = TorchFXPythonDecoder.from_exported_program(program)
            return frontend.convert(frontend.load(decoder))
    except Exception as error:  # whatever an operation raises that one of the two does not know
        raise FeatureError(
            f"{backbone.name} cannot be converted for openvino, use the engine torch:"
            f" {one_line(error)}"
        ) from error


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
