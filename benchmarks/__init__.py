"""Data sets, the comparison, its report, the command line.

Names are imported when they are first used, so that `catnocat --help` stays quick.
"""

from typing import TYPE_CHECKING

import lazy_loader

from .utils import InputError

if TYPE_CHECKING:
    from .benchmark import bench
    from .data import load_dataset
    from .data.tables import LabelTable, read_label_table
    from .inference import Model, fit_model
    from .metrics import evaluate
    from .several import bench_several
    from .several_backbones import bench_backbones

__all__ = [
    "InputError",
    "LabelTable",
    "Model",
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
        "benchmark": ["bench"],
        "data": ["load_dataset"],
        "data.tables": ["LabelTable", "read_label_table"],
        "inference": ["Model", "fit_model"],
        "metrics": ["evaluate"],
        "several": ["bench_several"],
        "several_backbones": ["bench_backbones"],
    },
)
