"""The vectors of each picture's regions, for methods that segment first."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...features import (
    FeatureError,
    View,
    blocks_of,
    extract_features,
    plan_recipe,
    progress_bar,
)
from .tables import LabelTable

GRID = 3
COPIES = 4  # of the vectors, that a fit needs beside them in each process, at most


@dataclass(frozen=True)
class Regions:
    """The region vectors of a table's pictures, or why there are none.

    Attributes
    ----------
    X : array of shape (n_images, n_regions, n_features) or None
    description : dict
        Which view they are of, how many were computed now, and in how many seconds.
    missing : str
        Why there are none.
    """

    X: NDArray[np.float32] | None = None
    description: dict[str, Any] = field(default_factory=dict)
    missing: str = ""


def regions_view(views: str | Sequence[str], size: int) -> View:
    """Give the view whose regions are compared with whole pictures of the given views.

    Those are cells of the feature map of the whole picture, at the size of the first view: the
    pictures pass the network as they do for the other methods, no region is looked at more closely,
    and the mean of the regions is about the vector that the others get. So what differs is the
    segmenting, and not the resolution.

    Examples
    --------
    >>> str(regions_view("whole", 224)), str(regions_view(["whole@320:gem", "flip"], 224))
    ('whole@224:cells3/keep', 'whole@320:cells3/keep')
    """
    first = views if isinstance(views, str) else views[0]
    return View("whole", View.parse(first, size).size, f"cells{GRID}", "keep")


def load_regions(
    table: LabelTable,
    *,
    backbone: str,
    weights: Any,
    views: str | Sequence[str],
    n_jobs: int,
    progress: bool = False,
    **options: Any,
) -> Regions:
    """Extract the region vectors; return the reason instead where that is not possible.

    Parameters
    ----------
    table : LabelTable
        Pictures that can all be read.
    backbone, weights, views
        Of the whole pictures' features.
    n_jobs : int
        Processes that will learn from the regions, each of which needs memory.
    progress : bool
    **options
        As `catnocat.features.extract_features` takes them.
    """
    if table.X is not None:
        return Regions(missing=f"needs pictures, and {table.name} comes with ready features")
    try:
        whole = plan_recipe(backbone=backbone, weights=weights, views=views)
        # One view for each network.
        view = ";".join(
            str(regions_view([str(part) for part in block.views], block.preprocessing.size))
            for block in blocks_of(whole)
        )
        recipe = plan_recipe(backbone=backbone, weights=weights, views=view)
        if short := _too_large(table.n_images * recipe.dimension * 4, n_jobs):
            return Regions(missing=short)
        with progress_bar("regions", show=progress) as bar:
            found = extract_features(
                table.paths,
                backbone=backbone,
                weights=weights,
                views=view,
                progress=bar,
                **options,
            )
    except FeatureError as error:
        return Regions(missing=str(error))
    if not found.readable.all():
        return Regions(missing=f"a picture could not be read any more: {found.skipped[0][0]}")
    return Regions(
        found.X,
        {
            "view": view,
            "regions": found.X.shape[1],
            "computed_now": found.computed,
            "seconds": round(found.seconds, 3),
        },
    )


def _too_large(size: int, n_jobs: int) -> str:
    """Say in words if vectors of so many bytes are too much to learn from in memory."""
    processes = n_jobs if n_jobs > 0 else max(1, (os.cpu_count() or 1) + 1 + n_jobs)
    needed, free = size * (1 + COPIES * processes), _free_memory()
    if needed <= free:
        return ""
    return (
        f"to learn from regions takes some {needed / 1e9:.0f} GB of memory, {free / 1e9:.0f} GB are"
        " free; take fewer pictures by --limit, or fewer --jobs"
    )


def _free_memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        values = dict(line.split(":") for line in lines)
        return int(values["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):  # not Linux: all there is
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
