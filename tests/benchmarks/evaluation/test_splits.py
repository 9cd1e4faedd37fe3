import numpy as np
import pytest

from catnocat.benchmarks.evaluation.splits import describe_protocol, inner_folds, outer_folds
from catnocat.benchmarks.utils.errors import InputError


def test_the_split_of_the_table_is_used(make_table):
    table = make_table(30, split=["train"] * 20 + ["test"] * 10)
    (fold,) = outer_folds(table, None, seed=0)
    assert fold.train.tolist() == list(range(20))
    assert fold.test.tolist() == list(range(20, 30))
    assert describe_protocol(table, None, 0)["folds"] == 1


def test_the_option_folds_overrides_the_split(make_table):
    table = make_table(30, split=["train"] * 20 + ["test"] * 10)
    folds = outer_folds(table, 3, seed=0)
    assert len(folds) == describe_protocol(table, 3, 0)["folds"] == 3
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(30))
    for fold in folds:
        assert not set(fold.train) & set(fold.test)


def test_folds_repeat_with_the_seed_and_differ_without(make_table):
    table = make_table(60)
    first, again, other = (outer_folds(table, None, seed) for seed in (1, 1, 2))
    assert all((a.test == b.test).all() for a, b in zip(first, again, strict=True))
    assert any(
        len(a.test) != len(b.test) or (a.test != b.test).any()
        for a, b in zip(first, other, strict=True)
    )


def test_inner_folds_are_stratified(make_table):
    table = make_table(300)
    Y = table.Y
    for fold in inner_folds(table, seed=0):
        assert abs(Y[fold.test].mean(axis=0) - Y[fold.train].mean(axis=0)).max() < 0.05


def test_a_split_without_readable_test_images_raises(make_table):
    table = make_table(30, split=["train"] * 20 + ["test"] * 10).take(np.arange(20))
    with pytest.raises(InputError, match="no readable image is left in its test split"):
        outer_folds(table, None, seed=0)


def test_folds_keep_groups_whole(make_table):
    table = make_table(60, group=[f"film {row // 5}" for row in range(60)])
    for fold in (*outer_folds(table, None, seed=0), *inner_folds(table, seed=0)):
        assert not set(table.group[fold.train]) & set(table.group[fold.test])


def test_fewer_groups_than_folds_raise(make_table):
    table = make_table(60, group=["a"] * 30 + ["b"] * 30)
    with pytest.raises(InputError, match="2 groups are too few for 5 folds"):
        outer_folds(table, None, seed=0)


def test_too_few_images_raise(make_table):
    with pytest.raises(InputError, match="4 readable images are too few for 3 folds"):
        outer_folds(make_table(4), 3, seed=0)
