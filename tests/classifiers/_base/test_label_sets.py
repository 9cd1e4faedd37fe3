import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.model_selection import KFold, cross_val_predict, cross_val_score
from sklearn.preprocessing import MultiLabelBinarizer

from catnocat.classifiers import LabelSets, LogisticBinaryRelevance, label_matrix, label_sets
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


def test_parts_of_label_sets_keep_their_names():
    y = LabelSets(SETS)
    assert y.shape == (4, 3)
    assert list(y) == SETS
    for rows in ([2, 3], np.array([2, 3]), slice(2, None), np.array([False, False, True, True])):
        part = y[rows]
        assert np.asarray(part).tolist() == MATRIX[2:]
        assert list(part.columns) == ["cat", "dog", "elk"]
    assert np.asarray(LabelSets(SETS, ["elk", "fox", "dog", "cat"]))[0].tolist() == [0, 0, 1, 1]
    assert label_matrix(y, ["elk", "dog", "cat"])[0].tolist() == [row[::-1] for row in MATRIX]
    assert label_sets(y) == SETS
    assert repr(y) == "LabelSets(4 images; 'cat', 'dog', 'elk')"
    with pytest.raises(IndexError, match="rows only"):
        y[0, 1]


@pytest.fixture
def rare():
    """Return features, a label matrix and its sets; two labels are in one fold only."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 5))
    Y = np.hstack([X[:, :3] + rng.normal(size=(90, 3)) > 0, np.zeros((90, 2))]).astype(int)
    Y[3, 3] = Y[80, 4] = 1
    return X, Y, label_sets(Y, list("abcde"))


@pytest.mark.filterwarnings("ignore::catnocat.classifiers.ConstantLabelWarning")
@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_folds_of_label_sets_have_the_same_columns(rare, method, n_jobs):
    X, Y, sets = rare
    options = {"cv": KFold(3), "method": method, "n_jobs": n_jobs}
    expected = cross_val_predict(LogisticBinaryRelevance(), X, Y, **options)
    given = cross_val_predict(LogisticBinaryRelevance(), X, LabelSets(sets), **options)
    np.testing.assert_array_equal(given, expected)
    with pytest.raises((ValueError, TypeError)) as raised:
        cross_val_predict(LogisticBinaryRelevance(), X, sets, **options)
    if method == "predict":
        assert "pass y=LabelSets(label_sets)" in str(raised.value)


def test_predictions_of_the_same_label_sets_are_concatenated(rare):
    X, _, sets = rare
    model = LogisticBinaryRelevance().fit(X, sets)
    decisions = model.predict(X)
    both = np.concatenate([decisions, pickle.loads(pickle.dumps(decisions))])
    assert both.shape == (180, 5)
    assert decisions[:, :2].names is None
    assert type(model.fit(X, LabelSets(sets)).predict(X)) is np.ndarray


@pytest.mark.filterwarnings("ignore::catnocat.classifiers.ConstantLabelWarning")
def test_scores_compare_label_sets_by_name(rare):
    X, Y, sets = rare
    model = LogisticBinaryRelevance().fit(X, sets)
    accuracy = (model.predict(X) == Y).all(axis=1).mean()
    assert 0 < accuracy < 1
    assert model.score(X, sets) == accuracy
    assert model.score(X, LabelSets(sets, list("edcba"))) == accuracy
    assert model.score(X[:30], sets[:30]) == (model.predict(X) == Y).all(axis=1)[:30].mean()
    with pytest.raises(ValueError, match="'e' of image 80 is not among"):
        LogisticBinaryRelevance().fit(X[:60], sets[:60]).score(X, sets)
    scores = cross_val_score(LogisticBinaryRelevance(), X, LabelSets(sets), cv=KFold(3))
    np.testing.assert_array_equal(
        scores, cross_val_score(LogisticBinaryRelevance(), X, Y, cv=KFold(3))
    )
