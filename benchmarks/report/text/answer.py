"""The answer of a comparison as one paragraph, derived from its codes and figures alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...analysis import PURPOSES, HeadlineCode, PurposeCode, SignificanceCode, significance_code
from ...utils import format_duration, join_names, unit_name
from .verdict import (
    SIGNIFICANCE,
    WITHOUT_FIGURES,
    difference,
    recommendation_sentence,
    value,
    verdict_sentences,
)

FINDING, LABEL_SETS = PURPOSES

Results = Mapping[str, Any]


def answer(results: Results) -> str:
    """Return the answer: the verdict, its figures, cautions, and what to do.

    Parameters
    ----------
    results : mapping
        The content of `results.json`, with ``"verdicts"``.

    Returns
    -------
    str
        The headline, one sentence per purpose, cautions about small test sets, the effect of
        crowding, detectors, failures, and the recommended methods. `details` has the background.
    """
    return " ".join([*verdict_sentences(results), *further_sentences(results)])


def further_sentences(results: Results) -> Iterator[str]:
    """Yield what the answer says after the verdict: crowding, detectors, failures, advice."""
    code = results["verdicts"]["headline"]["code"]
    if code in WITHOUT_FIGURES:
        return
    if code != HeadlineCode.NOTHING_USABLE:
        brief = (results.get("crowding") or {}).get("brief", "")
        if brief:
            yield brief
        yield from _detectors(results)
    yield from failure_sentences(results)
    if code != HeadlineCode.NOTHING_COMPARED:
        yield recommendation_sentence(results)


def is_usable(results: Results, key: str) -> bool:
    """Return whether some method is better than the constant baseline at a purpose."""
    return bool(results["verdicts"][key]["code"] != PurposeCode.USELESS)


def failure_sentences(results: Results) -> list[str]:
    """Return a sentence that names the methods that failed, if any."""
    failed = [entry["name"] for entry in results["methods"] if "failed" in entry]
    return [f"Failed and not compared: {join_names(failed)}."] if failed else []


def _detectors(results: Results) -> Iterator[str]:
    fitted = {entry["name"]: entry for entry in results["methods"] if "failed" not in entry}
    for detector in results.get("detectors") or ():
        entry = fitted.get(detector["name"])
        found = entry and (entry["against_independent"] or {}).get(FINDING)
        if not entry or not found or found["difference"] is None:
            continue
        unit, code = unit_name(results), significance_code(found)
        certainty = (
            "significant" if code == SignificanceCode.WORSE else SIGNIFICANCE[code]
        ).format(p="", unit=unit)
        cost = detector["ms_per_image"]
        yield (
            f"The detector {entry['name']} reaches a macro AP of {value(entry, FINDING)}:"
            f" {difference(found, FINDING)} compared with {entry['reference']}, {certainty}"
            + (f"; it takes {format_duration(cost)} ms per {unit}." if cost else ".")
        )
