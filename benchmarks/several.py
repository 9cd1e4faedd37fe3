"""Several data sets, one comparison each, and all of them on one page."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from .analysis import MIN_EFFECT, PURPOSES, PurposeCode
from .benchmark import bench
from .evaluation import BenchOptions
from .metrics import METRICS, Metric
from .report import write_joint_reports
from .report.text import FINDING, task
from .significance import bayesian_signed_rank, compare_ranks
from .utils import InputError, create_output_folder, translate_write_errors, write_json

LIKELY = 0.5  # probability; below, no method is called likely to be better
MIN_DATASETS = 5  # with fewer, ranks hardly differ significantly
SIGNIFICANCE_LEVEL = 0.05


def across(comparisons: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Compare methods over data sets.

    Parameters
    ----------
    comparisons : sequence of dict
        The results of each data set, as `bench` gives them.

    Returns
    -------
    dict
        ``"ranks"``: by metric, what `compare_ranks` finds, None where fewer than two methods have a
        figure on every data set; ``"signed_ranks"``: by metric, a dictionary per method of
        ``"name"``, ``"reference"`` and what `bayesian_signed_rank` finds; ``"rope"``; ``"answer"``.
    """
    entries = [_fitted(one) for one in comparisons]
    names = list(dict.fromkeys(name for one in entries for name in one))
    found: dict[str, Any] = {
        "ranks": {metric.key: _ranks(entries, names, metric) for metric in METRICS.values()},
        "signed_ranks": {
            metric.key: _signed_ranks(entries, names, metric) for metric in METRICS.values()
        },
        "rope": MIN_EFFECT,
    }
    return found | {"answer": _answer(comparisons, found)}


