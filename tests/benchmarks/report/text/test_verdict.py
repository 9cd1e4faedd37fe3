"""Sentences follow from codes: every combination of purposes, significance and figures."""

from itertools import product

import pytest

from catnocat.benchmarks.analysis import (
    SUFFICES,
    CautionCode,
    HeadlineCode,
    PurposeCode,
    Remedy,
    SignificanceCode,
)
from catnocat.benchmarks.analysis.verdicts import headline_code
from catnocat.benchmarks.report.text import (
    caution_sentences,
    headline,
    purpose_sentence,
    recommendation_sentence,
    short_differences,
    verdict_sentences,
    warning_line,
)
from catnocat.benchmarks.report.text.verdict import CLAUSES, LEADS, METRIC_NAMES, SIGNIFICANCE

AP, SETS = METRIC_NAMES
EXPLANATION = "(one yes/no model per label)"
DIFFERENCES = {
    SignificanceCode.BETTER: ("better", 0.02, 0.01, 0.03),
    SignificanceCode.WORSE: ("worse", -0.02, -0.03, -0.01),
    SignificanceCode.NO_DIFFERENCE: ("no difference", 0.01, -0.02, 0.04),
    SignificanceCode.NOT_AFTER_CORRECTION: ("no difference", 0.02, 0.001, 0.03),
    SignificanceCode.NO_INTERVAL: (None, 0.02, None, None),
}


def with_codes(results, finding, label_sets):
    results["verdicts"]["headline"]["code"] = headline_code(finding, label_sets).value
    for key, code in ((AP, finding), (SETS, label_sets)):
        results["verdicts"][key]["code"] = code.value
    return results


def with_difference(results, key, significance):
    names = ("verdict", "difference", "low", "high")
    results["best"][key]["comparison"] |= dict(zip(names, DIFFERENCES[significance], strict=True))
    return results


def test_every_code_has_a_text():
    assert set(CLAUSES) == set(PurposeCode)
    assert set(SIGNIFICANCE) == set(SignificanceCode)
    without = {HeadlineCode.ALL_FAILED, HeadlineCode.NOTHING_MEASURED}
    assert set(LEADS) | without == set(HeadlineCode)


@pytest.mark.parametrize(("finding", "label_sets"), list(product(PurposeCode, PurposeCode)))
def test_headline_of_every_pair(finding, label_sets, make_results):
    text = headline(with_codes(make_results(), finding, label_sets))
    codes = [code for code in (finding, label_sets) if code != PurposeCode.NOT_MEASURED]
    assert text.endswith(".")
    assert "on pets, " in text
    assert "{" not in text
    assert text.count("cat/no-cat") >= 1 or not {*codes} & {*SUFFICES, PurposeCode.JOINT_BETTER}
    assert text.count(EXPLANATION) == (1 if "cat/no-cat" in text else 0)
    # "Yes" only if cat/no-cat suffices for every purpose, "No" only if it does for none.
    assert text.startswith("Yes") is (bool(codes) and all(code in SUFFICES for code in codes))
    joint = PurposeCode.JOINT_BETTER
    assert text.startswith("No:") is (bool(codes) and all(code == joint for code in codes))
    assert ("joint methods are better than" in text) is bool(
        {*codes} & {joint, PurposeCode.JOINT_SLIGHTLY_BETTER}
    )
    assert ("is good enough" in text) is (PurposeCode.INDEPENDENT_SUFFICES in codes)
    assert ("constant prediction" in text) is (PurposeCode.USELESS in codes)


@pytest.mark.parametrize(
    ("key", "code", "significance"), list(product((AP, SETS), PurposeCode, SignificanceCode))
)
def test_purpose_sentence_of_every_combination(key, code, significance, make_results):
    results = with_codes(make_results(), code, code)
    text = purpose_sentence(with_difference(results, key, significance), key)
    if code == PurposeCode.NOT_MEASURED:
        assert text == ""
        return
    _, _, low, high = DIFFERENCES[significance]
    assert text.endswith(".")
    assert METRIC_NAMES[key] in text
    assert "chance alone" not in text
    assert (("0.250" if key == AP else "{cat}") in text) is True, "the level of the baseline"
    if code in (PurposeCode.USELESS, PurposeCode.NOT_COMPARED):
        assert "difference" not in text
        return
    assert ("one-vs-rest 0.600" if key == AP else "one-vs-rest 30.0 %") in text
    assert ("95 % confidence interval" in text) is (low is not None)
    without_zero = low is not None and (low > 0 or high < 0)
    plain = text.endswith(", not significant.")
    assert plain is (significance == SignificanceCode.NO_DIFFERENCE)
    assert not (plain and without_zero)
    assert ("after correction for multiple comparisons" in text) is (
        significance == SignificanceCode.NOT_AFTER_CORRECTION
    )


