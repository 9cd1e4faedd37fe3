"""Sentences about test sets that are too small, derived from their codes."""

from collections.abc import Mapping
from typing import Any

from ...analysis import MIN_TEST_IMAGES, MIN_TEST_POSITIVES, CautionCode, Remedy
from ...utils import join_names, pluralize, unit_name


def caution_sentences(results: Mapping[str, Any]) -> list[str]:
    """Return what to know about the size of the test set before its figures are believed."""
    return [_caution(one, unit_name(results)) for one in results["verdicts"].get("cautions", ())]


def _caution(caution: Mapping[str, Any], unit: str) -> str:
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
