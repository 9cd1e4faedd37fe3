"""Recipes by quality: which networks and views to use at which cost.

They were chosen by measurement; docs/quality.md has the figures, and those of another data set.
"""

from dataclasses import dataclass

from .utils import FeatureError


@dataclass(frozen=True)
class Quality:
    """Networks and views of a level of quality.

    Attributes
    ----------
    backbone : str
        Networks, as `extract_features` takes them.
    views : str
        Views of all networks, or of each, separated by ``;``.
    """

    backbone: str
    views: str


QUALITIES = {
    "fast": Quality("efficientnet_lite0", "whole@224:avg"),
    "balanced": Quality("efficientnet_lite0+efficientnet_lite2", "whole@224:avg;whole@320:avg+max"),
    "best": Quality(
        "efficientnet_lite0+efficientnet_lite1+efficientnet_lite2",
        "whole@224:avg;whole@320:avg+max;whole@320:avg+max",
    ),
}


def find_quality(name: str) -> Quality:
    """Return the networks and views of a level of quality.

    Parameters
    ----------
    name : {"fast", "balanced", "best"}

    Examples
    --------
    >>> from catnocat.features import find_quality
    >>> find_quality("balanced").backbone
    'efficientnet_lite0+efficientnet_lite2'
    """
    if name not in QUALITIES:
        raise FeatureError(f"unknown quality {name!r}: it must be {', '.join(QUALITIES)}")
    return QUALITIES[name]
