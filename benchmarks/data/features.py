"""Feature vectors of the images of a table: extracted, or ready in the data set."""

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
    """Feature vectors of the readable images, and the reasons for the others.

    Attributes
    ----------
    X : array of shape (n_readable, n_features)
    table : LabelTable
        The readable images, in the order of `X`.
    recipe, extraction : dict
        How the vectors were computed, for `results.json`.
    skipped : list of dict
        "image", "where" and "reason" of each image without a vector.
    digests : list of str or None
        The sha256 of each readable image; None for ready features.
    """

    X: NDArray[np.float32]
    table: LabelTable
    recipe: dict[str, Any]
    extraction: dict[str, Any]
    skipped: list[dict[str, str]]
    digests: list[str] | None = None


def load_vectors(table: LabelTable, *, progress: bool = False, **options: Any) -> Vectors:
    """Return the ready features of a data set, or extract those of its images.

    Parameters
    ----------
    table : LabelTable
    progress : bool
        Show a progress bar.
    **options
        See `catnocat.features.extract_features`.

    Raises
    ------
    InputError
        If a view keeps regions.
    catnocat.features.FeatureError
    """
    if table.X is not None:
        recipe = {"backbone": "ready features", "source": table.source}
        extraction = {"dimension": int(table.X.shape[1]), "computed_now": 0, "seconds": 0.0}
        return Vectors(table.X, table, recipe, extraction, [])
    _refuse_regions(options.get("views", ()))
    with progress_bar("features", show=progress) as bar:
        extracted = extract_features(
            table.paths, progress=bar, bit_depth=table.bit_depth, **options
        )
    skipped = [
        {"image": table.images[row], "where": table.where(row), "reason": reason}
        for row, (_, reason) in zip(
            np.flatnonzero(~extracted.readable), extracted.skipped, strict=True
        )
    ]
    extraction = {
        "dimension": int(np.prod(extracted.X.shape[1:])),
        "computed_now": extracted.computed,
        "seconds": round(extracted.seconds, 3),
    }
    recipe = json.loads(extracted.recipe.to_json())
    digests = [digest for digest in extracted.digests if digest is not None]
    return Vectors(
        extracted.X, table.take(extracted.readable), recipe, extraction, skipped, digests
    )


def _refuse_regions(views: str | Sequence[str]) -> None:
    text = views if isinstance(views, str) else ",".join(views)
    for view in split_views(text.replace(";", ","), 1)[0]:  # the views of all networks
        if View.parse(view).keeps_regions:
            raise InputError(
                f"--views {view}: keeps a vector for each region, but each image needs one"
                " vector; remove /keep (the method 'regions' has a view of its own)."
            )
