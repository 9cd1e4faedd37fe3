"""Which method to take: of those that are as good as the best, one that costs little."""

from collections.abc import Mapping, Sequence
from typing import Any

from .best import PURPOSES
from .metrics import METRICS

MATTERS = 0.01  # of either purpose's figure: a smaller difference is nothing to change a method for
AT_MOST = 0.02  # nothing is as good that falls short by more, however little the pictures can tell
TIMES = 2.0  # what takes no longer than this many times the quickest costs as much

Entry = Mapping[str, Any]


def recommend(results: Mapping[str, Any]) -> dict[str, Any]:
    """Name the method to take for each purpose, one for both where one is as good for both.

    In this order, as `docs/protocol.md` tells it to who is given the answer:

    1. Joint methods come into question only where one is shown to be better.
    2. As good as the best is what falls short of it by less than .01; or by less than .02, if that
       is less than one standard error of the difference [1]_.
    3. What is as good for both purposes goes before what is so for one.
    4. Independent methods go before joint ones.
    5. What takes at most twice as long as the quickest, from pictures to answers.
    6. Of these the one with the highest figure.

    Parameters
    ----------
    results : mapping
        The content of `results.json` so far: its methods, the best of each kind, and what a
        picture's vector costs.

    Returns
    -------
    dict
        For each of `PURPOSES`, where there is something to take: ``"take"``, the method's name;
        ``"as_good"``: the names of all that are as good, and ``"seconds"`` of each.

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
    }  # fmt: skip
    seconds = {
        entry["name"]: seconds_to_answers(entry, results)
        for found in as_good.values()
        for entry in found
    }
    for_both = [e for e in as_good[PURPOSES[0]] if e in as_good[PURPOSES[1]]]
    return {
        key: {
            "take": _choose(for_both or found, PURPOSES[0] if for_both else key, seconds)["name"],
            "as_good": [entry["name"] for entry in found],
            "seconds": {entry["name"]: round(seconds[entry["name"]], 3) for entry in found},
        }
        for key, found in as_good.items()
        if found
    }


def seconds_to_answers(entry: Entry, results: Mapping[str, Any]) -> float:
    """Give the time from pictures to answers: their vectors, choosing, learning, and answering.

    Examples
    --------
    >>> entry = {"choose_seconds": 4.0, "fit_seconds": 2.0, "chosen": [{}, {}],
    ...          "predict_ms_per_image": 1.0}
    >>> results = {"protocol": {"images_trained_on": 900, "images_judged": 100},
    ...            "cost": {"features": {"ms_per_image": 5.0}}}
    >>> seconds_to_answers(entry, results)  # 1000 pictures' vectors, one of two folds, 100 answers
    8.1
    """
    protocol, features = results["protocol"], results["cost"]["features"]
    judged = protocol["images_judged"]
    pictures = protocol["images_trained_on"] + judged
    vectors = pictures * features["ms_per_image"] / 1000 if features else 0.0
    learning = (entry["choose_seconds"] + entry["fit_seconds"]) / max(1, len(entry["chosen"]))
    return float(vectors + learning + judged * entry["predict_ms_per_image"] / 1000)


def _as_good(by: float, error: float) -> bool:
    return by < max(MATTERS, min(AT_MOST, error))


def _choose(among: Sequence[Entry], key: str, seconds: Mapping[str, float]) -> Entry:
    independent = [entry for entry in among if entry["kind"] == "independent"] or among
    quickest = min(seconds[entry["name"]] for entry in independent)
    quick = [entry for entry in independent if seconds[entry["name"]] <= TIMES * quickest]
    return max(quick, key=lambda entry: METRICS[key].gain(entry["metrics"][key]))
