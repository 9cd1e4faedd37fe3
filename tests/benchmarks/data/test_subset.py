import numpy as np
import pytest

from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.data.subset import sample_rows, scorable_labels, with_min_positives
from catnocat.benchmarks.utils.errors import InputError


@pytest.mark.parametrize("limit", [1, 2, 10, 57, 199, 299, 300, 1000])
@pytest.mark.parametrize("parts", [{}, {"split": ["train"] * 200 + ["test"] * 100}])
def test_a_sample_has_exactly_so_many_rows(make_table, limit, parts):
    table = make_table(300, **parts)
    rows = sample_rows(table, limit, 3)
    assert len(rows) == min(limit, 300)
    assert np.array_equal(rows, np.unique(rows))
    assert np.array_equal(rows, sample_rows(table, limit, 3))


def test_another_seed_draws_others(make_table):
    table = make_table(300)
    assert not np.array_equal(sample_rows(table, 50, 0), sample_rows(table, 50, 1))


def test_every_label_and_both_sides_keep_their_share(make_table):
    table = make_table(900, 8, split=["train"] * 600 + ["test"] * 300)
    drawn = table.take(sample_rows(table, 300))
    assert (drawn.split == "train").sum() == 200
    off = drawn.Y.sum(axis=0) - table.Y.sum(axis=0) / 3
    assert np.abs(off).max() < 4  # a plain draw would be off by some 7


def test_a_side_of_two_pictures_keeps_one(make_table):
    table = make_table(100, split=["train"] * 98 + ["test"] * 2)
    assert table.take(sample_rows(table, 10)).split.tolist().count("test") == 1


def test_rare_labels_are_not_always_lost(make_table):
    Y = np.zeros((100, 1))
    Y[0] = 1
    table = make_table(100, 1, Y=Y)
    kept = [table.take(sample_rows(table, 25, seed)).Y.sum() for seed in range(200)]
    assert 25 < sum(kept) < 80


def test_no_limit_below_one(make_table):
    with pytest.raises(InputError, match="--limit 0: must be at least 1"):
        sample_rows(make_table(9), 0)


def test_photographs(data):
    table = read_dataset(data / "coco18")
    drawn = table.take(sample_rows(table, 500))
    assert np.abs(drawn.prevalence - table.prevalence).max() < 0.006


def test_labels_below_the_least_go_and_pictures_stay(make_table):
    Y = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1]])
    table = make_table(3, 3, Y=Y, known=Y >= 0, counts=Y * 3)
    fewer = with_min_positives(table, 2)
    assert fewer.labels == ("label0", "label1")
    assert fewer.n_images == 3
    assert fewer.counts.tolist() == [[3, 3], [3, 0], [3, 3]]
    with pytest.raises(InputError, match="the most frequent, 'label0', has 3"):
        with_min_positives(table, 4)


def test_labels_that_can_be_judged_in_folds(make_table):
    Y = np.array([[1, 1, 1, 0]] * 2 + [[1, 1, 0, 0]] + [[1, 0, 0, 1]] * 3)
    assert scorable_labels(make_table(6, Y=Y), 3).tolist() == [False, True, False, True]
    assert scorable_labels(make_table(6, Y=Y)).tolist() == [False] * 4


def test_labels_that_can_be_judged_by_the_split(make_table):
    Y = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]])
    known = np.ones((4, 4), dtype=bool)
    table = make_table(4, Y=Y, known=known, split=["train"] * 2 + ["test"] * 2)
    assert scorable_labels(table).tolist() == [True, False, False, True]
    known[1, 0] = False  # the only training image without the first label
    table = make_table(4, Y=Y, known=known, split=["train"] * 2 + ["test"] * 2)
    assert scorable_labels(table).tolist() == [False, False, False, True]
