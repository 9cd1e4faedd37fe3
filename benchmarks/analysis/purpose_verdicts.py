"""Verdict codes: one per purpose, one for the headline, derived from the figures alone.

The codes are part of `results.json`; `report.text.verdict` writes the sentences.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from .best_methods import PURPOSES
from .recommendation import MIN_EFFECT


class PurposeCode(StrEnum):
    """What a comparison says about one purpose."""

    JOINT_BETTER = "joint_better"
    JOINT_SLIGHTLY_BETTER = "joint_slightly_better"
    INDEPENDENT_BETTER = "independent_better"
    INDEPENDENT_SUFFICES = "independent_suffices"
    NOT_SHOWN = "not_shown"
    TOO_FEW_POSITIVES = "too_few_positives"
    USELESS = "useless"
    NOT_COMPARED = "not_compared"
    NOT_MEASURED = "not_measured"


class HeadlineCode(StrEnum):
    """What a comparison says about both purposes together."""

    JOINT_BETTER_FOR_BOTH = "joint_better_for_both"
    JOINT_BETTER_FOR_FINDING = "joint_better_for_finding"
    JOINT_BETTER_FOR_LABEL_SETS = "joint_better_for_label_sets"
    INDEPENDENT_SUFFICES_FOR_BOTH = "independent_suffices_for_both"
    INDEPENDENT_SUFFICES_FOR_FINDING = "independent_suffices_for_finding"
    INDEPENDENT_SUFFICES_FOR_LABEL_SETS = "independent_suffices_for_label_sets"
    JOINT_SLIGHTLY_BETTER = "joint_slightly_better"
    NOT_SHOWN = "not_shown"
    NOTHING_USABLE = "nothing_usable"
    NOTHING_COMPARED = "nothing_compared"
    NOTHING_MEASURED = "nothing_measured"
    ALL_FAILED = "all_failed"


class SignificanceCode(StrEnum):
    """How certain a difference is."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    NOT_AFTER_CORRECTION = "not_after_correction"  # the interval excludes zero all the same
    NO_INTERVAL = "no_interval"


SUFFICES = frozenset({PurposeCode.INDEPENDENT_BETTER, PurposeCode.INDEPENDENT_SUFFICES})
WITHOUT_COMPARISON = frozenset({PurposeCode.NOT_COMPARED, PurposeCode.NOT_MEASURED})


def derive_verdicts(
    entries: Sequence[Mapping[str, Any]],
    best: Mapping[str, Mapping[str, Any]],
    baseline: Mapping[str, Any] | None,
    *,
    n_labels: int,
) -> dict[str, Any]:
    """Derive the codes of `results.json`'s "verdicts".

    Parameters
    ----------
    entries : sequence of dict
        `results.json`'s "methods".
    best : mapping
        `results.json`'s "best", see `catnocat.benchmarks.analysis.best_methods.find_best`.
    baseline : mapping or None
        `results.json`'s "baseline", see `compare_with_baseline`.
    n_labels : int
        With one label its two purposes are one: the label sets have no verdict of their own.

    Returns
    -------
    dict
        ``"headline"``: {"code"}; and for each of `PURPOSES` {"code", "significance"}, the latter
        None where nothing was compared.
    """
    codes = {}
    for key in PURPOSES:
        beaten_by = None if baseline is None else baseline[key]["beaten_by"]
        codes[key] = purpose_code(best[key], beaten_by)
    if n_labels < 2:
        codes[PURPOSES[1]] = PurposeCode.NOT_MEASURED
    any_fitted = any("failed" not in entry for entry in entries if entry["kind"] != "baseline")
    headline = headline_code(*codes.values()) if any_fitted else HeadlineCode.ALL_FAILED
    verdicts: dict[str, Any] = {"headline": {"code": headline.value}}
    for key, code in codes.items():
        found = best[key]["found"]
        verdicts[key] = {
            "code": code.value,
            "significance": None if found is None else significance_code(found).value,
        }
    return verdicts


