"""catnocat: is repeated cat/no-cat good enough for pictures of any combination of things.

Three rooms, imported in one direction: `catnocat.features` turns pictures into vectors, once;
`catnocat.classifiers` turns vectors into label probabilities; `catnocat.benchmarks` holds the data
sets, the comparison, its report and the command line.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .benchmarks.inference import load

__all__ = ["__version__", "load"]
__version__ = "0.1.0.dev0"


def __getattr__(name: str) -> Any:
    if name == "load":  # late: `import catnocat` stays cheap
        from .benchmarks.inference import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
