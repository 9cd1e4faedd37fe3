import pytest

from catnocat.benchmarks.answer import answer
from catnocat.benchmarks.best import PURPOSES
from catnocat.benchmarks.details import details

AP, SETS = PURPOSES


def difference(value=0.0, verdict="no difference", wide=0.005):
    return {"difference": value, "low": value - wide, "high": value + wide, "verdict": verdict}


def entry(name, kind, ap, right=0.3, seconds=1.0, against=None, reference="one-vs-rest"):
    found = {key: difference() for key in PURPOSES} | (against or {})
    return {
        "name": name,
        "kind": kind,
        "metrics": {AP: ap, SETS: right},
        "intervals": {"macro_auroc": {"low": 0.7}},
        "choose_seconds": 0.0,
        "fit_seconds": seconds,
        "chosen": [{}],
        "reference": None if kind == "independent" else reference,
        "against_independent": None if kind == "independent" else found,
    }


CAT_NO_CAT = entry("one-vs-rest", "independent", 0.6, seconds=22.3)
CHAIN = entry("chain", "joint", 0.605)


def results_of(
    *entries,
    labels=None,
    sets=None,
    take=("one-vs-rest", "one-vs-rest"),
    at_most=None,
    **more,
):
    """Give results in which the best of each kind differ as said."""
    fitted = [one for one in entries if "failed" not in one]

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
        both = all(of_kind.values())
        high = found["high"] if at_most is None else at_most
        return named | {
            "found": found if both else None,
            "at_most": {"name": "powerset", "high": high} if both else None,
        }

    differ = {AP: labels or difference(), SETS: sets or difference()}
    recommended = {
        key: {"take": name, "as_good": [name], "seconds": {name: 30.0}}
        for key, name in zip(PURPOSES, take, strict=True)
    }
    return {
        "dataset": {"name": "pets", "images": 90, "labels": ["cat", "dog"], "cardinality": 1.5},
        "protocol": {"images_judged": 30},
        "methods": list(entries),
        "best": {key: best(key, one) for key, one in differ.items()},
        "recommended": recommended,
    } | more


def told(*entries, **more):
    return answer(results_of(*entries, **more))


def behind(*entries, **more):
    return " ".join(details(results_of(*entries, **more)))


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
    assert f"(chain) reaches 0.605: a difference of {value:+.3f} (95 % interval" in text


def test_it_is_yes_only_if_no_joint_method_at_all_could_be_better_by_what_matters():
    narrow = {"labels": difference(-0.001, wide=0.002)}
    assert told(CAT_NO_CAT, CHAIN, **narrow).startswith("Yes")
    assert told(CAT_NO_CAT, CHAIN, at_most=0.03, **narrow).startswith("As far as can be told")
    text = behind(CAT_NO_CAT, CHAIN, at_most=0.03, **narrow)
    assert "is better than one-vs-rest by more than 0.030 (where powerset's ends)." in text
    below = behind(CAT_NO_CAT, CHAIN, at_most=-0.01, **narrow)
    assert "Every method that looks at all labels together is below one-vs-rest" in below


def test_it_says_how_many_of_each_kind_were_compared_and_what_came_out():
    some = (CAT_NO_CAT, entry("ridge", "independent", 0.5), CHAIN)
    assert (
        "Judged on 30 pictures that none had learned from, the best of 2 methods that ask of each"
        " label by itself (one-vs-rest) finds the pictures of a label with a macro AP of 0.600,"
        " where 1 is perfect; the one method that looks at all labels together (chain) reaches"
        " 0.605: a difference of +0.005 (95 % interval 0.000 to +0.010), which chance alone can"
        " explain. What to do now: take one-vs-rest (label by label)."
    ) in told(*some, labels=difference(0.005))


def test_it_is_short_enough_for_a_beginner():
    crowds = {"brief": "Crowds make it harder: AUROC falls from 0.89 to 0.78 with 4 or more."}
    assert len(told(CAT_NO_CAT, CHAIN, crowding=crowds).split()) < 110


