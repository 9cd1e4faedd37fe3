import numpy as np
import pytest

from catnocat.benchmarks.experiments.label_errors import (
    find_partners,
    flip_labels,
    main,
    measure_rankings,
)


@pytest.mark.parametrize("rate", [0.03, 0.1])
def test_uniform_flips_change_as_many_positives_as_negatives(rate, rng):
    Y = (rng.random((500, 4)) < 0.3).astype(np.uint8)
    flipped = flip_labels(Y, rate, "uniform", np.zeros(4, int), rng)
    count = round(rate * Y.sum())
    assert ((Y == 1) & (flipped == 0)).sum() == count
    assert ((Y == 0) & (flipped == 1)).sum() == count


def test_confusable_flips_replace_a_label_by_its_partner(rng):
    Y = (rng.random((500, 3)) < 0.3).astype(np.uint8)
    partners = np.array([1, 2, 0])
    flipped = flip_labels(Y, 0.1, "confusable", partners, rng)
    lost, gained = (Y == 1) & (flipped == 0), (Y == 0) & (flipped == 1)
    assert lost.sum() == gained.sum() == round(0.1 * Y.sum())
    for row, label in np.argwhere(lost):
        assert gained[row, partners[label]]


def test_partners_are_the_labels_whose_probability_rises_most(rng):
    Y = np.zeros((30, 3), np.uint8)
    Y[:10, 0] = Y[10:20, 1] = Y[20:, 2] = 1
    P = np.where(Y == 1, 0.9, 0.1)
    P[:10, 2] = 0.5  # images of label 0 look like label 2
    P[10:20, 0] = 0.4
    P[20:, 1] = 0.3
    assert find_partners(Y, P).tolist() == [2, 0, 1]


def test_a_perfect_ranking_has_precision_one(rng):
    Y = (rng.random((400, 3)) < 0.4).astype(np.uint8)
    flipped = flip_labels(Y, 0.3, "uniform", np.zeros(3, int), rng)
    P = np.where(Y == 1, 0.999, 0.001)
    ranking = next(measure_rankings(Y, flipped, {"exact": P}))
    assert ranking.score == "catnocat"
    for figure in (ranking.at_100, ranking.at_flips, ranking.ap):
        assert figure == pytest.approx((1, 1, 1))


@pytest.mark.slow
def test_figures_are_printed(make_table, tmp_path, rng, capsys):
    Y = (rng.random((300, 3)) < 0.4).astype(np.uint8)
    X = 2.0 * Y + rng.normal(size=Y.shape)
    split = np.array(["train"] * 200 + ["test"] * 100)
    np.savez(tmp_path / "a.npz", X=X, Y=Y, labels=["a", "b", "c"], split=split)
    code = main([str(tmp_path / "a.npz"), "--kinds", "uniform", "--rates", "0.1"])
    printed = capsys.readouterr().out
    assert code == 0
    assert f"{2 * round(0.1 * Y[:200].sum())} of 600 labels flipped" in printed
    assert "| logistic and powerset | catnocat |" in printed
    assert "| training labels | macro AP on the test images |" in printed
