import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.preprocessing import MultiLabelBinarizer

from catnocat.classifiers import label_matrix, label_sets
from catnocat.classifiers._base.label_sets import are_label_sets

SETS = [{"cat", "dog"}, {"elk"}, set(), {"cat"}]
MATRIX = [[1, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize("kind", [set, list, tuple, np.array, frozenset])
def test_sets_of_any_kind(kind):
    Y, names = label_matrix([kind(sorted(members)) for members in SETS])
    assert Y.tolist() == MATRIX
    assert Y.dtype == np.uint8
    assert list(names) == ["cat", "dog", "elk"]
    assert label_sets(Y, names) == SETS


def test_agrees_with_scikit_learn():
    binarizer = MultiLabelBinarizer()
    np.testing.assert_array_equal(label_matrix(SETS)[0], binarizer.fit_transform(SETS))


def test_a_generator_and_a_series():
    assert label_matrix(iter(SETS))[0].tolist() == MATRIX
    assert label_matrix(pd.Series(SETS))[0].tolist() == MATRIX


def test_label_sets_are_known_from_vectors_and_matrices():
    as_lists = [sorted(members) for members in SETS]
    as_objects = np.array(SETS, dtype=object)
    for given in (SETS, as_lists, tuple(map(tuple, as_lists)), pd.Series(as_lists), as_objects):
        assert are_label_sets(given)
        assert label_matrix(given)[0].tolist() == MATRIX
    vector = ["cat", "dog"] * 2
    for given in (MATRIX, vector, pd.Series(vector), np.array(vector, dtype=object), [], None):
        assert not are_label_sets(given)


def test_names_give_the_columns_and_their_order():
    Y, names = label_matrix(SETS, ["elk", "fox", "cat", "dog"])
    assert Y.tolist() == [[0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
    assert list(names) == ["elk", "fox", "cat", "dog"]
    assert label_sets(Y, names) == SETS


@pytest.mark.parametrize("form", [np.array, csr_array, lambda rows: np.array(rows, dtype=bool)])
def test_matrices(form):
    Y, names = label_matrix(form(MATRIX))
    assert Y.tolist() == MATRIX
    assert list(names) == [0, 1, 2]
    assert label_sets(form(MATRIX)) == [{0, 1}, {2}, set(), {0}]


def test_data_frames():
    frame = pd.DataFrame(MATRIX, columns=["cat", "dog", "elk"])
    assert label_sets(frame) == SETS
    Y, names = label_matrix(frame, ["elk", "cat"])
    assert Y.tolist() == [[0, 1], [1, 0], [0, 0], [0, 1]]
    assert list(names) == ["elk", "cat"]
    with pytest.raises(ValueError, match="no column 'fox'"):
        label_matrix(frame, ["cat", "fox"])


def test_numbers_are_names_too():
    Y, names = label_matrix([[17, 3], [3]])
    assert (Y.tolist(), names.tolist()) == ([[1, 1], [1, 0]], [3, 17])


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="Label 'fox' of image 1 is not among"):
        label_matrix([["cat"], ["fox"]], ["cat", "dog"])
    with pytest.raises(ValueError, match=r"Image 0 has 'cat' where a set .*\['cat'\]"):
        label_matrix(["cat", "dog"])
    with pytest.raises(ValueError, match="must be unique"):
        label_matrix(SETS, ["cat", "dog", "elk", "cat"])
    with pytest.raises(ValueError, match="only 0 and 1"):
        label_matrix(np.array([[0, 2]]))
    with pytest.raises(ValueError, match=r"\(n_images, 2\), one column per name, got \(4, 3\)"):
        label_sets(MATRIX, ["cat", "dog"])
