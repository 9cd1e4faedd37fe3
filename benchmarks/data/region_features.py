"""Feature vectors of the regions of each image, for the method `regions`."""

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
COPIES = 4  # of the vectors that a fit makes in each process, at most


@dataclass(frozen=True)
class Regions:
    """Region vectors of the images of a table, or the reason why there are none.

    Attributes
    ----------
    X : array of shape (n_images, n_regions, n_features) or None
    description : dict
        View, number of regions, number of computed vectors and seconds.
    missing : str
        Reason why there are none; empty otherwise.
    """

    X: NDArray[np.float32] | None = None
    description: dict[str, Any] = field(default_factory=dict)
    missing: str = ""


def regions_view(views: str | Sequence[str], size: int) -> View:
    """Return the view of regions that is comparable with the given views.

    Regions are cells of the feature map of the whole image at the size of the first view. Images
    pass the network as for the other methods, at the same resolution, and the mean of the regions
    is approximately the vector of the other methods: only the division into regions differs.

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
    """Extract region vectors, or return the reason why that is not possible.

    Parameters
    ----------
    table : LabelTable
        With readable images only.
    backbone, weights, views
        Those of the features of whole images.
    n_jobs : int
        Processes that fit models to the regions; each needs memory.
    progress : bool
    **options
        See `catnocat.features.extract_features`.
    """
    if table.X is not None:
        return Regions(missing=f"needs images, but {table.name} has ready features")
    try:
        whole = plan_recipe(backbone=backbone, weights=weights, views=views)
        # One view for each network.
        view = ";".join(
            str(regions_view([str(part) for part in block.views], block.preprocessing.size))
            for block in blocks_of(whole)
        )
        recipe = plan_recipe(backbone=backbone, weights=weights, views=view)
        if reason := _check_memory(table.n_images * recipe.dimension * 4, n_jobs):
            return Regions(missing=reason)
        with progress_bar("regions", show=progress) as bar:
            extracted = extract_features(
                table.paths,
                backbone=backbone,
                weights=weights,
                views=view,
                bit_depth=table.bit_depth,
                progress=bar,
                **options,
            )
    except FeatureError as error:
        return Regions(missing=str(error))
    if not extracted.readable.all():
        return Regions(missing=f"an image can no longer be read: {extracted.skipped[0][0]}")
    return Regions(
        extracted.X,
        {
            "view": view,
            "regions": extracted.X.shape[1],
            "computed_now": extracted.computed,
            "seconds": round(extracted.seconds, 3),
        },
    )


def _check_memory(size: int, n_jobs: int) -> str:
    """Return why vectors of `size` bytes do not fit into memory; empty if they do."""
    processes = n_jobs if n_jobs > 0 else max(1, (os.cpu_count() or 1) + 1 + n_jobs)
    needed, free = size * (1 + COPIES * processes), _free_memory()
    if needed <= free:
        return ""
    return (
        f"fitting to regions needs about {needed / 1e9:.0f} GB of memory, {free / 1e9:.0f} GB are"
        " free; use --limit for fewer images, or fewer --jobs"
    )


def _free_memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        values = dict(line.split(":") for line in lines)
        return int(values["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):  # not Linux: the whole memory
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