def _fitted(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the methods by name, without the baseline: it is no rival and has no rank."""
    return {
        entry["name"]: entry
        for entry in results["methods"]
        if "failed" not in entry and entry["kind"] != "baseline"
    }


def _ranks(
    entries: Sequence[dict[str, dict[str, Any]]], names: Sequence[str], metric: Metric
) -> dict[str, Any] | None:
    values = np.array(
        [[_figure(one.get(name), metric.key) for name in names] for one in entries], dtype=float
    )
    values = values.reshape(len(entries), len(names))
    if len(entries) < 2 or (~np.isnan(values).any(axis=0)).sum() < 2:
        return None
    return compare_ranks(values, names, higher_is_better=metric.direction > 0)


def _figure(entry: dict[str, Any] | None, key: str) -> float:
    value = None if entry is None else entry["metrics"].get(key)
    return float("nan") if value is None else float(value)


def _signed_ranks(
    entries: Sequence[dict[str, dict[str, Any]]], names: Sequence[str], metric: Metric
) -> list[dict[str, Any]]:
    told = []
    for name in names:
        differences, reference = [], None
        for one in entries:
            against = (one.get(name) or {}).get("against_independent") or {}
            difference = (against.get(metric.key) or {}).get("difference")
            if difference is not None:
                differences.append(metric.gain(difference))
                reference = one[name]["reference"]
        if len(differences) > 1:
            probabilities = bayesian_signed_rank(differences, rope=MIN_EFFECT)
            told.append({"name": name, "reference": reference} | probabilities)
    return told


def _answer(comparisons: Sequence[dict[str, Any]], found: dict[str, Any]) -> str:
    """Return the joint answer: how often each verdict was reached, ranks, and signed ranks."""
    sentences = [_counts(comparisons, key) for key in PURPOSES]
    ranks = found["ranks"][FINDING]
    if ranks is not None:
        sentences.append(_rank_sentence(ranks))
    joint = {e["name"] for one in comparisons for e in one["methods"] if e["kind"] == "joint"}
    signed = [entry for entry in found["signed_ranks"][FINDING] if entry["name"] in joint]
    if signed:
        sentences.append(
            _signed_rank_sentence(max(signed, key=lambda entry: (entry["right"], entry["rope"])))
        )
    if len(comparisons) < MIN_DATASETS:
        sentences.append(
            f"With {len(comparisons)} data sets these ranks and probabilities mean little: read the"
            " comparison of each data set first."
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _counts(comparisons: Sequence[dict[str, Any]], key: str) -> str:
    """Count the data sets by the verdict on one purpose."""
    codes = Counter(PurposeCode(one["verdicts"][key]["code"]) for one in comparisons)
    n, title = len(comparisons), f"For {task(key, 'image')}"
    parts = []
    for phrase, counted in _COUNTED.items():
        if many := sum(codes[code] for code in counted):
            parts.append(f"{phrase} on {many} of {n} data sets")
    return f"{title}: {'; '.join(parts)}."


_COUNTED = {
    "joint methods are better than cat/no-cat": (PurposeCode.JOINT_BETTER,),
    f"joint methods are better by less than {MIN_EFFECT}": (PurposeCode.JOINT_SLIGHTLY_BETTER,),
    "cat/no-cat is good enough": (
        PurposeCode.INDEPENDENT_BETTER,
        PurposeCode.INDEPENDENT_SUFFICES,
    ),
    "neither is shown": (PurposeCode.NOT_SHOWN, PurposeCode.TOO_FEW_POSITIVES),
    "no method is better than a constant answer": (PurposeCode.USELESS,),
    "nothing was compared": (PurposeCode.NOT_COMPARED, PurposeCode.NOT_MEASURED),
}


def _rank_sentence(ranks: dict[str, Any]) -> str:
    best, p = ranks["methods"][0], ranks["friedman"]["p"]
    if p >= SIGNIFICANCE_LEVEL:
        return (
            f"The mean ranks of the methods do not differ significantly (Friedman test, p ="
            f" {p:.2g}); {best['name']} comes first."
        )
    critical = ranks["critical_difference"]
    if critical > len(ranks["methods"]) - 1:
        apart = "but with so few data sets no two methods can differ significantly"
    else:
        apart = f"and two methods differ significantly if their ranks differ by {critical:.1f}"
    return (
        f"By macro AP {best['name']} has the best mean rank ({best['rank']:.1f} among"
        f" {len(ranks['methods'])} methods), {apart}."
    )


def _signed_rank_sentence(entry: dict[str, Any]) -> str:
    if entry["right"] < LIKELY:
        return (
            f"No joint method is better than its independent counterpart by more than {MIN_EFFECT}"
            f" with a probability above {entry['right']:.0%}."
        )
    return (
        "The joint method most likely to be better than its independent counterpart is"
        f" {entry['name']}: better than {entry['reference']} by more than {MIN_EFFECT} with a"
        f" probability of {entry['right']:.0%}, practically equal with {entry['rope']:.0%}, and"
        f" worse with {entry['left']:.0%}."
    )


def bench_several(
    datasets: Sequence[str | Path], *, out: str | Path | None = None, **options: Any
) -> dict[str, Any]:
    """Compare multi-label classifiers on each of several data sets, and over all of them.

    Parameters
    ----------
    datasets : sequence of str or Path
        At least two, each as `bench` takes it.
    out : path or None
        Folder for `results.json`, `report.html` and `report.md` of all together; those of each data
        set go into a folder in it, see `folder_names`. None writes nothing.
    **options
        As `bench` takes them, the same for all.

    Returns
    -------
    dict
        ``"datasets"``: what `bench` gives, one each; and what `across` gives.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    if len({str(dataset) for dataset in datasets}) < max(2, len(datasets)):
        raise InputError("several data sets are compared once each: name each of them once.")
    asked = BenchOptions(**{key: value for key, value in options.items() if key != "progress"})
    folder = create_output_folder(out)
    if folder is not None:
        folder.mkdir(exist_ok=True)
    try:
        comparisons = [
            bench(dataset, out=None if folder is None else folder / name, **options)
            for dataset, name in zip(datasets, folder_names(datasets), strict=True)
        ]
    except BaseException:
        if folder is not None:
            with suppress(OSError):  # it holds results of other data sets
                folder.rmdir()
        raise
    results: dict[str, Any] = {"datasets": comparisons} | across(comparisons)
    results["command"] = asked.command(*datasets)
    if folder is not None:
        with translate_write_errors(folder):
            write_json(folder / "results.json", results)
            write_joint_reports(results, folder)
    return results


def folder_names(datasets: Sequence[str | Path]) -> list[str]:
    """Give each data set's folder a name that tells which it is.

    Most tables are called labels: their folder's name tells more.

    Examples
    --------
    >>> folder_names(["menagerie", "pets/labels.csv", "cars.csv.gz"])
    ['1-menagerie', '2-pets', '3-cars']
    """
    names = []
    for number, dataset in enumerate(datasets, start=1):
        path = Path(dataset)
        stem = path.name.partition(".")[0]
        if stem.lower() in _COMMON:
            stem = path.absolute().parent.name
        names.append(f"{number}-{''.join(_plain(letter) for letter in stem) or 'data'}")
    return names


_COMMON = ("", "labels", "data", "annotations", "train", "test")


def _plain(letter: str) -> str:
    """Keep what any file system and any shell takes."""
    return letter if letter.isalnum() or letter in "-_" else "-"
