"""Sentences of the verdict: pure functions of the codes and figures in `results.json`."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...analysis import (
    MIN_EFFECT,
    PURPOSES,
    SUFFICES,
    HeadlineCode,
    PurposeCode,
    SignificanceCode,
    significance_code,
)
from ...utils import format_signed, join_names, unit_name
from .cautions import caution_sentences

FINDING, LABEL_SETS = PURPOSES

TASKS = {
    FINDING: "finding the {unit}s of a label",
    LABEL_SETS: "getting every label of {a_unit} right",
}
METRIC_NAMES = {FINDING: "macro AP", LABEL_SETS: "subset accuracy"}

Results = Mapping[str, Any]

_TERM = "cat/no-cat"
_EXPLAINED = "cat/no-cat (one yes/no model per label)"

CLAUSES = {
    PurposeCode.JOINT_BETTER: "joint methods are better than cat/no-cat {for_task}",
    PurposeCode.JOINT_SLIGHTLY_BETTER: "joint methods are better than cat/no-cat {for_task}, but by"
    f" less than {MIN_EFFECT}",
    PurposeCode.INDEPENDENT_BETTER: "cat/no-cat is better than joint methods {for_task}",
    PurposeCode.INDEPENDENT_SUFFICES: "cat/no-cat is good enough {for_task}",
    PurposeCode.NOT_SHOWN: "no joint method is shown to be better than cat/no-cat {for_task}",
    PurposeCode.TOO_FEW_POSITIVES: "there are too few positive test {unit}s to compare {for_task}",
    PurposeCode.USELESS: "no method is shown to be better than a constant answer {for_task}",
    PurposeCode.NOT_COMPARED: "no joint method was compared with cat/no-cat {for_task}",
    PurposeCode.NOT_MEASURED: "",
}
"""What the headline says of one purpose."""

NEGATED = (PurposeCode.NOT_SHOWN, PurposeCode.USELESS, PurposeCode.NOT_COMPARED)

LEADS = {
    HeadlineCode.JOINT_BETTER_FOR_BOTH: "No",
    HeadlineCode.JOINT_BETTER_FOR_FINDING: "It depends",
    HeadlineCode.JOINT_BETTER_FOR_LABEL_SETS: "It depends",
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_BOTH: "Yes",
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_FINDING: "In part",
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_LABEL_SETS: "In part",
    HeadlineCode.JOINT_SLIGHTLY_BETTER: "Nearly",
    HeadlineCode.NOT_SHOWN: "Not decided",
    HeadlineCode.NOTHING_USABLE: "Nothing usable",
    HeadlineCode.NOTHING_COMPARED: "Not compared",
}
"""The short answer to "Is cat/no-cat good enough?"."""

SIGNIFICANCE = {
    SignificanceCode.BETTER: "significant",
    SignificanceCode.WORSE: "significant, in favour of the independent method",
    SignificanceCode.NO_DIFFERENCE: "not significant",
    SignificanceCode.NOT_AFTER_CORRECTION: "the interval excludes 0, but after correction for"
    " multiple comparisons the difference is not significant{p}",
    SignificanceCode.NO_INTERVAL: "too few positive test {unit}s for an interval",
}


def headline(results: Results) -> str:
    """Return the answer to "Is cat/no-cat good enough?" in one sentence."""
    codes = results["verdicts"]
    code = HeadlineCode(codes["headline"]["code"])
    unit, name = unit_name(results), results["dataset"]["name"]
    if code == HeadlineCode.ALL_FAILED:
        return f"No answer: on {name}, every method failed."
    if code == HeadlineCode.NOTHING_MEASURED:
        return (
            f"No answer: on {name}, no label has both positive and negative test {unit}s, and no"
            " figure could be computed."
        )
    purposes = {key: PurposeCode(codes[key]["code"]) for key in PURPOSES}
    said = {key: one for key, one in purposes.items() if one != PurposeCode.NOT_MEASURED}
    if len(said) == len(PURPOSES) and len(set(said.values())) == 1:
        shared = next(iter(said.values()))
        clauses = [
            _clause(
                shared, f"for {'either purpose' if shared in NEGATED else 'both purposes'}", unit
            )
        ]
    else:
        clauses = [_clause(one, f"for {task(key, unit)}", unit) for key, one in said.items()]
    text = f"{_lead(code, list(said.values()))}: on {name}, {'; '.join(clauses)}."
    before, found, after = text.partition(f"{name}, ")  # a data set may be called cat/no-cat
    return before + found + after.replace(_TERM, _EXPLAINED, 1)


def _lead(code: HeadlineCode, said: list[PurposeCode]) -> str:
    if len(said) == 1:  # the only purpose decides alone
        if said[0] == PurposeCode.JOINT_BETTER:
            return "No"
        if said[0] in SUFFICES:
            return "Yes"
    return LEADS[code]


def _clause(code: PurposeCode, for_task: str, unit: str) -> str:
    return CLAUSES[code].format(for_task=for_task, unit=unit)


def task(key: str, unit: str) -> str:
    """Return what a purpose is, as a phrase.

    Examples
    --------
    >>> task(FINDING, "image"), task(LABEL_SETS, "row")
    ('finding the images of a label', 'getting every label of a row right')
    """
    return TASKS[key].format(unit=unit, a_unit=f"an {unit}" if unit[0] in "aeiou" else f"a {unit}")


def purpose_sentence(results: Results, key: str) -> str:
    """Return one purpose's figures, interval and significance; empty where it was not measured."""
    code = PurposeCode(results["verdicts"][key]["code"])
    if code == PurposeCode.NOT_MEASURED:
        return ""
    unit = unit_name(results)
    title = task(key, unit)
    title = f"{title[0].upper()}{title[1:]}"
    if code == PurposeCode.USELESS:
        return f"{title} ({METRIC_NAMES[key]}): {_useless(results, key)}."
    start = f"{title} ({METRIC_NAMES[key]}{_floor(results, key)})"
    if code == PurposeCode.NOT_COMPARED:
        return f"{start}: the best method is {_best_of(results, key)}."
    best = results["best"][key]
    entries = _fitted(results)
    independent, joint = entries[best["independent"]], entries[best["joint"]]
    return (
        f"{start}: best independent method {independent['name']} {value(independent, key)}, best"
        f" joint method {joint['name']} {value(joint, key)}; difference"
        f" {difference(best['found'], key)}, {significance(best['found'], unit)}."
    )