def purpose_code(best: Mapping[str, Any], beaten_by: Sequence[str] | None) -> PurposeCode:
    """Derive the code of one purpose.

    Parameters
    ----------
    best : mapping
        ``"independent"`` and ``"joint"``, the names of the best of each kind or None; ``"found"``,
        their difference; ``"at_most"``, the highest upper end of any joint method's difference.
    beaten_by : sequence of str or None
        Those of the two that are better than the constant baseline; None if that is not known.
    """
    independent, joint, found = best["independent"], best["joint"], best["found"]
    if independent is None and joint is None:
        return PurposeCode.NOT_MEASURED
    if beaten_by is not None and not beaten_by:
        return PurposeCode.USELESS
    if found is None:
        return PurposeCode.NOT_COMPARED
    if found["verdict"] is None:
        return PurposeCode.TOO_FEW_POSITIVES
    if found["verdict"] == "better":
        large = found["difference"] >= MIN_EFFECT
        return PurposeCode.JOINT_BETTER if large else PurposeCode.JOINT_SLIGHTLY_BETTER
    if beaten_by is None or independent in beaten_by:
        if found["verdict"] == "worse":
            return PurposeCode.INDEPENDENT_BETTER
        at_most = best["at_most"]
        if at_most is not None and at_most["high"] < MIN_EFFECT:
            return PurposeCode.INDEPENDENT_SUFFICES
    return PurposeCode.NOT_SHOWN


def headline_code(finding: PurposeCode, label_sets: PurposeCode) -> HeadlineCode:
    """Combine the codes of both purposes.

    Examples
    --------
    >>> headline_code(PurposeCode.INDEPENDENT_SUFFICES, PurposeCode.JOINT_BETTER).value
    'joint_better_for_label_sets'
    """
    pair = (finding, label_sets)
    rest = [code for code in pair if code != PurposeCode.NOT_MEASURED]
    if not rest:
        return HeadlineCode.NOTHING_MEASURED
    if all(code == PurposeCode.USELESS for code in rest):
        return HeadlineCode.NOTHING_USABLE
    if all(code in WITHOUT_COMPARISON or code == PurposeCode.USELESS for code in pair):
        return HeadlineCode.NOTHING_COMPARED
    better = [code == PurposeCode.JOINT_BETTER for code in pair]
    suffices = [code in SUFFICES for code in pair]
    for (first, second), names in (
        (better, _JOINT_BETTER),
        (suffices, _SUFFICES),
    ):
        if first or second:
            return names[0] if first and second else names[1] if first else names[2]
    if PurposeCode.JOINT_SLIGHTLY_BETTER in pair:
        return HeadlineCode.JOINT_SLIGHTLY_BETTER
    return HeadlineCode.NOT_SHOWN


_JOINT_BETTER = (
    HeadlineCode.JOINT_BETTER_FOR_BOTH,
    HeadlineCode.JOINT_BETTER_FOR_FINDING,
    HeadlineCode.JOINT_BETTER_FOR_LABEL_SETS,
)
_SUFFICES = (
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_BOTH,
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_FINDING,
    HeadlineCode.INDEPENDENT_SUFFICES_FOR_LABEL_SETS,
)


def significance_code(found: Mapping[str, Any]) -> SignificanceCode:
    """Derive how certain a difference is from its verdict and its interval.

    Examples
    --------
    >>> significance_code({"verdict": "no difference", "low": 0.001, "high": 0.02}).value
    'not_after_correction'
    """
    if found["verdict"] is None or found["low"] is None or found["high"] is None:
        return SignificanceCode.NO_INTERVAL
    if found["verdict"] != "no difference":
        return SignificanceCode(found["verdict"])
    if found["low"] > 0 or found["high"] < 0:
        return SignificanceCode.NOT_AFTER_CORRECTION
    return SignificanceCode.NO_DIFFERENCE
