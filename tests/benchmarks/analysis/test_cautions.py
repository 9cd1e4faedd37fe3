import numpy as np
import pytest

from catnocat.benchmarks.analysis.verdicts import (
    MIN_TEST_IMAGES,
    MIN_TEST_POSITIVES,
    describe_test_labels,
    find_cautions,
)


def codes(test_positives, *, test_images=500, images=500, positives=None, averaged=None):
    labels = {label: {"positives": count} for label, count in test_positives.items()}
    cautions = find_cautions(
        labels,
        test_images=test_images,
        images=images,
        averaged=list(labels if averaged is None else averaged),
        positives=positives or test_positives,
    )
    return [(caution["code"], caution["remedy"]) for caution in cautions]


def test_a_large_test_set_needs_no_caution():
    assert codes({"cat": MIN_TEST_POSITIVES}, test_images=MIN_TEST_IMAGES) == []


@pytest.mark.parametrize(("images", "remedy"), [(500, "folds"), (199, "more_images")])
def test_few_test_images(images, remedy):
    assert codes({"cat": 50}, test_images=199, images=images) == [("few_test_images", remedy)]


@pytest.mark.parametrize(("total", "remedy"), [(30, "folds"), (9, "more_images")])
def test_few_positive_test_images_of_an_averaged_label(total, remedy):
    assert codes({"cat": 50, "lynx": 9}, positives={"cat": 50, "lynx": total}) == [
        ("few_test_positives", remedy)
    ]
    assert codes({"cat": 50, "lynx": 9}, averaged=["cat"]) == []


def test_test_images_are_counted_once_and_unknown_ones_not(make_table):
    known = np.ones((6, 2), dtype=bool)
    known[0] = False
    Y = np.array([[1, 0]] * 3 + [[0, 1]] * 3, dtype=np.uint8)
    table = make_table(6, 2, Y=Y * known, known=known)
    found = describe_test_labels(table, np.array([0, 1, 2, 3, 3, 1]))
    assert found["label0"] == {"images": 3, "positives": 2, "prevalence": 0.66667}
    assert found["label1"]["positives"] == 1
