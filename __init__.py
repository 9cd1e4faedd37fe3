"""catnocat: compare independent and joint multi-label methods on frozen image features.

Three sub-packages, imported in one direction: `catnocat.features` computes feature vectors of
images and stores them; `catnocat.classifiers` predicts label probabilities from feature vectors;
`catnocat.benchmarks` has data sets, the comparison, its report and the command line.

Names are imported when they are first used, so that ``import catnocat`` is fast.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import benchmarks, classifiers, features
    from .benchmarks import LabelTable, Result, bench
    from .benchmarks.inference.load import load

__all__ = [
    "LabelTable",
    "Result",
    "__version__",
    "bench",
    "benchmarks",
    "classifiers",
    "features",
    "load",
]
__version__ = "0.1.0.dev0"

_SUBPACKAGES = ("benchmarks", "classifiers", "features")
_MODULES = {
    "LabelTable": "benchmarks.data.tables",
    "Result": "benchmarks.report",
    "bench": "benchmarks.benchmark",
    "load": "benchmarks.inference",
}


def __getattr__(name: str) -> Any:
    """Import a sub-package or a name of `__all__` on first use."""
    from importlib import import_module

    if name in _SUBPACKAGES:
        return import_module(f"{__name__}.{name}")
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return sorted(__all__)
