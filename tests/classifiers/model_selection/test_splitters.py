import copy

import numpy as np
import pytest
import sklearn
from scipy.sparse import csr_array
from sklearn.model_selection import cross_val_predict
from sklearn.utils.metadata_routing import get_routing_for_object

from catnocat.classifiers import (
    BinaryRelevance,
    MultilabelGroupKFold,
    MultilabelKFold,
    MultilabelShuffleSplit,
)


@pytest.fixture(name="Y")
def rare_and_empty(rng):
    """Return 200 rows of six labels, the last with three positives, a third of the rows empty."""
    Y = (rng.random((200, 6)) < [0.5, 0.3, 0.1, 0.1, 0.05, 0]).astype(int)
    Y[::3] = 0
    Y[[1, 50, 100], 5] = 1
    return Y


def test_folds_share_out_every_label(Y):
    tests = [test for _, test in MultilabelKFold(5).split(Y, Y)]
    assert sorted(np.concatenate(tests)) == list(range(200))
    shares = np.array([Y[test].sum(axis=0) for test in tests])
    assert (abs(shares - Y.sum(axis=0) / 5) <= 2).all()
    empty = [(Y[test].sum(axis=1) == 0).sum() for test in tests]
    assert np.ptp(empty) <= 1
    assert sorted(shares[:, 5]) == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("splitter", [MultilabelKFold, MultilabelShuffleSplit])
def test_seed(splitter, Y):
    def tests(seed):
        return [test.tolist() for _, test in splitter(3, random_state=seed).split(Y, Y)]

    assert tests(0) == tests(0)
    assert tests(0) != tests(1)


@pytest.mark.parametrize(
    "labels", [np.zeros((20, 3), int), np.ones((20, 1), int), np.arange(20) % 2]
)
def test_labels_that_stratify_little(labels):
    tests = [test for _, test in MultilabelKFold(4).split(labels, labels)]
    assert [len(test) for test in tests] == [5, 5, 5, 5]


def test_sparse_labels_and_label_sets(Y):
    dense = [test.tolist() for _, test in MultilabelKFold(3).split(Y, Y)]
    assert [test.tolist() for _, test in MultilabelKFold(3).split(Y, csr_array(Y))] == dense
    sets = [{"abcdefgh"[j] for j in np.flatnonzero(row)} for row in Y]
    assert [test.tolist() for _, test in MultilabelKFold(3).split(Y, sets)] == dense


def test_groups_stay_whole_and_labels_even(Y, rng):
    groups = rng.integers(0, 60, 200)
    folds = list(MultilabelGroupKFold(4).split(Y, Y, groups))
    for train, test in folds:
        assert not set(groups[train]) & set(groups[test])
        assert abs(len(test) - 50) <= 8
        assert (abs(Y[test].sum(axis=0) - Y.sum(axis=0) / 4) <= 5).all()
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(200))


def test_as_many_groups_as_folds(Y):
    groups = np.repeat([0, 1, 2], [190, 5, 5])
    assert [len(test) for _, test in MultilabelGroupKFold(3).split(Y, Y, groups)] == [190, 5, 5]


def test_split_meets_its_size(Y):
    train, test = next(MultilabelShuffleSplit(test_size=0.2).split(Y, Y))
    assert sorted([*train, *test]) == list(range(200))
    assert abs(len(test) - 40) <= 4
    assert (abs(Y[test].sum(axis=0) - Y.sum(axis=0) / 5) <= 2).all()


def test_more_folds_than_images():
    with pytest.raises(ValueError, match="5 folds of 3 images"):
        list(MultilabelKFold(5).split(None, np.eye(3, dtype=int)))
    with pytest.raises(ValueError, match="5 folds of 2 groups"):
        list(MultilabelGroupKFold(5).split(None, np.eye(3, dtype=int), [0, 0, 1]))
    with pytest.raises(ValueError, match="groups must be given"):
        list(MultilabelGroupKFold(2).split(None, np.eye(3, dtype=int)))


@pytest.mark.parametrize(
    "splitter", [MultilabelKFold, MultilabelGroupKFold, MultilabelShuffleSplit]
)
@pytest.mark.parametrize("n_splits", [0, 2.5, "x", None])
def test_refuses_a_wrong_number_of_splits(Y, splitter, n_splits):
    with pytest.raises(ValueError, match="n_splits must be a whole number"):
        list(splitter(n_splits).split(Y, Y, np.arange(200) % 7))


def test_no_part_may_be_empty():
    with pytest.raises(ValueError, match=r"cannot hold out 0\.15 of 3 images"):
        next(MultilabelShuffleSplit(test_size=0.15).split(None, [[0, 0, 0], [1, 0, 1], [0, 1, 0]]))


@pytest.mark.parametrize("size", [0.0, 1.5, "x", None])
def test_refuses_a_wrong_size(Y, size):
    with pytest.raises(ValueError, match="test_size must be a number"):
        next(MultilabelShuffleSplit(test_size=size).split(Y, Y))


def test_refuses_wrong_groups(Y):
    for groups, message in (
        (np.arange(9), "got 9 for 200"),
        (["a", None] * 100, "all names or all"),
    ):
        with pytest.raises(ValueError, match=message):
            list(MultilabelGroupKFold(2).split(Y, Y, groups))


def test_serves_as_cv(Y, rng):
    X = rng.normal(size=(200, 3))
    P = cross_val_predict(BinaryRelevance(), X, Y, cv=MultilabelKFold(3), method="predict_proba")
    assert P.shape == Y.shape


SPLITTERS = [MultilabelKFold(3), MultilabelGroupKFold(3), MultilabelShuffleSplit(2)]


@pytest.mark.parametrize("splitter", SPLITTERS, ids=lambda splitter: type(splitter).__name__)
def test_groups_are_requested_and_kept_whole(splitter, Y, rng):
    groups = rng.integers(0, 30, 200)
    assert get_routing_for_object(splitter).split.requests == {"groups": True}
    for train, test in splitter.split(Y, Y, groups):
        assert len(test) > 0
        assert not set(groups[train]) & set(groups[test])
    with sklearn.config_context(enable_metadata_routing=True):
        silent = copy.copy(splitter).set_split_request(groups=False)
        assert silent.get_metadata_routing().split.requests == {"groups": False}
    with pytest.raises(ValueError, match="got 9 for 200"):
        list(splitter.split(Y, Y, np.arange(9)))


def test_a_split_by_groups_meets_its_size(Y, rng):
    groups = rng.integers(0, 60, 200)
    for size in (0.2, 40):
        tests = [test for _, test in MultilabelShuffleSplit(3, test_size=size).split(Y, Y, groups)]
        assert all(abs(len(test) - 40) <= 8 for test in tests)
        assert len({tuple(test) for test in tests}) == 3
    with pytest.raises(ValueError, match="all of them are in one group"):
        next(MultilabelShuffleSplit().split(Y, Y, np.zeros(200)))


@pytest.mark.parametrize("splitter", [MultilabelKFold, MultilabelGroupKFold])
def test_shuffle(splitter, Y):
    groups = np.arange(200) // 2 if splitter is MultilabelGroupKFold else None

    def tests(**options):
        return [test.tolist() for _, test in splitter(4, **options).split(Y, Y, groups)]

    assert tests(shuffle=False) == tests(shuffle=False)
    assert tests(shuffle=False) != tests(shuffle=True) == tests()
    assert sorted(np.concatenate(tests(shuffle=False))) == list(range(200))
    with pytest.raises(ValueError, match="shuffle must be True or False"):
        tests(shuffle="yes")