def _useless(results: Results, key: str) -> str:
    baseline, entries = results["baseline"], _fitted(results)
    best = entries[_best_name(results, key)]
    if key == LABEL_SETS:
        return (
            "no method is shown to be better than always answering"
            f" {label_set(baseline['label_set'])}, which gets"
            f" {_number(baseline[key]['value'], key)}; the best, {best['name']}, gets"
            f" {value(best, key)}"
        )
    auroc = best["metrics"].get("macro_auroc")
    return (
        f"no method is shown to be better than chance ({_number(baseline[key]['value'], key)}); the"
        f" best, {best['name']}, gets {value(best, key)}"
        + ("" if auroc is None else f", with a macro AUROC of {auroc:.2f} (chance level 0.5)")
    )


def _floor(results: Results, key: str) -> str:
    """Return the level of chance or of a constant answer, in words."""
    baseline = results.get("baseline")
    if baseline is None or baseline[key]["value"] is None:
        return ""
    level = _number(baseline[key]["value"], key)
    if key == FINDING:
        return f", chance level {level}"
    return f"; always answering {label_set(baseline['label_set'])} gets {level}"


def label_set(labels: list[str]) -> str:
    """Format a label set.

    Examples
    --------
    >>> label_set(["Drama"]), label_set([])
    ('{Drama}', 'no label')
    """
    return f"{{{join_names(labels)}}}" if labels else "no label"