@pytest.mark.parametrize(("low", "neither"), [(None, True), (0.49, True), (0.51, False)])
def test_where_nothing_works_cat_no_cat_is_not_called_good_enough(low, neither):
    some = [one | {"intervals": {"macro_auroc": {"low": low}}} for one in (CAT_NO_CAT, CHAIN)]
    text = told(*some, labels=difference(-0.001, wide=0.002))
    assert text.startswith("Neither: on pets, no method is shown to tell" if neither else "Yes")
    assert ("take one-vs-rest" in text) is not neither
    assert ("look whether the pictures show what the labels say" in text) is neither
    assert ("is recommended" in behind(*some)) is not neither


def test_each_purpose_has_its_recommendation():
    text = told(CAT_NO_CAT, entry("powerset", "joint", 0.5), take=("one-vs-rest", "powerset"))
    assert "take one-vs-rest (label by label) to find the pictures of a label, and" in text
    assert "and powerset (labels together) to name all labels of a picture." in text


def test_a_joint_method_that_only_beats_its_own_counterpart_is_told_apart():
    ridge = entry("ridge", "independent", 0.63, seconds=0.5)
    rakel = entry("rakel", "joint", 0.625, against={AP: difference(0.025, "better")})
    asked = {"labels": difference(-0.005), "take": ("ridge", "ridge")}
    assert told(CAT_NO_CAT, ridge, rakel, **asked).startswith("Yes: on pets")
    text = behind(CAT_NO_CAT, ridge, rakel, **asked)
    assert "(rakel gains 0.025 of macro AP on one-vs-rest), but another kind" in text
    best = behind(CAT_NO_CAT, ridge, rakel, labels=difference(0.1, "better"))
    assert "Rakel gains 0.025 of macro AP on one-vs-rest, which it is akin to." in best


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("better", "pays: it gets more of them wholly right (powerset 40 % of pictures, one-vs-"),
        ("worse", "does worse, with fewer wholly right (powerset 40 % of pictures, one-vs-rest 3"),
        ("no difference", "neither kind is shown to get more of them wholly right (powerset 40 %"),
    ],
)
def test_whole_sets_are_told_behind_it(verdict, words):
    powerset = entry("powerset", "joint", 0.5, 0.4)
    assert words in behind(CAT_NO_CAT, powerset, sets=difference(0.1, verdict, 0.04))


def test_it_says_why_the_recommended_method_is():
    text = behind(CAT_NO_CAT, CHAIN)
    assert (
        "one-vs-rest is recommended to find the pictures of a label and name all labels of a"
        " picture. Nothing else comes near enough. From pictures to"
        " answers it took 30 s, 22 s of it to learn."
    ) in text
    as_good = ["one-vs-rest", "ridge", "logistic"]
    found = results_of(CAT_NO_CAT, CHAIN)
    found["recommended"][AP] |= {"as_good": as_good}
    assert "By the rule ridge, logistic are as good; of those" in " ".join(details(found))


def test_how_many_pictures_it_would_take_to_tell():
    text = behind(CAT_NO_CAT, CHAIN, labels=difference(wide=0.03))
    assert "would take about 300 judged pictures." in text


def test_crowds_are_told_where_they_are_known():
    assert "Crowds cost." in told(CAT_NO_CAT, CHAIN, crowding={"brief": "Crowds cost."})


def test_detectors_are_compared_and_never_counted_as_methods():
    yolo = entry("yolo", "independent", 0.7) | {
        "fit_seconds": None,
        "reference": "one-vs-rest",
        "against_independent": {AP: difference(0.1, "better")},
    }
    found = results_of(CAT_NO_CAT, CHAIN, detectors=[{"name": "yolo", "ms_per_image": 120.0}])
    found["methods"].append(yolo)
    text = answer(found)
    assert "the one method that asks of each label" in text
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
    found = results_of(CAT_NO_CAT) | {"methods": [unjudged]}
    assert "nothing to answer" in answer(found)
    assert details(found) == []
