from dataclasses import replace

import numpy as np

from catnocat.benchmarks.analysis.confident_errors import (
    AT_MOST,
    KINDS,
    OVERALL,
    find_confident_errors,
)
from catnocat.benchmarks.evaluation.cross_validation import MethodResult
from catnocat.benchmarks.evaluation.methods import METHODS


def method_result(name, scores):
    scores = np.asarray(scores, dtype=float)
    said = scores > 0.5
    return MethodResult(METHODS[name], scores=scores, predictions_by_aim={"set": said.astype(int)})


def test_the_surest_mistakes_come_first_and_the_others_are_heard(make_table):
    table = make_table(3, 2, Y=np.array([[0, 1], [0, 1], [1, 1]], dtype=np.uint8))
    cat_no_cat = method_result("one-vs-rest", [[0.7, 0.1], [0.9, 0.9], [0.8, 0.4]])
    chain = method_result("chain", [[0.2, 0.2], [0.6, 0.9], [0.9, 0.9]])
    found = find_confident_errors([chain, cat_no_cat], table)
    assert found["method"] == "one-vs-rest"
    assert found["counts"] == {"false alarm": 2, "miss": 2}
    told = [(one["image"], one["label"], one["kind"], one["right"]) for one in found["shown"]]
    assert told == [
        ("1.jpg", "label0", "false alarm", []),
        ("0.jpg", "label0", "false alarm", ["chain"]),
        ("0.jpg", "label1", "miss", []),
        ("2.jpg", "label1", "miss", ["chain"]),
    ]
    assert found["shown"][0]["probabilities"] == {"chain": 0.6, "one-vs-rest": 0.9}
    assert found["shown"][0]["truth"] == ["label1"]
    assert found["shown"][0]["file"] == "/made/1.jpg"


def test_what_is_unknown_is_no_mistake(make_table):
    table = make_table(1, 2, Y=np.zeros((1, 2), dtype=np.uint8), known=np.array([[False, True]]))
    found = find_confident_errors([method_result("one-vs-rest", [[0.9, 0.1]])], table)
    assert found["counts"] == dict.fromkeys(KINDS, 0)
    assert found["shown"] == []


def test_every_label_has_its_own_and_all_of_them_are_bounded(make_table):
    n, labels = 60, 300
    rng = np.random.default_rng(0)
    table = make_table(n, labels)
    found = find_confident_errors([method_result("one-vs-rest", rng.random((n, labels)))], table)
    assert len(found["shown"]) == AT_MOST
    assert sum(one["overall"] for one in found["shown"]) == 2 * OVERALL
    few = make_table(n, 3)
    found = find_confident_errors([method_result("one-vs-rest", rng.random((n, 3)))], few)
    assert {one["label"] for one in found["shown"] if one["kind"] == "miss"} == set(few.labels)


def test_a_picture_judged_twice_is_shown_once(make_table):
    table = make_table(2, 1, Y=np.zeros((2, 1), dtype=np.uint8)).take([0, 1, 0])
    found = find_confident_errors([method_result("one-vs-rest", [[0.7], [0.8], [0.9]])], table)
    assert [one["image"] for one in found["shown"]] == ["0.jpg", "1.jpg"]
    assert found["counts"]["false alarm"] == 3


def test_there_is_no_gallery_without_pictures_or_methods(make_table):
    table = make_table(2, 1)
    judged = method_result("one-vs-rest", [[0.7], [0.8]])
    assert find_confident_errors([judged], replace(table, paths=("", ""))) is None
    assert find_confident_errors([MethodResult(METHODS["chain"], failed="no")], table) is None
