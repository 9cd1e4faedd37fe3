"""Recommended method per purpose: among those as good as the best, one that costs little."""

from collections.abc import Mapping, Sequence

from ..metrics import METRICS
from .best_methods import PURPOSES
from .results import BestMethods, MethodEntry, Recommendation, Shortfall

MIN_EFFECT = 0.01
"""Smallest difference in the figure of a purpose that is a reason to change methods."""
MAX_SHORTFALL = 0.02
"""A method that falls short by more is never as good, for any standard error."""
MAX_SLOWDOWN = 2.0
"""A method up to this many times as slow as the fastest one costs as much."""


def recommend(
    entries: Sequence[MethodEntry],
    best: Mapping[str, BestMethods],
    usable: Sequence[str],
    *,
    n_train: int,
    n_test: int,
    cpu_ms_per_image: float = 0.0,
) -> dict[str, Recommendation]:
    """Choose a method for each purpose.

    The rule, step by step (docs/protocol.md explains it):

    1. Joint methods are eligible only if the best of them is significantly better.
    2. A method is as good as the best if it falls short of it by less than 0.01; or by less than
       0.02, if that is less than one standard error of the difference [1]_.
    3. A method that is as good for both purposes takes precedence over one that is so for one.
    4. Independent methods take precedence over joint ones.
    5. Methods are kept that take at most twice the processor time of the fastest, from images to
       predictions. Processor time, because a busy machine can multiply the wall time of a fit.
    6. Of these, the method with the highest figure is recommended.

    Parameters
    ----------
    entries : sequence of MethodEntry
    best : mapping
        See `catnocat.benchmarks.analysis.find_best`.
    usable : sequence of str
        Purposes at which some method is better than the constant baseline. For other purposes no
        method is recommended.
    n_train, n_test : int
        Number of training images per fold and of test images.
    cpu_ms_per_image : float
        Processor time of the feature extraction per image.

    Returns
    -------
    dict
        By purpose. A purpose without an eligible method is left out.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen and C. Stone, "Classification and Regression Trees",
       1984, section 3.4.3: the rule of one standard error.
    """
    by_name = {entry["name"]: entry for entry in entries}
    equivalent = {
        key: [
            by_name[name]
            for name, shortfall in best[key]["shortfall"].items()
            if _is_equivalent(shortfall)
        ]
        for key in PURPOSES
        if key in usable
    }
    seconds = {
        entry["name"]: total_cpu_seconds(entry, n_train, n_test, cpu_ms_per_image)
        for group in equivalent.values()
        for entry in group
    }
    first, *others = equivalent.values() or [[]]
    for_both = [entry for entry in first if all(entry in other for other in others)]
    main_purpose = next(iter(equivalent), PURPOSES[0])
    return {
        key: {
            "method": _choose(for_both or group, main_purpose if for_both else key, seconds),
            "equivalent": [entry["name"] for entry in group],
            "seconds": {entry["name"]: round(seconds[entry["name"]], 3) for entry in group},
        }
        for key, group in equivalent.items()
        if group
    }


def total_cpu_seconds(
    entry: MethodEntry, n_train: int, n_test: int, cpu_ms_per_image: float
) -> float:
    """Compute the processor time of features, model selection, one fit and prediction.

    Examples
    --------
    >>> entry = {"choose_cpu_seconds": 4.0, "fit_cpu_seconds": 2.0, "chosen": [{}, {}],
    ...          "predict_cpu_ms_per_image": 1.0}
    >>> total_cpu_seconds(entry, 900, 100, 5.0)  # 1000 vectors, one of two folds, 100 predictions
    8.1
    """
    features = (n_train + n_test) * cpu_ms_per_image / 1000
    predicting = n_test * (entry["predict_cpu_ms_per_image"] or 0.0) / 1000
    return float(features + fitting_cpu_seconds(entry) + predicting)


def fitting_cpu_seconds(entry: MethodEntry) -> float:
    """Return the processor time of model selection and fitting in one fold.

    Examples
    --------
    >>> fitting_cpu_seconds({"choose_cpu_seconds": 4.0, "fit_cpu_seconds": 2.0, "chosen": [{}, {}]})
    3.0
    """
    seconds = (entry["choose_cpu_seconds"] or 0.0) + (entry["fit_cpu_seconds"] or 0.0)
    return seconds / max(1, len(entry["chosen"]))


def _is_equivalent(shortfall: Shortfall) -> bool:
    return shortfall["value"] < max(MIN_EFFECT, min(MAX_SHORTFALL, shortfall["standard_error"]))


def _choose(group: Sequence[MethodEntry], key: str, seconds: Mapping[str, float]) -> str:
    preferred = [entry for entry in group if entry["kind"] == "independent"] or group
    fastest = min(seconds[entry["name"]] for entry in preferred)
    fast = [entry for entry in preferred if seconds[entry["name"]] <= MAX_SLOWDOWN * fastest]
    return max(fast, key=lambda entry: METRICS[key].gain(entry["metrics"][key] or 0.0))["name"]
