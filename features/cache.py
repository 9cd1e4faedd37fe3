"""Where things are kept that can be made again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Give the folder for features, converted networks and other things that can be made again.

    It is the environment variable ``CATNOCAT_CACHE`` if that is set, else the user's cache folder
    of the operating system. The folder need not exist yet.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> from catnocat.features import cache_folder
    >>> cache_folder().is_absolute()
    True
    """
    named = os.environ.get("CATNOCAT_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("catnocat", appauthor=False)
