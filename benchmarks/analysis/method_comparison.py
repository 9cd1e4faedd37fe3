"""Figures of each method with intervals, and its comparison with the independent reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from ..data.tables import LabelTable
from ..evaluation import Fold, MethodResult, exact_matches, fold_numbers
from ..evaluation.methods import independent_reference
from ..metrics import Scorecard, scorecard_metrics
from ..significance import ResampledMetrics, resample_metrics
from .results import Estimate, LabelCountAccuracy, MethodEntry

N_RESAMPLES = 2000
MIN_RESAMPLES = 500
MAX_RESAMPLED_VALUES = 1e9
"""Maximum of test images times labels times resamples: about 15 s per method."""

Array = NDArray[Any]


@dataclass(frozen=True)
class ScoredPredictions:
    """Predictions of all methods for the test images, with resamples for intervals.

    Attributes
    ----------
    cards : mapping of str to Scorecard
        Scores by method, without those that failed.
    resampled : ResampledMetrics
        The same on resamples of the images.
    """

    cards: Mapping[str, Scorecard]
    resampled: ResampledMetrics


def resample_results(
    method_results: Sequence[MethodResult],
    test_table: LabelTable,
    *,
    averaged: NDArray[np.bool_] | None = None,
    folds: Sequence[Fold] | None = None,
    relative_test_size: float,
    seed: int = 0,
    n_jobs: int = 1,
    n_resamples: int | None = None,
) -> ScoredPredictions:
    """Compute all metrics of all methods on the test images and on resamples of them.

    Parameters
    ----------
    method_results : sequence of MethodResult
    test_table : LabelTable
        The test images, row by row.
    averaged : array of bool, shape (n_labels,), optional
        False for labels that are too rare for macro averages.
    folds : sequence of Fold, optional
        Folds of the comparison. They show how much of the variance of a difference is due to the
        training images; without them it is derived from `relative_test_size`.
    relative_test_size : float
        Ratio of test to training images of one fit.
    seed : int
        Random seed of the resamples.
    n_jobs : int
        Number of parallel processes.
    n_resamples : int, optional
        Number of resamples; by default see `default_n_resamples`.
    """
    if n_resamples is None:
        n_resamples = default_n_resamples(*test_table.Y.shape)
    fitted = [result for result in method_results if not result.failed]
    cards = {
        result.method.name: Scorecard(
            test_table.Y,
            result.scores,
            result.metric_predictions if result.predictions_by_aim else None,
            test_table.known,
            averaged,
        )
        for result in fitted
    }
    resampled = resample_metrics(
        cards,
        units=_resampling_units(fitted, test_table),
        folds=None if folds is None else fold_numbers(folds),
        relative_test_size=relative_test_size,
        n_resamples=n_resamples,
        seed=seed,
        n_jobs=n_jobs,
    )
    return ScoredPredictions(cards, resampled)


def default_n_resamples(n_images: int, n_labels: int) -> int:
    """Return the number of resamples that bounds the time of the bootstrap.

    With many images the intervals are narrow, and 500 resamples suffice: the standard error of
    their width is about 3 %.

    Examples
    --------
    >>> default_n_resamples(5_000, 20), default_n_resamples(12_500, 80)
    (2000, 1000)
    >>> default_n_resamples(100_000, 80)
    500
    """
    affordable = int(MAX_RESAMPLED_VALUES // max(1, n_images * n_labels))
    return min(N_RESAMPLES, max(MIN_RESAMPLES, affordable))


def build_method_entries(
    method_results: Sequence[MethodResult], scored: ScoredPredictions
) -> list[MethodEntry]:
    """Build section "methods" of `results.json`.

    Parameters
    ----------
    method_results : sequence of MethodResult
    scored : ScoredPredictions
        See `resample_results`.

    Returns
    -------
    list of MethodEntry
        One entry per method, in the same order.
    """
    methods = [result.method for result in method_results if not result.failed]
    references = {method.name: independent_reference(method, methods) for method in methods}
    differences = scored.resampled.against(
        {
            name: reference.name
            for name, reference in references.items()
            if reference and reference.name != name
        }
    )
    entries: list[dict[str, Any]] = []
    for result in method_results:
        method = result.method
        description: dict[str, Any] = {
            "name": method.name,
            "kind": method.kind,
            "base": method.base,
            "about": method.about,
        }
        if result.failed:
            entries.append(description | {"failed": result.failed})
            continue
        reference, card = references[method.name], scored.cards[method.name]
        entry = description | {
            "metrics": scorecard_metrics(card),
            "intervals": scored.resampled.intervals(method.name),
            "per_label": {
                name: [_rounded(value, 5) for value in values]
                for name, values in card.per_label().items()
            },
            "reference": None if reference is None else reference.name,
            "same_base": reference is not None and reference.base == method.base,
            "against_independent": differences.get(method.name),
            **result.cost_entry(),
            "chosen": [
                {name.rpartition("__")[2]: value for name, value in parameters.items()}
                for parameters in result.chosen
            ],
            "set_rules": [rule.to_dict() for rule in result.set_rules],
            "warnings": result.warnings,
        }
        entries.append(entry | ({"features": result.features} if result.features else {}))
    return cast(list[MethodEntry], entries)


def _resampling_units(fitted: Sequence[MethodResult], test_table: LabelTable) -> Any:
    """Return the unit of each row: its group, or the image over all repeats."""
    if test_table.group is not None or not fitted:
        return test_table.group
    return fitted[0].rows


def _rounded(value: float, digits: int) -> float | None:
    return None if value != value else round(float(value), digits)


LEVEL = 0.95
LABEL_COUNTS = (
    (0, 0, "0"),
    (1, 1, "1"),
    (2, 2, "2"),
    (3, None, "3 or more"),
    (2, None, "2 or more"),
)
"""Smallest and largest number of labels of each group of images, and its name."""


def accuracy_by_label_count(
    method_results: Sequence[MethodResult], test_table: LabelTable
) -> LabelCountAccuracy:
    """Compute the subset accuracy of each method by the true number of labels.

    A method can gain in subset accuracy on images of one label only, for example by never
    predicting an empty label set. That says nothing about images of several labels.

    Parameters
    ----------
    method_results : sequence of MethodResult
    test_table : LabelTable
        The test images, row by row.

    Returns
    -------
    LabelCountAccuracy
        The share of images whose known labels are all correct, with Wilson's interval. If an image
        was tested more than once, or images belong to groups, the interval is that of as many
        independent images as there are different images or groups.
    """
    has_truth = test_table.known.any(axis=1)
    n_labels = (test_table.Y & test_table.known).sum(axis=1)[has_truth]
    fitted = [result for result in method_results if not result.failed]
    images = (fitted[0].rows if fitted else np.arange(test_table.n_images))[has_truth]
    units = images if test_table.group is None else np.asarray(test_table.group)[has_truth]
    bands = []
    for first, last, name in LABEL_COUNTS:
        rows = (n_labels >= first) & (n_labels <= (np.inf if last is None else last))
        if rows.any():
            bands.append((name, rows))
    shares = {}
    for result in fitted:
        correct = exact_matches(result.label_sets, test_table.Y, test_table.known)
        shares[result.method.name] = [
            _share(correct[rows], len(np.unique(units[rows]))) for _, rows in bands
        ]
    return {
        "bands": [{"labels": name, "images": len(np.unique(images[rows]))} for name, rows in bands],
        "methods": shares,
    }


def _share(correct: Array, n_units: int) -> Estimate:
    value = float(correct.mean())
    low, high = wilson_interval(value, n_units)
    return {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5)}


def wilson_interval(share: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Compute the confidence interval of a share by Wilson's score method [1]_.

    Parameters
    ----------
    share : float
    n : int
        Number of independent trials, at least 1.
    level : float, default=0.95

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22, 1927.

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
