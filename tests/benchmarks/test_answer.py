import pytest

from catnocat.benchmarks.answer import answer
from catnocat.benchmarks.metrics import METRICS


def entry(name, kind, macro_ap, verdicts=None, difference=0.0):
    found = {
        key: {
            "difference": difference,
            "low": difference - 0.01,
            "high": difference + 0.01,
            "verdict": (verdicts or {}).get(key, "no difference"),
        }
        for key in METRICS
    }
    return {
        "name": name,
        "kind": kind,
        "metrics": {"macro_ap": macro_ap},
        "reference": "one-vs-rest",
        "against_independent": found if kind == "joint" else None,
    }


RESULTS = {
    "dataset": {"name": "pets", "images": 90, "labels": ["cat", "dog"], "cardinality": 1.5},
    "protocol": {"images_judged": 30},
}


def told(*entries):
    return answer(RESULTS | {"methods": list(entries)})


CAT_NO_CAT = entry("one-vs-rest", "independent", 0.6)


@pytest.mark.parametrize(
    ("verdict", "difference", "words"),
    [
        ("no difference", 0.06, "As far as can be told: on pets, nothing is shown to be better"),
        ("no difference", -0.02, "Yes: on pets, repeated cat/no-cat is good enough."),
        ("better", 0.06, "No: on pets, looking at the labels together is better"),
        ("better", 0.005, "Nearly: on pets"),
        ("worse", -0.06, "Yes: on pets"),
    ],
)
def test_the_first_sentence_follows_the_verdict_on_the_best_joint_method(
    verdict, difference, words
):
    chain = entry("chain", "joint", 0.61, {"macro_ap": verdict}, difference)
    text = told(CAT_NO_CAT, chain, entry("mlknn", "joint", 0.2))
    assert text.startswith(words)
    assert f"(chain) with 0.610: a difference of {difference:+.3f} (95 % interval" in text
    assert "compared with 2 ways" in text


def test_like_is_compared_with_like_where_there_is_any():
    other = entry("mlp", "joint", 0.9, {"macro_ap": "better"}, 0.3) | {"same_base": False}
    assert "(chain)" in told(CAT_NO_CAT, entry("chain", "joint", 0.6), other)


def test_how_many_pictures_it_would_take_to_tell():
    unsure = entry("chain", "joint", 0.6)
    unsure["against_independent"]["macro_ap"] |= {"low": -0.03, "high": 0.03}
    assert "would take about 300 judged pictures" in told(CAT_NO_CAT, unsure)


def test_crowds_and_costs_are_told_where_they_are_known():
    costs = {"fit_seconds": 12.3}
    text = answer(
        RESULTS
        | {
            "methods": [CAT_NO_CAT | costs, entry("chain", "joint", 0.6) | costs],
            "crowding": {"findings": ["Crowds cost a little.", "More."]},
        }
    )
    assert "Crowds cost a little." in text
    assert "More." not in text
    assert "learns in 12 s, chain in 12 s" in text


def test_other_metrics_are_claimed_only_with_a_verdict():
    nothing = told(CAT_NO_CAT, entry("chain", "joint", 0.6))
    assert "By no other measure" in nothing
    subset = entry("powerset", "joint", 0.5, {"subset_accuracy": "better"}, 0.06)
    text = told(CAT_NO_CAT, subset)
    assert "whole set of labels must be right: Subset accuracy (powerset, +0.060)." in text
    assert "Hamming" not in text


def test_an_undefined_difference_is_not_compared():
    chain = entry("chain", "joint", 0.6)
    chain["against_independent"]["macro_ap"] = {
        "difference": None, "low": None, "high": None, "verdict": None
    }  # fmt: skip
    assert "Nothing was compared" in told(CAT_NO_CAT, chain)


def test_without_an_independent_method_nothing_is_compared():
    alone = entry("mlknn", "joint", 0.4) | {"against_independent": None, "reference": None}
    assert "the best macro AP is 0.400, reached by mlknn" in told(alone)


def test_nothing_is_claimed_where_nothing_was_judged():
    assert "nothing to answer" in told({"name": "chain", "kind": "joint", "failed": "no"})
