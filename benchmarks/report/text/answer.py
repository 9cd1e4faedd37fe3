"""The answer as one paragraph, its background, and the fourth step of a comparison."""

from collections.abc import Iterator, Mapping
from typing import cast

from ...analysis import (
    MIN_EFFECT,
    PURPOSES,
    Analysis,
    HeadlineCode,
    MethodEntry,
    PurposeCode,
    Results,
    SignificanceCode,
    fitting_cpu_seconds,
    significance_code,
)
from ...evaluation import BenchOptions, Dataset
from ...metrics import METRICS
from ...utils import format_duration, join_names, unit_name
from .crowding import crowding_summary
from .verdict import (
    FINDING,
    METRIC_NAMES,
    SIGNIFICANCE,
    WITHOUT_FIGURES,
    amount,
    difference,
    fitted_entries,
    purpose_code,
    recommendation_sentence,
    task,
    value,
    verdict_sentences,
)

MIN_GROWTH = 1.5
"""The number of test images needed is stated only if it is this many times as large."""


def summarise(analysis: Analysis, dataset: Dataset, config: BenchOptions) -> Results:
    """Add the text to the figures: the answer, its background, and the next command.

    Parameters
    ----------
    analysis : Analysis
    dataset : Dataset
    config : BenchOptions
        Options of the comparison, for the commands.

    Returns
    -------
    Results
        The content of `results.json`.
    """
    command = next_command = ""
    if dataset.has_path:
        command = config.command(dataset.name)
        recommended = list(analysis["recommended"].values())
        next_command = (
            config.fit_command(dataset.name, recommended[0]["method"])
            if recommended
            else config.data_command(dataset.name)
        )
    text = {
        "answer": answer(analysis),
        "details": details(analysis),
        "command": command,
        "next_command": next_command,
    }
    return cast(Results, {**analysis, **text})


def answer(results: Analysis) -> str:
    """Return the answer as one paragraph.

    It contains the headline, one sentence per purpose, cautions about small test sets, the effect
    of crowding, detectors, failures, and the recommended methods.
    """
    return " ".join([*verdict_sentences(results), *further_sentences(results)])


def further_sentences(results: Analysis) -> Iterator[str]:
    """Generate the answer after the verdict: crowding, detectors, failures, recommendation."""
    code = results["verdicts"]["headline"]["code"]
    if code in WITHOUT_FIGURES:
        return
    if code != HeadlineCode.NOTHING_USABLE:
        if summary := crowding_summary(results["crowding"]):
            yield summary
        yield from _detectors(results)
    yield from failure_sentences(results)
    if code != HeadlineCode.NOTHING_COMPARED:
        yield recommendation_sentence(results)


def failure_sentences(results: Analysis) -> list[str]:
    """Return a sentence that names the methods that failed, if any."""
    failed = [entry["name"] for entry in results["methods"] if "failed" in entry]
    return [f"Failed and not compared: {join_names(failed)}."] if failed else []


def _detectors(results: Analysis) -> Iterator[str]:
    fitted = fitted_entries(results)
    for detector in results["detectors"]:
        entry = fitted.get(detector["name"])
        comparison = ((entry and entry["against_independent"]) or {}).get(FINDING)
        if not entry or not comparison or comparison["difference"] is None:
            continue
        unit, code = unit_name(results), significance_code(comparison)
        certainty = (
            "significant" if code == SignificanceCode.WORSE else SIGNIFICANCE[code]
        ).format(p="", unit=unit)
        cost = detector["ms_per_image"]
        yield (
            f"The detector {entry['name']} reaches a macro AP of {value(entry, FINDING)}:"
            f" {difference(comparison, FINDING)} compared with {entry['reference']}, {certainty}"
            + (f"; it takes {format_duration(cost)} ms per {unit}." if cost else ".")
        )


def details(results: Analysis) -> list[str]:
    """Return the background of the answer.

    Returns
    -------
    list of str
        For each purpose the largest possible gain of a joint method; whether seeing all labels
        helps the same base learner; the reasons of the recommendation; and how many test images
        would show a difference. Empty if nothing was compared.
    """
    if not any(results["best"][key]["comparison"] for key in PURPOSES):
        return []
    fitted = fitted_entries(results)
    compared = [key for key in PURPOSES if purpose_code(results, key) in _COMPARED]
    sentences = (
        *(_upper_bound(results, key) for key in compared),
        _same_base(results, fitted) if FINDING in compared else "",
        *_reasons(results, fitted),
        *(_images_needed(results, key) for key in compared),
    )
    return [sentence for sentence in sentences if sentence]


_COMPARED = (
    PurposeCode.JOINT_BETTER,
    PurposeCode.JOINT_SLIGHTLY_BETTER,
    PurposeCode.INDEPENDENT_BETTER,
    PurposeCode.INDEPENDENT_SUFFICES,
    PurposeCode.NOT_SHOWN,
)


