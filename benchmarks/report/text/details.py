"""Background of the answer: further sentences, derived from the figures alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...analysis import MIN_EFFECT, PURPOSES, PurposeCode
from ...metrics import METRICS
from ...utils import format_duration, join_names, unit_name
from .answer import is_usable
from .verdict import METRIC_NAMES, amount, task, value

FINDING, LABEL_SETS = PURPOSES
MIN_GROWTH = 1.5  # times as many test images; below, the number wanted is not worth a sentence

Entry = Mapping[str, Any]
Results = Mapping[str, Any]


def details(results: Results) -> list[str]:
    """Return what the answer leaves out.

    Parameters
    ----------
    results : mapping
        The content of `results.json`, with ``"verdicts"`` and ``"recommended"``.

    Returns
    -------
    list of str
        For each purpose how much better a joint method could be; whether seeing all labels helps
        the same base learner; the reasons of the recommendation; and how many test images would
        show a difference. Empty where nothing was compared.
    """
    if not any(results["best"][key]["found"] for key in PURPOSES):
        return []
    fitted = {entry["name"]: entry for entry in results["methods"] if "failed" not in entry}
    asked = [key for key in PURPOSES if results["verdicts"][key]["code"] in _COMPARED]
    sentences = (
        *(_at_most(results, key) for key in asked),
        _same_base(results, fitted) if FINDING in asked else "",
        *_reasons(results, fitted),
        *(_images_needed(results, key) for key in asked),
    )
    return [sentence for sentence in sentences if sentence]


_COMPARED = (
    PurposeCode.JOINT_BETTER,
    PurposeCode.JOINT_SLIGHTLY_BETTER,
    PurposeCode.INDEPENDENT_BETTER,
    PurposeCode.INDEPENDENT_SUFFICES,
    PurposeCode.NOT_SHOWN,
)


def _at_most(results: Results, key: str) -> str:
    best = results["best"][key]
    at_most = best["at_most"]
    if not at_most or best["found"]["verdict"] == "better":
        return ""
    metric = METRIC_NAMES[key]
    if at_most["high"] <= 0:
        return (
            f"The {metric} of every joint method is below that of {best['independent']}, by the"
            " whole 95 % confidence interval."
        )
    return (
        f"By the 95 % confidence intervals, no joint method exceeds the {metric} of"
        f" {best['independent']} by more than {amount(at_most['high'], key)} (upper end for"
        f" {at_most['name']})."
    )


def _same_base(results: Results, fitted: Mapping[str, Entry]) -> str:
    """Tell the effect of seeing all labels apart from that of another base learner."""
    best = results["best"][FINDING]
    joint = fitted[best["joint"]]
    own = (joint["against_independent"] or {}).get(FINDING)
    if joint["reference"] == best["independent"] or not own or own["verdict"] != "better":
        return ""
    gain = (
        f"{joint['name']} gains {own['difference']:.3f} of macro AP over {joint['reference']}, its"
        " independent counterpart"
    )
    if best["found"]["verdict"] == "better":
        return f"{gain}."
    return f"{gain}, but an independent method with another base learner is as good."


def _reasons(results: Results, fitted: Mapping[str, Entry]) -> Iterator[str]:
    """Yield why each recommended method is recommended, in the order of the rule."""
    taken, unit = results["recommended"], unit_name(results)
    for name in dict.fromkeys(choice["take"] for choice in taken.values()):
        purposes = [key for key, choice in taken.items() if choice["take"] == name]
        if not any(is_usable(results, key) for key in purposes):
            continue
        tasks = " and ".join(task(key, unit) for key in purposes)
        learning = fitted[name]["choose_cpu_seconds"] + fitted[name]["fit_cpu_seconds"]
        learning /= max(1, len(fitted[name]["chosen"]))
        yield " ".join(
            [
                f"{name} is recommended for {tasks}.",
                *(_competitors(results, fitted, name, key) for key in purposes),
                f"From {unit}s to predictions it took"
                f" {format_duration(taken[purposes[0]]['seconds'][name])} s of processor time,"
                f" {format_duration(learning)} s of which for model selection and fitting.",
            ]
        )


def _competitors(results: Results, fitted: Mapping[str, Entry], name: str, key: str) -> str:
    """Say which methods are as good by the rule, and which are level or ahead but not eligible."""
    as_good = [other for other in results["recommended"][key]["as_good"] if other != name]
    level = [
        other
        for other in _not_eligible(results, fitted, key)
        if METRICS[key].gain(fitted[other]["metrics"][key] - fitted[name]["metrics"][key])
        > -MIN_EFFECT
    ]
    said = []
    if as_good:
        said.append(
            f"By {METRIC_NAMES[key]}, {join_names(as_good)} {'is' if len(as_good) == 1 else 'are'}"
            " as good by the rule."
        )
    if level:
        figures = [f"{other} ({value(fitted[other], key)})" for other in level]
        said.append(
            f"{join_names(figures)} {'is' if len(level) == 1 else 'are'} level or ahead in"
            f" {METRIC_NAMES[key]}, but not eligible: not shown to be better than the best"
            " independent method."
        )
    near = [
        other
        for other, entry in fitted.items()
        if other != name
        and entry["kind"] != "baseline"
        and entry["metrics"][key] is not None
        and METRICS[key].gain(entry["metrics"][key] - fitted[name]["metrics"][key]) > -MIN_EFFECT
    ]
    if not near:
        said.append(f"No other method is within {MIN_EFFECT} in {METRIC_NAMES[key]}.")
    return " ".join(said)


def _not_eligible(results: Results, fitted: Mapping[str, Entry], key: str) -> list[str]:
    """Return the fitted methods that the rule leaves out, the best first."""
    detectors = {detector["name"] for detector in results.get("detectors") or ()}
    names = [
        name
        for name, entry in fitted.items()
        if entry["kind"] == "joint"
        and name not in detectors
        and name not in results["best"][key]["behind"]
        and entry["metrics"][key] is not None
    ]
    return sorted(names, key=lambda name: -METRICS[key].gain(fitted[name]["metrics"][key]))


def _images_needed(results: Results, key: str) -> str:
    """Say about how many test images would show a difference, where none is shown."""
    found, n_test = results["best"][key]["found"], results["protocol"]["images_judged"]
    if results["verdicts"][key]["code"] != PurposeCode.NOT_SHOWN or found["low"] is None:
        return ""
    # The interval narrows with the square root of the number of images.
    half_width = (found["high"] - found["low"]) / 2
    needed = n_test * max(1.0, half_width / MIN_EFFECT) ** 2
    if needed <= MIN_GROWTH * n_test:
        return ""
    return (
        f"To show a difference of {amount(MIN_EFFECT, key)} in {METRIC_NAMES[key]}, about"
        f" {float(f'{needed:.1g}'):,.0f} test {unit_name(results)}s would be needed."
    )
