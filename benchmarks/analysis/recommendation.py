"""Recommend a method per purpose: of those that are as good as the best, one that costs little."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..metrics import METRICS
from .best_methods import PURPOSES

MIN_EFFECT = 0.01  # of either purpose's figure: a smaller difference is no reason to change methods
MAX_SHORTFALL = 0.02  # a method that falls short by more is never as good, whatever its error
MAX_SLOWDOWN = 2.0  # a method up to this many times as slow as the fastest costs as much

Entry = Mapping[str, Any]


def recommend(results: Mapping[str, Any]) -> dict[str, Any]:
    """Choose the method to take for each purpose, one for both where one is as good for both.

    The rule, step by step (`docs/protocol.md` explains it):

    1. Joint methods are eligible only where the best of them is significantly better.
    2. A method is as good as the best if it falls short of it by less than 0.01; or by less than
       0.02, if that is less than one standard error of the difference [1]_.
    3. A method that is as good for both purposes goes before one that is so for one.
    4. Independent methods go before joint ones.
    5. Methods stay that take at most twice the processor time of the fastest, from images to
       predictions.
    6. Of these the one with the highest figure is taken.

    No method is recommended for a purpose at which none is better than the constant baseline.

    Parameters
    ----------
    results : mapping
        ``"methods"``, ``"best"``, ``"verdicts"``, ``"protocol"`` and ``"cost"`` of `results.json`.

    Returns
    -------
    dict
        For each of `PURPOSES` with a usable method: ``"take"``, the method's name;
        ``"as_good"``: the names of all that are as good, and the processor ``"seconds"`` of each.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen and C. Stone, "Classification and Regression Trees",
       1984, section 3.4.3: the rule of one standard error.
    """
    entries = {entry["name"]: entry for entry in results["methods"]}
    as_good = {
        key: [entries[name] for name, short in results["best"][key]["behind"].items()
              if _as_good(**short)]
        for key in PURPOSES
        if results.get("verdicts", {}).get(key, {}).get("code") != "useless"
    }  # fmt: skip
    seconds = {
        entry["name"]: processor_seconds(entry, results)
        for found in as_good.values()
        for entry in found
    }
    first, *others = as_good.values() or [[]]
    for_both = [entry for entry in first if all(entry in other for other in others)]
    ranked_by = next(iter(as_good), PURPOSES[0])
    return {
        key: {
            "take": _choose(for_both or found, ranked_by if for_both else key, seconds)["name"],
            "as_good": [entry["name"] for entry in found],
            "seconds": {entry["name"]: round(seconds[entry["name"]], 3) for entry in found},
        }
        for key, found in as_good.items()
        if found
    }


def processor_seconds(entry: Entry, results: Mapping[str, Any]) -> float:
    """Return the processor time of features, model selection, one fit and predictions.

    Processor time, because the wall time of a fit can be several times as long on a busy machine.

    Examples
    --------
    >>> entry = {"choose_cpu_seconds": 4.0, "fit_cpu_seconds": 2.0, "chosen": [{}, {}],
    ...          "predict_cpu_ms_per_image": 1.0}
    >>> results = {"protocol": {"images_trained_on": 900, "images_judged": 100},
    ...            "cost": {"features": {"cpu_ms_per_image": 5.0}}}
    >>> processor_seconds(entry, results)  # 1000 vectors, one of two folds, 100 predictions
    8.1
    """
    protocol, features = results["protocol"], results["cost"]["features"]
    judged = protocol["images_judged"]
    images = protocol["images_trained_on"] + judged
    vectors = images * features["cpu_ms_per_image"] / 1000 if features else 0.0
    learning = (entry["choose_cpu_seconds"] + entry["fit_cpu_seconds"]) / max(
        1, len(entry["chosen"])
    )
    return float(vectors + learning + judged * entry["predict_cpu_ms_per_image"] / 1000)


def _as_good(by: float, error: float) -> bool:
    return by < max(MIN_EFFECT, min(MAX_SHORTFALL, error))


def _choose(among: Sequence[Entry], key: str, seconds: Mapping[str, float]) -> Entry:
    independent = [entry for entry in among if entry["kind"] == "independent"] or among
    quickest = min(seconds[entry["name"]] for entry in independent)
    quick = [entry for entry in independent if seconds[entry["name"]] <= MAX_SLOWDOWN * quickest]
    return max(quick, key=lambda entry: METRICS[key].gain(entry["metrics"][key]))
