"""Choose and open the engine for this machine."""

import importlib.util
import platform
import shutil

from ..backbones import Backbone
from ..utils import FeatureError
from .engine import ENGINES, Engine


def choose_engine(name: str) -> str:
    """Return an engine's name; ``"auto"`` is OpenVINO if installed and there is no GPU."""
    if name != "auto" and name not in ENGINES:
        raise FeatureError(f"unknown engine {name!r}: it must be auto, {' or '.join(ENGINES)}")
    installed = importlib.util.find_spec("openvino") is not None
    if name == "openvino" and not installed:
        raise FeatureError("the engine openvino is not installed: pip install 'catnocat[fast]'")
    if name != "auto":
        return name
    return "openvino" if installed and not _has_gpu() else "torch"


def open_engine(
    name: str, backbone: Backbone, precision: str, n_jobs: int, batch_size: int | None
) -> Engine:
    """Return an engine that runs `n_jobs` batches at once; use it in a ``with`` statement."""
    if name == "openvino":
        from .openvino_engine import OpenVinoEngine

        return OpenVinoEngine(backbone, precision, n_jobs, batch_size)
    from .torch_engine import TorchEngine

    return TorchEngine(backbone, precision, n_jobs, batch_size)


def has_bfloat16(engine: str) -> bool:
    """Return whether an engine can use bfloat16 instructions on this machine.

    Without them, bfloat16 only rounds the weights and computes in float32, since emulating the
    instructions would take several times as long. It is then not faster than float32.

    Parameters
    ----------
    engine : {"openvino", "torch"}

    Examples
    --------
    >>> from catnocat.features import has_bfloat16
    >>> isinstance(has_bfloat16("torch"), bool)
    True
    """
    if engine == "openvino":
        from . import openvino_engine

        return openvino_engine.has_bfloat16()
    from . import torch_engine

    return torch_engine.has_bfloat16()


def _has_gpu() -> bool:
    # Importing torch takes seconds: skip it where no GPU is possible.
    if platform.system() != "Darwin" and shutil.which("nvidia-smi") is None:
        return False
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()
