"""Data sets, the comparison of methods, its report, and the command line.

Names are imported when they are first used, so that `catnocat --help` is fast.
"""

from typing import TYPE_CHECKING

import lazy_loader

from .utils import InputError

if TYPE_CHECKING:
    from .benchmark import bench, bench_several
    from .data import load_dataset
    from .data.tables import LabelTable, read_label_table
    from .inference import Model, fit_model
    from .metrics import evaluate
    from .report import Result
    from .several_backbones import bench_backbones

__all__ = [
    "InputError",
    "LabelTable",
    "Model",
    "Result",
    "bench",
    "bench_backbones",
    "bench_several",
    "evaluate",
    "fit_model",
    "load_dataset",
    "read_label_table",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "benchmark": ["bench", "bench_several"],
        "data": ["load_dataset"],
        "data.tables": ["LabelTable", "read_label_table"],
        "inference": ["Model", "fit_model"],
        "metrics": ["evaluate"],
        "report": ["Result"],
        "several_backbones": ["bench_backbones"],
    },
)
