"""Data sets, the comparison, its report, the command line.

Importing this stays cheap: what does the work is imported when it is asked for, so that
`catnocat --help` answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .utils import InputError

if TYPE_CHECKING:
    from .benchmark import bench
    from .data import load_dataset
    from .data.tables import LabelTable, read_label_table
    from .inference import Model, fit_model
    from .metrics import evaluate
    from .several import bench_several

__all__ = [
    "InputError",
    "LabelTable",
    "Model",
    "bench",
    "bench_several",
    "evaluate",
    "fit_model",
    "load_dataset",
    "read_label_table",
]

_HOMES = {
    "LabelTable": "data.tables",
    "Model": "inference",
    "bench": "benchmark",
    "bench_several": "several",
    "evaluate": "metrics",
    "fit_model": "inference",
    "load_dataset": "data",
    "read_label_table": "data.tables",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
