"""What a picture costs before any method sees it: reading, scaling, and the network."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from ...features import FeatureError, open_features
from ..data.tables import LabelTable
from ..evaluation import BenchOptions

WARM, BATCH, ALONE = 8, 32, 5  # pictures


def time_features(table: LabelTable, asked: BenchOptions) -> dict[str, float] | None:
    """Time the making of vectors on some pictures, whatever is stored.

    Parameters
    ----------
    table : LabelTable
    asked : BenchOptions
        What the features are.

    Returns
    -------
    dict or None
        ``"ms_per_image"`` of 32 pictures in one go, ``"ms_alone"``, the median of 5 one by one;
        None where there are no pictures, or the network is not at hand.
    """
    if table.X is not None:
        return None
    names = ("backbone", "weights", "views", "engine", "precision")
    options = {name: getattr(asked, name) for name in names}
    some = list(table.paths[: WARM + BATCH + ALONE])
    first, batch, alone = some[:WARM], some[WARM : WARM + BATCH], some[WARM + BATCH :]
    if not alone:
        return None
    try:
        with open_features(**options, keep=False) as features:
            if not features.extract(first).readable.all():  # loads the network
                return None
            together = _seconds(lambda: features.extract(batch))
            singles = [_seconds(partial(features.extract, [path])) for path in alone]
    except (FeatureError, OSError):
        return None  # a backbone that only stands in the store, or pictures that have gone
    return {
        "ms_per_image": round(1000 * together / len(batch), 3),
        "ms_alone": round(1000 * median(singles), 3),
    }


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
