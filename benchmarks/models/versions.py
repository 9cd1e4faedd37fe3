"""Which libraries a model was fitted with."""

import platform
from importlib.metadata import PackageNotFoundError, version

from ... import __version__

_LIBRARIES = ("numpy", "scikit-learn", "scipy", "torch", "openvino", "pillow", "simplejpeg")


def versions() -> dict[str, str]:
    """Give the versions of all that may decide what a model answers."""
    found = {"catnocat": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # openvino and simplejpeg need not be there
            continue
    return found