def test_figures_of_both_purposes(make_results, difference):
    results = make_results(
        labels=difference(0.005, wide=0.005), sets=difference(0.29, "better", wide=0.03)
    )
    assert list(verdict_sentences(results)) == [
        "It depends: on pets, no joint method is shown to be better than cat/no-cat (one yes/no"
        " model per label) for finding the images of a label; joint methods are better than"
        " cat/no-cat for predicting exact label sets.",
        "Finding the images of a label (macro AP, chance level 0.250): best independent method"
        " one-vs-rest 0.600, best joint method chain 0.605; difference +0.005 (95 % confidence"
        " interval 0.000 to +0.010), not significant.",
        "Predicting exact label sets (subset accuracy; always predicting {cat} gets 21.9 %): best"
        " independent method one-vs-rest 30.0 %, best joint method chain 31.0 %;"
        " difference +29.0 percentage points (95 % confidence interval +26.0 to +32.0),"
        " significant.",
    ]


def test_difference_before_correction_is_stated(make_results, difference):
    results = make_results(labels=difference(0.012, apparent_difference=0.038))
    assert "+0.038 before correction for choosing the best of many" in purpose_sentence(results, AP)
    same = make_results(labels=difference(0.012, apparent_difference=0.012))
    assert "before correction" not in purpose_sentence(same, AP)


def test_useless_method_is_compared_with_the_constant_prediction(make_results):
    results = make_results(beaten_by={SETS: []})
    assert results["verdicts"][SETS]["code"] == "useless"
    assert purpose_sentence(results, SETS) == (
        "Predicting exact label sets (subset accuracy): no method is shown to be better"
        " than always predicting {cat}, which gets 21.9 %; the best, chain, gets 31.0 %."
    )
    assert "macro AUROC of 0.50 (chance level 0.5)" in purpose_sentence(
        make_results(beaten_by={AP: []}), AP
    )


def test_rows_of_a_feature_table_are_called_rows(make_results):
    results = make_results(recipe={"backbone": "ready features"})
    text = " ".join(verdict_sentences(results))
    assert "finding the rows of a label" in text.lower()
    assert "image" not in text


@pytest.mark.parametrize(
    ("code", "remedy"), [(c, r) for c in CautionCode for r in Remedy], ids=lambda x: str(x)
)
def test_cautions_name_the_remedy(code, remedy, make_results):
    caution = {"code": code, "remedy": remedy, "test_images": 90, "images": 1205}
    caution["labels"] = {"lynx": 3, "wolf": 7}
    (text,) = caution_sentences(make_results(cautions=[caution]))
    assert ("90 test images" in text) is (code == CautionCode.FEW_TEST_IMAGES)
    assert ("lynx (3), wolf (7)" in text) is (code == CautionCode.FEW_TEST_POSITIVES)
    assert ("--folds 5 uses all 1,205 images for testing" in text) is (remedy == Remedy.FOLDS)


def test_cautions_are_part_of_the_verdict(make_results):
    caution = {"code": "few_test_images", "remedy": "folds", "test_images": 90, "images": 1205}
    assert "Small test set" in list(verdict_sentences(make_results(cautions=[caution])))[-1]


@pytest.mark.parametrize(
    ("take", "words"),
    [
        (("one-vs-rest", "one-vs-rest"), "Recommended: one-vs-rest (independent)."),
        (
            ("one-vs-rest", "chain"),
            "Recommended: one-vs-rest (independent) for finding the images of a label, chain"
            " (joint) for predicting exact label sets.",
        ),
        (
            ("one-vs-rest", None),
            "Recommended: one-vs-rest (independent) for finding the images of a label, no method"
            " for predicting exact label sets.",
        ),
        ((None, None), "No method is recommended: check whether the labels fit the images"),
    ],
)
def test_recommendation(take, words, make_results):
    assert recommendation_sentence(make_results(take=take)).startswith(words)


def test_short_differences_have_both_purposes(make_results, difference):
    results = make_results(labels=difference(0.012), sets=difference(-0.02))
    assert short_differences(results) == (
        "Best joint minus best independent method: macro AP +0.012 (+0.007 to +0.017), subset"
        " accuracy -2.0 percentage points (-2.5 to -1.5)."
    )
    assert short_differences(make_results(labels=difference(0.012, low=None))).count("(") == 1


def test_short_differences_are_empty_without_a_comparison(make_results, make_entry):
    results = make_results(make_entry("mlknn", "independent"), take=("mlknn", "mlknn"))
    assert short_differences(results) == ""


def test_all_warnings_are_one_line(make_results):
    cautions = [
        {"code": "few_test_images", "remedy": "folds", "test_images": 90, "images": 1205},
        {"code": "few_test_positives", "remedy": "more_images", "images": 1205, "labels": {"a": 1}},
    ]
    leakage = {"action": "reported", "groups": 3, "images": 9, "across_split": {"test_images": 4}}
    text = warning_line(make_results(cautions=cautions, leakage=leakage))
    for part in ("90 test images", "1 label with", "4 images with a version", "all 1,205 images"):
        assert part in text
    assert warning_line(make_results()) == ""
    assert warning_line(make_results(leakage={"action": "grouped", "groups": 3, "images": 9})) == ""
