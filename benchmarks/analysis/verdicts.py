"""Verdict codes, derived from the figures: per purpose, for the headline, and cautions.

The codes are part of `results.json`; `catnocat.benchmarks.report.text` writes the sentences.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from .best_methods import PURPOSES
from .recommendation import MIN_EFFECT
from .results import (
    BaselineInfo,
    BestMethods,
    Caution,
    Difference,
    HeadlineVerdict,
    LabelCounts,
    MethodEntry,
    PurposeVerdict,
)


class PurposeCode(StrEnum):
    """Verdict on one purpose."""

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
    """Verdict on both purposes together."""

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
    """Significance of a difference."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    NOT_AFTER_CORRECTION = "not_after_correction"  # although the interval excludes zero
    NO_INTERVAL = "no_interval"


SUFFICES = frozenset({PurposeCode.INDEPENDENT_BETTER, PurposeCode.INDEPENDENT_SUFFICES})
WITHOUT_COMPARISON = frozenset({PurposeCode.NOT_COMPARED, PurposeCode.NOT_MEASURED})


def derive_verdicts(
    entries: Sequence[MethodEntry],
    best: Mapping[str, BestMethods],
    baseline: BaselineInfo | None,
    *,
    n_labels: int,
) -> tuple[HeadlineVerdict, dict[str, PurposeVerdict]]:
    """Derive the verdict codes.

    Parameters
    ----------
    entries : sequence of MethodEntry
        Section "methods" of `results.json`.
    best : mapping
        Section "best", see `catnocat.benchmarks.analysis.find_best`.
    baseline : mapping or None
        Section "baseline", see `catnocat.benchmarks.analysis.compare_with_baseline`.
    n_labels : int
        With one label both purposes are the same, and exact label sets have no verdict.

    Returns
    -------
    headline : HeadlineVerdict
    purposes : dict of str to PurposeVerdict
        One for each of `PURPOSES`.
    """
    beaten_by = {key: None if baseline is None else _beaten_by(baseline, key) for key in PURPOSES}
    codes = {key: purpose_code(best[key], beaten_by[key]) for key in PURPOSES}
    if n_labels < 2:
        codes[PURPOSES[1]] = PurposeCode.NOT_MEASURED
    any_fitted = any("failed" not in entry for entry in entries if entry["kind"] != "baseline")
    headline = headline_code(*codes.values()) if any_fitted else HeadlineCode.ALL_FAILED
    purposes: dict[str, PurposeVerdict] = {}
    for key, code in codes.items():
        comparison = best[key]["comparison"]
        significance = None if comparison is None else significance_code(comparison).value
        purposes[key] = {"code": code.value, "significance": significance}
    return {"code": headline.value}, purposes


def _beaten_by(baseline: BaselineInfo, key: str) -> list[str] | None:
    figure = baseline["macro_ap"] if key == PURPOSES[0] else baseline["subset_accuracy"]
    return figure["beaten_by"]


def purpose_code(best: BestMethods, beaten_by: Sequence[str] | None) -> PurposeCode:
    """Derive the code of one purpose.

    Parameters
    ----------
    best : BestMethods
        The best methods, their comparison, and the upper bound of all joint methods.
    beaten_by : sequence of str or None
        Those of the best methods that are better than the constant baseline; None if unknown.
    """
    independent, comparison = best["independent"], best["comparison"]
    if independent is None and best["joint"] is None:
        return PurposeCode.NOT_MEASURED
    if beaten_by is not None and not beaten_by:
        return PurposeCode.USELESS
    if comparison is None:
        return PurposeCode.NOT_COMPARED
    if comparison["verdict"] is None:
        return PurposeCode.TOO_FEW_POSITIVES
    if comparison["verdict"] == "better":
        large = (comparison["difference"] or 0.0) >= MIN_EFFECT
        return PurposeCode.JOINT_BETTER if large else PurposeCode.JOINT_SLIGHTLY_BETTER
    if beaten_by is None or independent in beaten_by:
        if comparison["verdict"] == "worse":
            return PurposeCode.INDEPENDENT_BETTER
        bound = best["upper_bound"]
        if bound is not None and bound["high"] < MIN_EFFECT:
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
    measured = [code for code in pair if code != PurposeCode.NOT_MEASURED]
    if not measured:
        return HeadlineCode.NOTHING_MEASURED
    if all(code == PurposeCode.USELESS for code in measured):
        return HeadlineCode.NOTHING_USABLE
    if all(code in WITHOUT_COMPARISON or code == PurposeCode.USELESS for code in pair):
        return HeadlineCode.NOTHING_COMPARED
    for codes, headlines in (
        ({PurposeCode.JOINT_BETTER}, _JOINT_BETTER),
        (SUFFICES, _SUFFICES),
    ):
        match = (finding in codes, label_sets in codes)
        if any(match):
            return headlines[match]
    if PurposeCode.JOINT_SLIGHTLY_BETTER in pair:
        return HeadlineCode.JOINT_SLIGHTLY_BETTER
    return HeadlineCode.NOT_SHOWN