def _upper_bound(results: Analysis, key: str) -> str:
    best = results["best"][key]
    bound, comparison = best["upper_bound"], best["comparison"]
    if not bound or not comparison or comparison["verdict"] == "better":
        return ""
    metric = METRIC_NAMES[key]
    if bound["high"] <= 0:
        return (
            f"The {metric} of every joint method is below that of {best['independent']}, by the"
            " whole 95 % confidence interval."
        )
    return (
        f"By the 95 % confidence intervals, no joint method exceeds the {metric} of"
        f" {best['independent']} by more than {amount(bound['high'], key)} (upper end for"
        f" {bound['name']})."
    )


def _same_base(results: Analysis, fitted: Mapping[str, MethodEntry]) -> str:
    """Separate the effect of seeing all labels from that of another base learner."""
    best = results["best"][FINDING]
    assert best["joint"]
    assert best["comparison"]
    joint = fitted[best["joint"]]
    own = (joint["against_independent"] or {}).get(FINDING)
    if joint["reference"] == best["independent"] or not own or own["verdict"] != "better":
        return ""
    gain = (
        f"{joint['name']} gains {own['difference']:.3f} of macro AP over {joint['reference']}, the"
        " independent method of the same base learner"
    )
    if best["comparison"]["verdict"] == "better":
        return f"{gain}."
    return f"{gain}, but an independent method with another base learner is as good."


def _reasons(results: Analysis, fitted: Mapping[str, MethodEntry]) -> Iterator[str]:
    """Generate the reason of each recommendation, in the order of the rule."""
    recommended, unit = results["recommended"], unit_name(results)
    for name in dict.fromkeys(entry["method"] for entry in recommended.values()):
        purposes = [
            key
            for key, entry in recommended.items()
            if entry["method"] == name and purpose_code(results, key) != PurposeCode.USELESS
        ]
        if not purposes:
            continue
        fitting = fitting_cpu_seconds(fitted[name])
        seconds = recommended[purposes[0]]["seconds"][name]
        yield " ".join(
            [
                f"{name} is recommended for {' and '.join(task(key, unit) for key in purposes)}.",
                *(_competitors(results, fitted, name, key) for key in purposes),
                f"From {unit}s to predictions it took {format_duration(seconds)} s of processor"
                f" time, {format_duration(fitting)} s of which for model selection and fitting.",
            ]
        )


def _competitors(results: Analysis, fitted: Mapping[str, MethodEntry], name: str, key: str) -> str:
    """Return which methods are as good by the rule, and which are not eligible but level."""

    def lead(other: str) -> float:
        own, others = fitted[name]["metrics"][key], fitted[other]["metrics"][key]
        return METRICS[key].gain((others or 0.0) - (own or 0.0))

    sentences = []
    equivalent = [other for other in results["recommended"][key]["equivalent"] if other != name]
    if equivalent:
        verb = "is" if len(equivalent) == 1 else "are"
        sentences.append(
            f"By {METRIC_NAMES[key]}, {join_names(equivalent)} {verb} as good by the rule."
        )
    level = [other for other in _not_eligible(results, fitted, key) if lead(other) > -MIN_EFFECT]
    if level:
        figures = [f"{other} ({value(fitted[other], key)})" for other in level]
        sentences.append(
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
        and lead(other) > -MIN_EFFECT
    ]
    if not near:
        sentences.append(f"No other method is within {MIN_EFFECT} in {METRIC_NAMES[key]}.")
    return " ".join(sentences)


def _not_eligible(results: Analysis, fitted: Mapping[str, MethodEntry], key: str) -> list[str]:
    """Return the joint methods that the rule leaves out, the best first."""
    detectors = {detector["name"] for detector in results["detectors"]}
    names = [
        name
        for name, entry in fitted.items()
        if entry["kind"] == "joint"
        and name not in detectors
        and name not in results["best"][key]["shortfall"]
        and entry["metrics"][key] is not None
    ]
    return sorted(names, key=lambda name: -METRICS[key].gain(fitted[name]["metrics"][key] or 0.0))


def _images_needed(results: Analysis, key: str) -> str:
    """Return about how many test images would show a difference, if none is shown."""
    comparison, n_test = results["best"][key]["comparison"], results["protocol"]["test_images"]
    if purpose_code(results, key) != PurposeCode.NOT_SHOWN or comparison is None:
        return ""
    if comparison["low"] is None or comparison["high"] is None:
        return ""
    # The interval narrows with the square root of the number of images.
    half_width = (comparison["high"] - comparison["low"]) / 2
    needed = n_test * max(1.0, half_width / MIN_EFFECT) ** 2
    if needed <= MIN_GROWTH * n_test:
        return ""
    return (
        f"To show a difference of {amount(MIN_EFFECT, key)} in {METRIC_NAMES[key]}, about"
        f" {float(f'{needed:.1g}'):,.0f} test {unit_name(results)}s would be needed."
    )
