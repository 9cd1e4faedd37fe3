from dataclasses import replace

import numpy as np

from catnocat.benchmarks.analysis.confident_errors import (
    KINDS,
    MAX_SHOWN,
    N_OVERALL,
    find_confident_errors,
)
from catnocat.benchmarks.evaluation.cross_validation import MethodResult
from catnocat.benchmarks.evaluation.methods import METHODS


def method_result(name, scores):
    scores = np.asarray(scores, dtype=float)
    predicted = scores > 0.5
    return MethodResult(
        METHODS[name], scores=scores, predictions_by_aim={"set": predicted.astype(int)}
    )


def test_most_confident_errors_come_first_with_the_predictions_of_all_methods(make_table):
    table = make_table(3, 2, Y=np.array([[0, 1], [0, 1], [1, 1]], dtype=np.uint8))
    cat_no_cat = method_result("one-vs-rest", [[0.7, 0.1], [0.9, 0.9], [0.8, 0.4]])
    chain = method_result("chain", [[0.2, 0.2], [0.6, 0.9], [0.9, 0.9]])
    errors = find_confident_errors([chain, cat_no_cat], table, "one-vs-rest")
    assert errors["method"] == "one-vs-rest"
    assert errors["counts"] == {"false positive": 2, "false negative": 2}
    shown = [
        (error["image"], error["label"], error["kind"], error["correct"])
        for error in errors["shown"]
    ]
    assert shown == [
        ("1.jpg", "label0", "false positive", []),
        ("0.jpg", "label0", "false positive", ["chain"]),
        ("0.jpg", "label1", "false negative", []),
        ("2.jpg", "label1", "false negative", ["chain"]),
    ]
    assert errors["shown"][0]["probabilities"] == {"chain": 0.6, "one-vs-rest": 0.9}
    assert errors["shown"][0]["truth"] == ["label1"]
    assert errors["shown"][0]["file"] == "/made/1.jpg"


def test_unknown_labels_are_no_errors(make_table):
    table = make_table(1, 2, Y=np.zeros((1, 2), dtype=np.uint8), known=np.array([[False, True]]))
    errors = find_confident_errors([method_result("one-vs-rest", [[0.9, 0.1]])], table, None)
    assert errors["counts"] == dict.fromkeys(KINDS, 0)
    assert errors["shown"] == []


def test_every_label_is_represented_up_to_a_maximum(make_table):
    n, labels = 60, 300
    rng = np.random.default_rng(0)
    table = make_table(n, labels)
    errors = find_confident_errors(
        [method_result("one-vs-rest", rng.random((n, labels)))], table, None
    )
    assert len(errors["shown"]) == MAX_SHOWN
    assert sum(error["overall"] for error in errors["shown"]) == 2 * N_OVERALL
    few = make_table(n, 3)
    errors = find_confident_errors([method_result("one-vs-rest", rng.random((n, 3)))], few, None)
    assert {
        error["label"] for error in errors["shown"] if error["kind"] == "false negative"
    } == set(few.labels)


def test_image_tested_twice_is_shown_once(make_table):
    table = make_table(2, 1, Y=np.zeros((2, 1), dtype=np.uint8)).take([0, 1, 0])
    errors = find_confident_errors(
        [method_result("one-vs-rest", [[0.7], [0.8], [0.9]])], table, None
    )
    assert [error["image"] for error in errors["shown"]] == ["0.jpg", "1.jpg"]
    assert errors["counts"]["false positive"] == 3


def test_without_images_or_methods_there_is_no_gallery(make_table):
    table = make_table(2, 1)
    result = method_result("one-vs-rest", [[0.7], [0.8]])
    assert find_confident_errors([result], replace(table, paths=("", "")), None) is None
    assert find_confident_errors([MethodResult(METHODS["chain"], failed="no")], table, None) is None