_JOINT_BETTER = {
    (True, True): HeadlineCode.JOINT_BETTER_FOR_BOTH,
    (True, False): HeadlineCode.JOINT_BETTER_FOR_FINDING,
    (False, True): HeadlineCode.JOINT_BETTER_FOR_LABEL_SETS,
}
_SUFFICES = {
    (True, True): HeadlineCode.INDEPENDENT_SUFFICES_FOR_BOTH,
    (True, False): HeadlineCode.INDEPENDENT_SUFFICES_FOR_FINDING,
    (False, True): HeadlineCode.INDEPENDENT_SUFFICES_FOR_LABEL_SETS,
}


def significance_code(difference: Difference) -> SignificanceCode:
    """Derive the significance of a difference from its verdict and its interval.

    Examples
    --------
    >>> significance_code({"verdict": "no difference", "low": 0.001, "high": 0.02}).value
    'not_after_correction'
    """
    verdict, low, high = difference["verdict"], difference["low"], difference["high"]
    if verdict is None or low is None or high is None:
        return SignificanceCode.NO_INTERVAL
    if verdict != "no difference":
        return SignificanceCode(verdict)
    if low > 0 or high < 0:
        return SignificanceCode.NOT_AFTER_CORRECTION
    return SignificanceCode.NO_DIFFERENCE


MIN_TEST_IMAGES = 200
MIN_TEST_POSITIVES = 10
"""Of each label in the macro averages."""


class CautionCode(StrEnum):
    """Kinds of data that are too small for reliable figures."""

    FEW_TEST_IMAGES = "few_test_images"
    FEW_TEST_POSITIVES = "few_test_positives"


class Remedy(StrEnum):
    """Remedies for small data."""

    FOLDS = "folds"  # cross-validation tests all images, not only one split
    MORE_IMAGES = "more_images"


def describe_test_labels(table: LabelTable, rows: NDArray[np.intp]) -> dict[str, LabelCounts]:
    """Count the known and the positive test images of each label, each image once.

    Parameters
    ----------
    table : LabelTable
    rows : array of int
        Rows of the test images; a row may occur more than once.
    """
    test = table.take(np.unique(rows))
    known, positive = test.known.sum(axis=0), ((test.Y > 0) & test.known).sum(axis=0)
    return {
        label: {
            "images": int(n_known),
            "positives": int(n_positive),
            "prevalence": round(float(n_positive / n_known), 5) if n_known else None,
        }
        for label, n_known, n_positive in zip(table.labels, known, positive, strict=True)
    }


def find_cautions(
    test_labels: Mapping[str, LabelCounts],
    *,
    test_images: int,
    images: int,
    averaged: Sequence[str],
    positives: Mapping[str, int],
) -> list[Caution]:
    """Return what is too small for reliable figures, and what helps.

    Parameters
    ----------
    test_labels : mapping
        See `describe_test_labels`.
    test_images, images : int
        Number of test images, and of all images of the table.
    averaged : sequence of str
        Labels in the macro averages.
    positives : mapping of str to int
        Positive images of each label in the whole table.

    Returns
    -------
    list of Caution
        Labels with few positives are sorted, the rarest first.

    Examples
    --------
    >>> labels = {"cat": {"positives": 40}, "lynx": {"positives": 3}}
    >>> cautions = find_cautions(labels, test_images=90, images=300, averaged=["cat", "lynx"],
    ...                          positives={"cat": 140, "lynx": 11})
    >>> [(caution["code"].value, caution["remedy"].value) for caution in cautions]
    [('few_test_images', 'folds'), ('few_test_positives', 'folds')]
    """
    cautions: list[Caution] = []
    if test_images < MIN_TEST_IMAGES:
        remedy = Remedy.FOLDS if test_images < images else Remedy.MORE_IMAGES
        cautions.append(
            {
                "code": CautionCode.FEW_TEST_IMAGES,
                "remedy": remedy,
                "test_images": test_images,
                "images": images,
            }
        )
    few = {
        label: counts["positives"]
        for label, counts in test_labels.items()
        if label in averaged and counts["positives"] < MIN_TEST_POSITIVES
    }
    if few:
        more = any(positives[label] > count for label, count in few.items())
        cautions.append(
            {
                "code": CautionCode.FEW_TEST_POSITIVES,
                "remedy": Remedy.FOLDS if more else Remedy.MORE_IMAGES,
                "labels": dict(sorted(few.items(), key=lambda item: item[1])),
                "images": images,
            }
        )
    return cautions