def difference(found: Mapping[str, Any], key: str) -> str:
    """Format a difference with its interval, and as it was before correction if that differs.

    Examples
    --------
    >>> difference({"difference": 0.02, "low": -0.01, "high": 0.05}, LABEL_SETS)
    '+2.0 percentage points (95 % confidence interval -1.0 to +5.0)'
    >>> difference({"difference": 0.02, "low": None, "high": None}, FINDING)
    '+0.020'
    """
    points = " percentage points" if key == LABEL_SETS else ""
    notes = []
    if found["low"] is not None and found["high"] is not None:
        low, high = _step(found["low"], key), _step(found["high"], key)
        notes.append(f"95 % confidence interval {low} to {high}")
    apparent = found.get("apparent_difference")
    if apparent is not None and _step(apparent, key) != _step(found["difference"], key):
        notes.append(f"{_step(apparent, key)} before correction for choosing the best of many")
    return f"{_step(found['difference'], key)}{points}" + (
        f" ({'; '.join(notes)})" if notes else ""
    )


def significance(found: Mapping[str, Any], unit: str = "image") -> str:
    """Return how certain a difference is, in words."""
    p = found.get("p")
    adjusted = "" if p is None else f" (adjusted p = {p:.2g})"
    return SIGNIFICANCE[significance_code(found)].format(p=adjusted, unit=unit)


def recommendation_sentence(results: Results) -> str:
    """Return which method to take for each purpose."""
    taken, codes, unit = results["recommended"], results["verdicts"], unit_name(results)
    asked = [key for key in PURPOSES if codes[key]["code"] not in (PurposeCode.NOT_MEASURED,)]
    entries = _fitted(results)
    chosen = {key: entries[taken[key]["take"]] for key in asked if key in taken}
    if not chosen:
        return (
            f"No method is recommended: check whether the {unit}s show what the labels say, or try"
            " other features (--backbone)."
        )
    names = {entry["name"] for entry in chosen.values()}
    if len(names) == 1 and len(chosen) == len(asked):
        return f"Recommended: {_with_kind(next(iter(chosen.values())))}."
    parts = [f"{_with_kind(entry)} for {task(key, unit)}" for key, entry in chosen.items()]
    parts += [f"no method for {task(key, unit)}" for key in asked if key not in chosen]
    return f"Recommended: {', '.join(parts)}."


def verdict_sentences(results: Results) -> Iterator[str]:
    """Yield the headline, the sentence of each purpose, and the cautions."""
    yield headline(results)
    if results["verdicts"]["headline"]["code"] not in WITHOUT_FIGURES:
        yield from filter(None, (purpose_sentence(results, key) for key in PURPOSES))
        yield from caution_sentences(results)


WITHOUT_FIGURES = (HeadlineCode.ALL_FAILED, HeadlineCode.NOTHING_MEASURED)


def value(entry: Mapping[str, Any], key: str) -> str:
    """Format a method's figure at a purpose.

    Examples
    --------
    >>> entry = {"metrics": {"macro_ap": 0.6, "subset_accuracy": 0.219}}
    >>> value(entry, "macro_ap"), value(entry, "subset_accuracy")
    ('0.600', '21.9 %')
    """
    return _number(entry["metrics"][key], key)


def amount(figure: float, key: str) -> str:
    """Format the size of a difference.

    Examples
    --------
    >>> amount(0.128, LABEL_SETS), amount(0.01, FINDING)
    ('12.8 percentage points', '0.010')
    """
    return f"{100 * figure:.1f} percentage points" if key == LABEL_SETS else f"{figure:.3f}"


def _number(figure: float, key: str) -> str:
    return f"{100 * figure:.1f} %" if key == LABEL_SETS else f"{figure:.3f}"


def _step(figure: float, key: str) -> str:
    return format_signed(100 * figure, 1) if key == LABEL_SETS else format_signed(figure)


def _with_kind(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']} ({entry['kind']})"


def _best_name(results: Results, key: str) -> str:
    best, entries = results["best"][key], _fitted(results)
    names = [best[kind] for kind in ("independent", "joint") if best[kind]]
    return str(max(names, key=lambda name: entries[name]["metrics"][key]))


def _best_of(results: Results, key: str) -> str:
    entry = _fitted(results)[_best_name(results, key)]
    return f"{_with_kind(entry)} with {value(entry, key)}"


def _fitted(results: Results) -> dict[str, Mapping[str, Any]]:
    return {entry["name"]: entry for entry in results["methods"] if "failed" not in entry}
