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


def told(*entries):
    return answer(
        {
            "dataset": {"name": "pets", "images": 90, "labels": ["cat", "dog"], "cardinality": 1.5},
            "protocol": {"images_judged": 30},
            "methods": list(entries),
        }
    )


CAT_NO_CAT = entry("one-vs-rest", "independent", 0.6)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("no difference", "no joint method is better than repeated cat/no-cat by more than chance"),
        ("better", "repeated cat/no-cat is not the best"),
        ("worse", "repeated cat/no-cat is better than every joint method"),
    ],
)
def test_the_first_sentence_follows_the_verdict_on_the_best_joint_method(verdict, words):
    chain = entry("chain", "joint", 0.61, {"macro_ap": verdict}, 0.01)
    text = told(CAT_NO_CAT, chain, entry("mlknn", "joint", 0.2))
    assert words in text
    assert "(chain) 0.610, a difference of +0.010 (95 % interval +0.000 to +0.020)" in text


def test_other_metrics_are_claimed_only_with_a_verdict():
    nothing = told(CAT_NO_CAT, entry("chain", "joint", 0.6))
    assert "No joint method is better by more than chance in any of the other metrics" in nothing
    subset = entry("powerset", "joint", 0.5, {"subset_accuracy": "better"}, 0.06)
    text = told(CAT_NO_CAT, subset)
    assert "Subset accuracy (powerset, +0.060 (95 % interval +0.050 to +0.070))" in text
    assert "Hamming" not in text


def test_without_an_independent_method_nothing_is_compared():
    alone = entry("mlknn", "joint", 0.4) | {"against_independent": None, "reference": None}
    assert "the best macro AP is 0.400, reached by mlknn" in told(alone)


def test_nothing_is_claimed_where_nothing_was_judged():
    assert "nothing to answer" in told({"name": "chain", "kind": "joint", "failed": "no"})
