import pytest

from catnocat.benchmarks.answer import answer
from catnocat.benchmarks.best import PURPOSES, candidates, take

AP, SETS = PURPOSES


def difference(value=0.0, verdict="no difference", wide=0.005):
    return {"difference": value, "low": value - wide, "high": value + wide, "verdict": verdict}


def entry(name, kind, ap, right=0.3, seconds=1.0, against=None, reference="one-vs-rest"):
    found = {key: difference() for key in PURPOSES} | (against or {})
    return {
        "name": name,
        "kind": kind,
        "metrics": {AP: ap, SETS: right},
        "fit_seconds": seconds,
        "reference": None if kind == "independent" else reference,
        "against_independent": None if kind == "independent" else found,
    }


CAT_NO_CAT = entry("one-vs-rest", "independent", 0.6, seconds=22.3)
CHAIN = entry("chain", "joint", 0.605)
RESULTS = {
    "dataset": {"name": "pets", "images": 90, "labels": ["cat", "dog"], "cardinality": 1.5},
    "protocol": {"images_judged": 30},
}


def told(*entries, labels=None, sets=None, more=None):
    """Give the answer, where the best of each kind differ as said."""
    fitted = [one for one in entries if "failed" not in one]
    differ = {AP: labels or difference(), SETS: sets or difference()}
    taken = take({key: candidates(fitted, found) for key, found in differ.items()})

    def best(key, found):
        of_kind = {
            kind: max(
                (one for one in fitted if one["kind"] == kind),
                key=lambda one: one["metrics"][key],
                default=None,
            )
            for kind in ("independent", "joint")
        }
        named = {kind: one and one["name"] for kind, one in of_kind.items()}
        whole = all(of_kind.values())
        return named | {"found": found if whole else None, "take": taken.get(key)}

    found = {key: best(key, one) for key, one in differ.items()}
    return answer(RESULTS | {"methods": list(entries), "best": found} | (more or {}))


@pytest.mark.parametrize(
    ("verdict", "value", "words"),
    [
        ("no difference", 0.06, "As far as can be told: on pets, nothing is shown to be better"),
        ("no difference", -0.02, "Yes: on pets, repeated cat/no-cat is good enough."),
        ("better", 0.06, "No: on pets, looking at the labels together is better"),
        ("better", 0.005, "Nearly: on pets"),
        ("worse", -0.06, "Yes: on pets"),
    ],
)
def test_the_first_sentence_follows_the_verdict_on_the_best_of_each_kind(verdict, value, words):
    text = told(CAT_NO_CAT, CHAIN, labels=difference(value, verdict))
    assert text.startswith(words)
    assert f"(chain) 0.605: a difference of {value:+.3f} (95 % interval" in text


def test_a_joint_method_that_only_beats_its_own_counterpart_is_not_recommended():
    ridge = entry("ridge", "independent", 0.63, seconds=0.5)
    rakel = entry("rakel", "joint", 0.625, against={AP: difference(0.025, "better")})
    text = told(CAT_NO_CAT, ridge, rakel, labels=difference(-0.005))
    assert text.startswith("Yes: on pets")
    assert "rakel gains 0.025 on one-vs-rest" in text
    assert "What to do now: take ridge (label by label, learns in 0.5 s)." in text


def test_the_simplest_and_quickest_of_equals_is_taken():
    quick = entry("logistic", "independent", 0.6, seconds=0.5)
    assert "take logistic (label by label, learns in 0.5 s)." in told(CAT_NO_CAT, quick, CHAIN)


def test_a_joint_method_that_is_not_shown_to_be_better_is_not_recommended():
    text = told(CAT_NO_CAT, entry("powerset", "joint", 0.63), labels=difference(0.03, wide=0.05))
    assert text.startswith("As far as can be told")
    assert "take one-vs-rest" in text


def test_whole_sets_have_a_recommendation_of_their_own_where_another_method_is_better_at_them():
    powerset = entry("powerset", "joint", 0.5, 0.4)
    text = told(CAT_NO_CAT, powerset, sets=difference(0.1, "better", 0.04))
    assert "powerset gets more of them wholly right (40 % of pictures against 30 %)" in text
    assert "take one-vs-rest (label by label, learns in 22 s) to find the pictures" in text
    assert "and powerset (labels together, learns in 1 s) to name all labels of a picture." in text


def test_how_many_pictures_it_would_take_to_tell():
    text = told(CAT_NO_CAT, CHAIN, labels=difference(wide=0.03))
    assert "would take about 300 judged pictures" in text


def test_crowds_are_told_where_they_are_known():
    assert "Crowds cost." in told(CAT_NO_CAT, CHAIN, more={"crowding": {"brief": "Crowds cost."}})


def test_detectors_are_compared_and_never_counted_as_methods():
    yolo = entry("yolo", "independent", 0.7) | {
        "fit_seconds": None,
        "reference": "one-vs-rest",
        "against_independent": {AP: difference(0.1, "better")},
    }
    results = told(CAT_NO_CAT, CHAIN)
    more = {"detectors": [{"name": "yolo", "ms_per_image": 120.0}]}
    entries = [CAT_NO_CAT, CHAIN, yolo]
    best = {
        key: {
            "independent": "one-vs-rest", "joint": "chain", "found": difference(),
            "take": "one-vs-rest",
        }
        for key in PURPOSES
    }  # fmt: skip
    text = answer(RESULTS | more | {"methods": entries, "best": best})
    assert "one method that asks" in results
    assert "one method that asks" in text
    assert "The detector yolo reaches 0.700, +0.100 (95 % interval +0.095 to +0.105)" in text
    assert "it takes 120 ms per picture" in text


def test_methods_that_failed_are_named():
    failed = {"name": "powerset", "kind": "joint", "failed": "MemoryError"}
    assert "they failed: powerset." in told(CAT_NO_CAT, CHAIN, failed)


def test_without_both_kinds_nothing_is_compared():
    text = told(entry("mlknn", "joint", 0.4))
    assert "Nothing was compared" in text
    assert "the best macro AP is 0.400, reached by mlknn" in text


def test_nothing_is_claimed_where_nothing_was_judged():
    assert "nothing to answer" in told({"name": "chain", "kind": "joint", "failed": "no"})
    unjudged = {"name": "chain", "kind": "joint", "metrics": {AP: None, SETS: 0.3}}
    best = {key: {"found": None} for key in PURPOSES}
    assert "nothing to answer" in answer(RESULTS | {"methods": [unjudged], "best": best})
