"""Whole-set accuracy by the number of labels of an image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ..data.tables import LabelTable
from ..evaluation import MethodResult, exact_matches

Array = NDArray[Any]

LEVEL = 0.95
BANDS = ((0, 0, "0"), (1, 1, "1"), (2, 2, "2"), (3, None, "3 or more"), (2, None, "2 or more"))
"""From, up to, and the name in the report."""


def accuracy_by_label_count(
    method_results: Sequence[MethodResult], test: LabelTable
) -> dict[str, Any]:
    """Compute each method's subset accuracy among images of one label, of two, and of more.

    A method can gain in subset accuracy on images of a single label alone, as by never predicting
    an empty label set. That says nothing about images of several labels, so both are shown.

    Parameters
    ----------
    method_results : sequence of MethodResult
    test : LabelTable
        The images that the method_results are about, row by row.

    Returns
    -------
    dict
        For `results.json`: ``"bands"``, each with ``"labels"`` and its number of ``"images"``;
        ``"methods"``, by name a list of ``"value"``, ``"low"`` and ``"high"``, one per band: the
        share of images whose known labels are all right, and its Wilson interval at 95 %. Where an
        image was tested more than once, or images belong to groups, the interval is that of as many
        independent images as there are different images or groups.
    """
    seen = test.known.any(axis=1)
    counts = (test.Y & test.known).sum(axis=1)[seen]
    fitted = [method_result for method_result in method_results if not method_result.failed]
    units = _units(fitted, test)[seen]
    bands = []
    for first, last, name in BANDS:
        rows = (counts >= first) & (counts <= (np.inf if last is None else last))
        if rows.any():
            bands.append((name, rows, len(np.unique(units[rows]))))
    images = _images(fitted, test)[seen]
    return {
        "bands": [
            {"labels": name, "images": len(np.unique(images[rows]))} for name, rows, _ in bands
        ],
        "methods": {
            method_result.method.name: [
                _share(right[rows], n_units)
                for right in [exact_matches(method_result.label_sets, test.Y, test.known)]
                for _, rows, n_units in bands
            ]
            for method_result in fitted
        },
    }


def _images(fitted: Sequence[MethodResult], test: LabelTable) -> Array:
    return fitted[0].rows if fitted else np.arange(test.n_images)


def _units(fitted: Sequence[MethodResult], test: LabelTable) -> Array:
    return _images(fitted, test) if test.group is None else np.asarray(test.group)


def _share(right: Array, n_units: int) -> dict[str, float]:
    value = float(right.mean())
    low, high = wilson_interval(value, n_units)
    return {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5)}


def wilson_interval(share: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Compute the confidence interval of a share by Wilson's score method.

    Parameters
    ----------
    share : float
    n : int
        Number of independent trials, at least 1.
    level : float, default=0.95

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22, 1927.

    Examples
    --------
    >>> low, high = wilson_interval(0.5, 100)
    >>> f"{low:.3f} to {high:.3f}"
    '0.404 to 0.596'
    """
    z = float(norm.ppf(0.5 + level / 2))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
