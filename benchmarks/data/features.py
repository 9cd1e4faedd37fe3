"""From a table to the vectors of its pictures: extracted, or ready in the data set."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...features import View, extract_features, progress_bar, split_views
from ..utils import InputError
from .tables import LabelTable


@dataclass(frozen=True)
class Vectors:
    """The vectors of the pictures that could be read, and what is told of the others.

    Attributes
    ----------
    X : array of shape (n_readable, n_features)
    table : LabelTable
        The readable pictures, row by row.
    recipe, extraction : dict
        How the vectors came about, for `results.json`.
    skipped : list of dict
        "image", "where" and "reason" of every picture without a vector.
    digests : list of str or None
        The sha256 of each readable picture; None for ready features.
    """

    X: NDArray[np.float32]
    table: LabelTable
    recipe: dict[str, Any]
    extraction: dict[str, Any]
    skipped: list[dict[str, str]]
    digests: list[str] | None = None


def load_vectors(table: LabelTable, *, progress: bool = False, **options: Any) -> Vectors:
    """Take the vectors that a data set brings, or else those that `extract_features` gives.

    Parameters
    ----------
    table : LabelTable
    progress : bool
        Show a bar.
    **options
        As `catnocat.features.extract_features` takes them.

    Raises
    ------
    InputError
        If a view keeps regions: here a picture has one vector.
    catnocat.features.FeatureError
    """
    if table.X is not None:
        recipe = {"backbone": "ready features", "source": table.source}
        told = {"dimension": int(table.X.shape[1]), "computed_now": 0, "seconds": 0.0}
        return Vectors(table.X, table, recipe, told, [])
    _refuse_regions(options.get("views", ()))
    with progress_bar("features", show=progress) as bar:
        found = extract_features(table.paths, progress=bar, **options)
    skipped = [
        {"image": table.images[row], "where": table.where(row), "reason": reason}
        for row, (_, reason) in zip(np.flatnonzero(~found.readable), found.skipped, strict=True)
    ]
    told = {
        "dimension": int(np.prod(found.X.shape[1:])),
        "computed_now": found.computed,
        "seconds": round(found.seconds, 3),
    }
    recipe = json.loads(found.recipe.to_json())
    digests = [digest for digest in found.digests if digest is not None]
    return Vectors(found.X, table.take(found.readable), recipe, told, skipped, digests)


def _refuse_regions(views: str | Sequence[str]) -> None:
    text = views if isinstance(views, str) else ",".join(views)
    for view in split_views(text.replace(";", ","), 1)[0]:  # the views of all networks
        if View.parse(view).keeps_regions:
            raise InputError(
                f"--views {view}: keeps a vector for each region, where a picture is to have one;"
                " leave /keep out (the method 'regions' brings its own)."
            )
