"""Sentences of the verdict, from the codes and figures of the results."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...analysis import (
    MIN_EFFECT,
    MIN_TEST_IMAGES,
    MIN_TEST_POSITIVES,
    PURPOSES,
    SUFFICES,
    Analysis,
    Caution,
    CautionCode,
    Difference,
    HeadlineCode,
    MethodEntry,
    PurposeCode,
    Remedy,
    SignificanceCode,
    significance_code,
)
from ...utils import format_signed, join_names, pluralize, unit_name

FINDING, LABEL_SETS = PURPOSES

TASKS = {
    FINDING: "finding the {unit}s of a label",
    LABEL_SETS: "predicting exact label sets",
}
METRIC_NAMES = {FINDING: "macro AP", LABEL_SETS: "subset accuracy"}

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
    PurposeCode.USELESS: "no method is shown to be better than a constant prediction {for_task}",
    PurposeCode.NOT_COMPARED: "no joint method was compared with cat/no-cat {for_task}",
    PurposeCode.NOT_MEASURED: "",
}
"""Part of the headline about one purpose."""

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
"""Short answer to "Is cat/no-cat good enough?"."""

SIGNIFICANCE = {
    SignificanceCode.BETTER: "significant",
    SignificanceCode.WORSE: "significant, in favour of the independent method",
    SignificanceCode.NO_DIFFERENCE: "not significant",
    SignificanceCode.NOT_AFTER_CORRECTION: "the interval excludes 0, but after correction for"
    " multiple comparisons the difference is not significant{p}",
    SignificanceCode.NO_INTERVAL: "too few positive test {unit}s for an interval",
}

WITHOUT_FIGURES = (HeadlineCode.ALL_FAILED, HeadlineCode.NOTHING_MEASURED)


def verdict_sentences(results: Analysis) -> Iterator[str]:
    """Generate the headline, the sentence of each purpose, and the cautions."""
    yield headline(results)
    if results["verdicts"]["headline"]["code"] not in WITHOUT_FIGURES:
        yield from filter(None, (purpose_sentence(results, key) for key in PURPOSES))
        yield from caution_sentences(results)


def headline(results: Analysis) -> str:
    """Return the answer to "Is cat/no-cat good enough?" in one sentence."""
    code = HeadlineCode(results["verdicts"]["headline"]["code"])
    unit, name = unit_name(results), results["dataset"]["name"]
    if code == HeadlineCode.ALL_FAILED:
        return f"No answer: on {name}, every method failed."
    if code == HeadlineCode.NOTHING_MEASURED:
        return (
            f"No answer: on {name}, no label has both positive and negative test {unit}s, and no"
            " figure could be computed."
        )
    purposes = {key: purpose_code(results, key) for key in PURPOSES}
    measured = {key: code for key, code in purposes.items() if code != PurposeCode.NOT_MEASURED}
    if len(measured) == len(PURPOSES) and len(set(measured.values())) == 1:
        shared = next(iter(measured.values()))
        both = f"for {'either purpose' if shared in NEGATED else 'both purposes'}"
        clauses = [CLAUSES[shared].format(for_task=both, unit=unit)]
    else:
        clauses = [
            CLAUSES[code].format(for_task=f"for {task(key, unit)}", unit=unit)
            for key, code in measured.items()
        ]
    start = f"{_lead(code, list(measured.values()))}: on {name}, "
    # The term is explained once; a data set may contain it in its name.
    return start + f"{'; '.join(clauses)}.".replace(_TERM, _EXPLAINED, 1)


def purpose_code(results: Analysis, key: str) -> PurposeCode:
    """Return the verdict code of a purpose."""
    verdicts: Mapping[str, Any] = results["verdicts"]
    return PurposeCode(verdicts[key]["code"])


def _lead(code: HeadlineCode, measured: list[PurposeCode]) -> str:
    if len(measured) == 1:  # the only purpose decides
        if measured[0] == PurposeCode.JOINT_BETTER:
            return "No"
        if measured[0] in SUFFICES:
            return "Yes"
    return LEADS[code]


def task(key: str, unit: str) -> str:
    """Return a purpose as a phrase.

    Examples
    --------
    >>> task(FINDING, "image"), task(LABEL_SETS, "row")
    ('finding the images of a label', 'predicting exact label sets')
    """
    return TASKS[key].format(unit=unit)


def purpose_sentence(results: Analysis, key: str) -> str:
    """Return figures, interval and significance of a purpose; empty if it was not measured."""
    code = purpose_code(results, key)
    if code == PurposeCode.NOT_MEASURED:
        return ""
    unit = unit_name(results)
    title = task(key, unit)
    title = f"{title[0].upper()}{title[1:]}"
    if code == PurposeCode.USELESS:
        return f"{title} ({METRIC_NAMES[key]}): {_useless(results, key)}."
    start = f"{title} ({METRIC_NAMES[key]}{_chance_level(results, key)})"
    if code == PurposeCode.NOT_COMPARED:
        entry = _best_entry(results, key)
        return f"{start}: the best method is {_with_kind(entry)} with {value(entry, key)}."
    best, entries = results["best"][key], fitted_entries(results)
    assert best["independent"]
    assert best["joint"]
    assert best["comparison"]
    independent, joint = entries[best["independent"]], entries[best["joint"]]
    return (
        f"{start}: best independent method {independent['name']} {value(independent, key)}, best"
        f" joint method {joint['name']} {value(joint, key)}; difference"
        f" {difference(best['comparison'], key)}, {significance(best['comparison'], unit)}."
    )


def short_differences(results: Analysis) -> str:
    """Return the differences of both purposes in one line; empty if nothing was compared."""
    parts = []
    for key in PURPOSES:
        comparison = results["best"][key]["comparison"]
        if comparison is None or comparison["difference"] is None:
            continue
        points = " percentage points" if key == LABEL_SETS else ""
        text = f"{METRIC_NAMES[key]} {_step(comparison['difference'], key)}{points}"
        if comparison["low"] is not None and comparison["high"] is not None:
            text += f" ({_step(comparison['low'], key)} to {_step(comparison['high'], key)})"
        parts.append(text)
    return f"Best joint minus best independent method: {', '.join(parts)}." if parts else ""


def _useless(results: Analysis, key: str) -> str:
    baseline, best = results["baseline"], _best_entry(results, key)
    assert baseline is not None
    if key == LABEL_SETS:
        return (
            "no method is shown to be better than always predicting"
            f" {label_set(baseline['label_set'])}, which gets"
            f" {_number(baseline['subset_accuracy']['value'], key)}; the best, {best['name']}, gets"
            f" {value(best, key)}"
        )
    auroc = best["metrics"].get("macro_auroc")
    return (
        "no method is shown to be better than chance"
        f" ({_number(baseline['macro_ap']['value'], key)}); the best, {best['name']}, gets"
        f" {value(best, key)}"
        + ("" if auroc is None else f", with a macro AUROC of {auroc:.2f} (chance level 0.5)")
    )


def _chance_level(results: Analysis, key: str) -> str:
    """Return the level of chance, or of a constant prediction."""
    baseline = results["baseline"]
    if baseline is None:
        return ""
    level = (baseline["macro_ap"] if key == FINDING else baseline["subset_accuracy"])["value"]
    if level is None:
        return ""
    if key == FINDING:
        return f", chance level {_number(level, key)}"
    label_sets = label_set(baseline["label_set"])
    return f"; always predicting {label_sets} gets {_number(level, key)}"


def label_set(labels: list[str]) -> str:
    """Format a label set.

    Examples
    --------
    >>> label_set(["Drama"]), label_set([])
    ('{Drama}', 'no label')
    """
    return f"{{{join_names(labels)}}}" if labels else "no label"


def difference(comparison: Difference, key: str) -> str:
    """Format a difference with its interval, and as it was before correction if that differs.

    Examples
    --------
    >>> difference({"difference": 0.02, "low": -0.01, "high": 0.05}, LABEL_SETS)
    '+2.0 percentage points (95 % confidence interval -1.0 to +5.0)'
    >>> difference({"difference": 0.02, "low": None, "high": None}, FINDING)
    '+0.020'
    """
    assert comparison["difference"] is not None
    text, notes = _step(comparison["difference"], key), []
    if comparison["low"] is not None and comparison["high"] is not None:
        low, high = _step(comparison["low"], key), _step(comparison["high"], key)
        notes.append(f"95 % confidence interval {low} to {high}")
    apparent: Any = comparison.get("apparent_difference")
    if apparent is not None and _step(apparent, key) != text:
        notes.append(f"{_step(apparent, key)} before correction for choosing the best of many")
    points = " percentage points" if key == LABEL_SETS else ""
    return f"{text}{points}" + (f" ({'; '.join(notes)})" if notes else "")


def significance(comparison: Difference, unit: str = "image") -> str:
    """Return the significance of a difference in words."""
    p = comparison.get("p")
    adjusted = "" if p is None else f" (adjusted p = {p:.2g})"
    return SIGNIFICANCE[significance_code(comparison)].format(p=adjusted, unit=unit)


def caution_sentences(results: Analysis) -> list[str]:
    """Return the reasons to distrust the figures: test sets that are too small."""
    return [_caution(caution, unit_name(results)) for caution in results["verdicts"]["cautions"]]


def _caution(caution: Caution, unit: str) -> str:
    if caution["code"] == CautionCode.FEW_TEST_IMAGES:
        text = (
            f"Small test set: {pluralize(caution['test_images'], f'test {unit}')}, fewer than"
            f" {MIN_TEST_IMAGES}"
        )
    else:
        labels = [f"{label} ({count})" for label, count in caution["labels"].items()]
        text = (
            f"Few positive test {unit}s (under {MIN_TEST_POSITIVES}) for"
            f" {pluralize(len(labels), 'label')}: {join_names(labels)}"
        )
    if caution["remedy"] == Remedy.FOLDS:
        return f"{text}; --folds 5 uses all {pluralize(caution['images'], unit)} for testing."
    return f"{text}; more {unit}s would make the figures more certain."


def warning_line(results: Analysis) -> str:
    """Return all warnings about the data in one line, for the terminal; empty without any."""
    unit, parts = unit_name(results), []
    for caution in results["verdicts"]["cautions"]:
        if caution["code"] == CautionCode.FEW_TEST_IMAGES:
            parts.append(f"only {pluralize(caution['test_images'], f'test {unit}')}")
        else:
            labels = pluralize(len(caution["labels"]), "label")
            parts.append(f"{labels} with under {MIN_TEST_POSITIVES} positive test {unit}s")
    leakage = results["leakage"] or {}
    if leakage.get("action") in ("reported", "too_few_groups") and leakage.get("groups"):
        across = leakage.get("across_split") or {}
        count = across.get("test_images") or leakage["images"]
        parts.append(f"{pluralize(count, unit)} with a version among the training {unit}s")
    if any(caution["remedy"] == Remedy.FOLDS for caution in results["verdicts"]["cautions"]):
        parts.append(f"--folds 5 would test all {pluralize(results['dataset']['images'], unit)}")
    return f"Caution: {'; '.join(parts)}." if parts else ""


def recommendation_sentence(results: Analysis) -> str:
    """Return the recommended method of each purpose."""
    recommended, unit = results["recommended"], unit_name(results)
    measured = [key for key in PURPOSES if purpose_code(results, key) != PurposeCode.NOT_MEASURED]
    entries = fitted_entries(results)
    chosen = {key: entries[recommended[key]["method"]] for key in measured if key in recommended}
    if not chosen:
        return (
            f"No method is recommended: check whether the labels fit the {unit}s, or try other"
            " features (--backbone)."
        )
    names = {entry["name"] for entry in chosen.values()}
    if len(names) == 1 and len(chosen) == len(measured):
        return f"Recommended: {_with_kind(next(iter(chosen.values())))}."
    parts = [f"{_with_kind(entry)} for {task(key, unit)}" for key, entry in chosen.items()]
    parts += [f"no method for {task(key, unit)}" for key in measured if key not in chosen]
    return f"Recommended: {', '.join(parts)}."


def value(entry: MethodEntry, key: str) -> str:
    """Format the figure of a method at a purpose.

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


def fitted_entries(results: Analysis) -> dict[str, MethodEntry]:
    """Return the methods that did not fail, and the baseline, by name."""
    return {entry["name"]: entry for entry in results["methods"] if "failed" not in entry}


def _number(figure: float | None, key: str) -> str:
    if figure is None:
        return "–"
    return f"{100 * figure:.1f} %" if key == LABEL_SETS else f"{figure:.3f}"


def _step(figure: float, key: str) -> str:
    return format_signed(100 * figure, 1) if key == LABEL_SETS else format_signed(figure)


def _with_kind(entry: MethodEntry) -> str:
    return f"{entry['name']} ({entry['kind']})"


def _best_entry(results: Analysis, key: str) -> MethodEntry:
    name = results["best"][key]["method"]
    assert name is not None
    return fitted_entries(results)[name]
