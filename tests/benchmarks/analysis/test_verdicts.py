"""Every combination of figures has one code per purpose, every pair of codes one headline."""

from itertools import product

import pytest

from catnocat.benchmarks.analysis.verdicts import (
    HeadlineCode,
    PurposeCode,
    SignificanceCode,
    derive_verdicts,
    headline_code,
    purpose_code,
    significance_code,
)

BOTH = {"independent": "ridge", "joint": "rakel"}


def best(verdict, value=0.02, at_most=0.03, **names):
    low = None if verdict is None else value - 0.01
    comparison = {"difference": value, "low": low, "high": low and value + 0.01, "verdict": verdict}
    return (
        BOTH | {"comparison": comparison, "upper_bound": {"name": "rakel", "high": at_most}} | names
    )


@pytest.mark.parametrize(
    ("methods", "beaten_by", "code"),
    [
        (best("better"), ["ridge", "rakel"], "joint_better"),
        (best("better", 0.009), ["ridge", "rakel"], "joint_slightly_better"),
        (best("better"), ["rakel"], "joint_better"),
        (best("better"), [], "useless"),
        (best("worse", -0.02), ["ridge"], "independent_better"),
        (best("worse", -0.02), [], "useless"),
        (best("no difference", at_most=0.009), ["ridge", "rakel"], "independent_suffices"),
        (best("no difference", at_most=-0.01), ["ridge"], "independent_suffices"),
        (best("no difference", at_most=0.01), ["ridge", "rakel"], "not_shown"),
        # An independent method that is no better than a constant answer does not suffice.
        (best("no difference", at_most=0.001), ["rakel"], "not_shown"),
        (best("no difference", at_most=0.001), None, "independent_suffices"),
        (best("no difference", at_most=0.001), [], "useless"),
        (best(None), None, "too_few_positives"),
        (best(None), ["ridge"], "too_few_positives"),
        (best("better", comparison=None), ["ridge"], "not_compared"),
        (best("better", comparison=None, joint=None), ["ridge"], "not_compared"),
        (best("better", comparison=None, joint=None), [], "useless"),
        (best("better", comparison=None, joint=None, independent=None), None, "not_measured"),
    ],
)
def test_purpose_code(methods, beaten_by, code):
    assert purpose_code(methods, beaten_by) == code


# The classes that decide the headline, spelled out apart from the product's own rule.
J, S, N, U, X = "joint", "suffices", "open", "useless", "not compared"
CLASS = {
    PurposeCode.JOINT_BETTER: J,
    PurposeCode.JOINT_SLIGHTLY_BETTER: "slightly",
    PurposeCode.INDEPENDENT_BETTER: S,
    PurposeCode.INDEPENDENT_SUFFICES: S,
    PurposeCode.NOT_SHOWN: N,
    PurposeCode.TOO_FEW_POSITIVES: N,
    PurposeCode.USELESS: U,
    PurposeCode.NOT_COMPARED: X,
    PurposeCode.NOT_MEASURED: "not measured",
}


def expected_headline(finding, label_sets):
    a, b = CLASS[finding], CLASS[label_sets]
    table = {
        (J, J): "joint_better_for_both",
        (S, S): "independent_suffices_for_both",
        (U, U): "nothing_usable",
        (U, "not measured"): "nothing_usable",
        ("not measured", U): "nothing_usable",
        ("not measured", "not measured"): "nothing_measured",
    }
    if (a, b) in table:
        return table[a, b]
    if J in (a, b):
        return f"joint_better_for_{'finding' if a == J else 'label_sets'}"
    if S in (a, b):
        return f"independent_suffices_for_{'finding' if a == S else 'label_sets'}"
    if {a, b} <= {U, X, "not measured"}:
        return "nothing_compared"
    return "joint_slightly_better" if "slightly" in (a, b) else "not_shown"


@pytest.mark.parametrize(("finding", "label_sets"), list(product(PurposeCode, PurposeCode)))
def test_headline_code_of_every_pair(finding, label_sets):
    assert headline_code(finding, label_sets) == expected_headline(finding, label_sets)


def test_every_headline_can_be_reached():
    reached = {headline_code(*pair) for pair in product(PurposeCode, PurposeCode)}
    assert reached | {HeadlineCode.ALL_FAILED} == set(HeadlineCode)


@pytest.mark.parametrize(
    ("verdict", "low", "high", "code"),
    [
        ("better", 0.1, 0.2, "better"),
        ("worse", -0.2, -0.1, "worse"),
        ("no difference", -0.1, 0.1, "no_difference"),
        ("no difference", 0.0, 0.0, "no_difference"),
        ("no difference", 0.001, 0.1, "not_after_correction"),
        ("no difference", -0.1, -0.001, "not_after_correction"),
        (None, None, None, "no_interval"),
        (None, -0.1, 0.1, "no_interval"),
        ("no difference", None, None, "no_interval"),
    ],
)
def test_significance_code(verdict, low, high, code):
    assert significance_code({"verdict": verdict, "low": low, "high": high}) == code
    assert SignificanceCode(code) in SignificanceCode


def test_codes_are_plain_text_for_json(make_results):
    verdicts = make_results()["verdicts"]
    assert type(verdicts["headline"]["code"]) is str
    assert verdicts["macro_ap"] == {"code": "independent_suffices", "significance": "no_difference"}


def test_one_label_has_one_purpose(make_results):
    verdicts = make_results(n_labels=1)["verdicts"]
    assert verdicts["subset_accuracy"]["code"] == "not_measured"
    assert verdicts["headline"]["code"] == "independent_suffices_for_finding"


def test_baseline_alone_is_no_result(make_results):
    results = make_results()
    failed = [{"name": "chain", "kind": "joint", "failed": "no"}]
    constant = {"name": "constant", "kind": "baseline", "metrics": {}}
    none = {
        key: BOTH | {"independent": None, "joint": None, "comparison": None}
        for key in results["best"]
    }
    headline, _ = derive_verdicts([*failed, constant], none, results["baseline"], n_labels=2)
    assert headline["code"] == "all_failed"
