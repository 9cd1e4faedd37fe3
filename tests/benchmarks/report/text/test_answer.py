import pytest

from catnocat.benchmarks.analysis import PURPOSES
from catnocat.benchmarks.report.text import answer, details, headline

AP, SETS = PURPOSES


@pytest.fixture
def background(make_results):
    return lambda *entries, **more: " ".join(details(make_results(*entries, **more)))


def test_answer_leads_with_the_headline_and_ends_with_the_recommendation(make_results):
    results = make_results()
    text = answer(results)
    assert text.startswith(headline(results))
    assert text.endswith("Recommended: one-vs-rest (independent).")


def test_answer_is_short(make_results, make_effect):
    crowding = {"effects": {"labels": make_effect()}}
    assert len(answer(make_results(crowding=crowding)).split()) < 130


def test_crowding_is_part_of_the_answer_unless_nothing_is_usable(make_results, make_effect):
    crowding = {"effects": {"labels": make_effect()}}
    assert "AUROC (chance level 0.5) falls from 0.89" in answer(make_results(crowding=crowding))
    useless = make_results(crowding=crowding, beaten_by={AP: [], SETS: []}, take=(None, None))
    assert useless["verdicts"]["headline"]["code"] == "nothing_usable"
    assert "0.89" not in answer(useless)
    assert "No method is recommended" in answer(useless)


def test_detectors_are_compared(make_results, make_entry, difference):
    yolo = make_entry("yolo", "independent", 0.7) | {
        "reference": "one-vs-rest",
        "against_independent": {AP: difference(0.1, "better")},
    }
    results = make_results(detectors=[{"name": "yolo", "ms_per_image": 120.0}])
    results["methods"].append(yolo)
    assert (
        "The detector yolo reaches a macro AP of 0.700: +0.100 (95 % confidence interval +0.095 to"
        " +0.105) compared with one-vs-rest, significant; it takes 120 ms per image."
    ) in answer(results)


def test_failed_methods_are_named(make_results, make_entry):
    failed = {"name": "powerset", "kind": "joint", "base": "", "about": "", "failed": "MemoryError"}
    entries = (make_entry("one-vs-rest", "independent"), make_entry("chain", "joint"), failed)
    assert "Failed and not compared: powerset." in answer(make_results(*entries))


def test_with_one_kind_nothing_is_compared(make_results, make_entry):
    results = make_results(make_entry("mlknn", "independent", 0.4), take=("mlknn", "mlknn"))
    text = answer(results)
    assert text.startswith("Not compared: on pets")
    assert "the best method is mlknn (independent) with 0.400" in text
    assert details(results) == []


def test_without_figures_there_is_no_answer(make_results, make_entry):
    failed = {"name": "chain", "kind": "joint", "failed": "no"}
    results = make_results(failed, take=(None, None))
    assert answer(results) == "No answer: on pets, every method failed."
    results = make_results(make_entry("chain", "joint", None, None), take=(None, None))
    assert answer(results).startswith("No answer: on pets, no label has both")
    assert details(results) == []


def test_upper_bound_of_joint_methods_is_in_the_details(background, difference):
    narrow = {"labels": difference(-0.001, wide=0.002)}
    text = background(at_most=0.03, **narrow)
    assert "no joint method exceeds the macro AP of one-vs-rest by more than 0.030" in text
    below = background(at_most=-0.01, **narrow)
    assert "The macro AP of every joint method is below that of one-vs-rest" in below


def test_joint_method_that_only_beats_its_own_reference(background, make_entry, difference):
    entries = (
        make_entry("one-vs-rest", "independent"),
        make_entry("ridge", "independent", 0.63),
        make_entry("rakel", "joint", 0.625, against={AP: difference(0.025, "better")}),
    )
    take = ("ridge", "ridge")
    text = background(*entries, labels=difference(-0.005), take=take)
    assert (
        "rakel gains 0.025 of macro AP over one-vs-rest, the independent method of the same base"
        " learner, but" in text
    )
    better = background(*entries, labels=difference(0.1, "better"), take=take)
    assert "over one-vs-rest, the independent method of the same base learner." in better


def test_reasons_of_the_recommendation(make_results):
    results = make_results(take=("one-vs-rest", None))
    results["methods"][1]["metrics"][AP] = 0.5
    text = " ".join(details(results))
    assert "one-vs-rest is recommended for finding the images of a label." in text
    assert "No other method is within 0.01 in macro AP." in text
    assert "From images to predictions it took 30 s of processor time, 22 s of which" in text
    results["recommended"][AP]["equivalent"] = ["one-vs-rest", "ridge", "logistic"]
    assert "By macro AP, ridge, logistic are as good by the rule." in " ".join(details(results))


@pytest.mark.parametrize("figure", [0.595, 0.6, 0.65])
def test_method_that_is_level_but_not_eligible_is_named(figure, make_results):
    results = make_results(take=("one-vs-rest", None))
    results["methods"][1]["metrics"][AP] = figure
    text = " ".join(details(results))
    assert f"chain ({figure:.3f}) is level or ahead in macro AP, but not eligible" in text
    assert "No other method is within" not in text


def test_detector_ahead_counts_as_near(make_results, make_entry):
    results = make_results(
        take=("one-vs-rest", None), detectors=[{"name": "yolo", "ms_per_image": None}]
    )
    results["methods"][1]["metrics"][AP] = 0.5
    results["methods"].append(make_entry("yolo", "independent", 0.7))
    assert "No other method is within" not in " ".join(details(results))


def test_number_of_test_images_needed(background, difference):
    text = background(labels=difference(wide=0.03))
    assert "a difference of 0.010 in macro AP, about 3,000 test images would be needed" in text
