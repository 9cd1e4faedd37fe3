from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from catnocat.benchmarks.analysis.label_errors import (
    MAX_LABEL_SETS,
    PRIOR_RATE,
    PRIOR_WEIGHT,
    LabelQuality,
    estimate_label_quality,
    find_label_errors,
    predict_out_of_fold,
    rank_suspects,
)
from catnocat.benchmarks.utils import InputError


def noisy_labels(n_images, missing, superfluous, rng, scale=4.0):
    log_odds = rng.normal(-1, scale, size=(n_images, 1))
    true = rng.random(log_odds.shape) < expit(log_odds)
    draws = rng.random(log_odds.shape)
    given = np.where(true, draws >= missing, draws < superfluous)
    return log_odds, true.astype(np.uint8), given.astype(np.uint8)


@pytest.mark.parametrize(("missing", "superfluous"), [(0.2, 0.03), (0.02, 0.1), (0.0, 0.0)])
def test_error_rates_are_recovered_from_many_images(missing, superfluous, rng):
    log_odds, _, given = noisy_labels(40_000, missing, superfluous, rng)
    quality = estimate_label_quality(given, expit(log_odds))
    assert quality.missing_rate[0] == pytest.approx(missing, abs=0.02)
    assert quality.superfluous_rate[0] == pytest.approx(superfluous, abs=0.02)


def test_error_probabilities_are_calibrated(rng):
    log_odds, true, given = noisy_labels(40_000, 0.15, 0.04, rng)
    error = estimate_label_quality(given, expit(log_odds)).error_probability
    wrong = (true != given)[:, 0]
    for low, high in [(0.05, 0.3), (0.3, 0.7), (0.7, 1.0)]:
        rows = ((error >= low) & (error < high))[:, 0]
        assert rows.sum() > 100
        assert wrong[rows].mean() == pytest.approx(error[rows].mean(), abs=0.08)


def test_calibration_is_undone_for_shrunken_probabilities(rng):
    log_odds, _, given = noisy_labels(40_000, 0.1, 0.02, rng)
    exact = estimate_label_quality(given, expit(log_odds)).error_probability
    shrunken = estimate_label_quality(given, expit(0.3 * log_odds - 1)).error_probability
    assert np.abs(exact - shrunken).max() < 0.05


def test_rates_of_few_images_stay_near_the_prior():
    Y = np.array([[1], [0]] * 6)
    P = np.where(Y == 1, 0.99, 0.01)
    quality = estimate_label_quality(Y, P)
    # No error is seen among about six positives and six negatives.
    kept = PRIOR_WEIGHT / (PRIOR_WEIGHT + 6)
    assert quality.missing_rate[0] == pytest.approx(PRIOR_RATE * kept, rel=0.02)
    assert quality.superfluous_rate[0] == pytest.approx(PRIOR_RATE / 2 * kept, rel=0.02)


def test_unknown_and_rare_labels_have_no_score(rng):
    Y = (rng.random((50, 3)) < 0.4).astype(np.uint8)
    Y[:, 2] = 0
    Y[:4, 2] = 1  # one positive image too few
    known = np.ones(Y.shape, bool)
    known[7, 0] = False
    Y[7, 0] = 0
    error = estimate_label_quality(Y, rng.random(Y.shape), known).error_probability
    assert np.isnan(error[7, 0])
    assert np.isnan(error[:, 2]).all()
    assert np.isfinite(np.delete(error[:, 0], 7)).all()
    assert np.isfinite(error[:, 1]).all()


def test_unknown_labels_do_not_change_the_other_scores(rng):
    log_odds, _, given = noisy_labels(400, 0.1, 0.02, rng)
    alone = estimate_label_quality(given[:300], expit(log_odds[:300]))
    known = np.arange(400)[:, None] < 300
    masked = estimate_label_quality(np.where(known, given, 0), expit(log_odds), known)
    np.testing.assert_allclose(
        masked.error_probability[:300], alone.error_probability, rtol=0, atol=1e-9
    )


def planted(make_table, rng, n_images=400, **more):
    """Return vectors, a table with three flipped labels, and the flips."""
    table = make_table(n_images, n_labels=3, **more)
    X = np.hstack([4.0 * table.Y, np.zeros((n_images, 5))]) + rng.normal(size=(n_images, 8))
    Y = table.Y.copy()
    flips = [(3, 0), (50, 1), (100, 2)]
    for row, column in flips:
        X[row, column] = 8.0 if Y[row, column] else -4.0  # images that leave no doubt
        Y[row, column] ^= 1
    return X, replace(table, Y=Y), flips


def test_flipped_labels_come_first(make_table, rng):
    X, table, flips = planted(make_table, rng)
    suspects = find_label_errors(X, table, limit=3)
    assert {(entry.row, entry.label) for entry in suspects} == {
        (row, f"label{column}") for row, column in flips
    }
    for entry in suspects:
        column = table.labels.index(entry.label)
        assert entry.given == table.Y[entry.row, column] == 1 - entry.suggested
        assert entry.image == f"{entry.row}.jpg"
    probabilities = [entry.error_probability for entry in suspects]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[-1] > 0.5


def test_probabilities_are_out_of_fold_and_keep_groups_whole(make_table, rng):
    # Each group has its own direction: only a model that saw the group recognises its label.
    group = np.repeat([f"g{number}" for number in range(20)], 10)
    Y = np.repeat(np.arange(20) % 2, 10)[:, None]
    X = np.eye(20)[np.repeat(np.arange(20), 10)] + 0.01 * rng.normal(size=(200, 20))
    table = make_table(200, n_labels=1, Y=Y)
    seen = predict_out_of_fold(X, table)[:, 0]
    unseen = predict_out_of_fold(X, replace(table, group=group))[:, 0]
    assert np.mean((seen > 0.5) == Y[:, 0]) == 1
    assert np.mean((unseen > 0.5) == Y[:, 0]) < 0.8


def test_the_powerset_changes_probabilities_unless_labels_are_unknown(make_table, rng):
    X, table, _ = planted(make_table, rng, n_images=120)
    one, both = (predict_out_of_fold(X, table, joint=joint) for joint in (False, True))
    assert np.abs(one - both).max() > 0.01
    known = np.ones(table.Y.shape, bool)
    known[table.Y.argmin(axis=0)[0], 0] = False
    unknown = replace(table, known=known)
    one, both = (predict_out_of_fold(X, unknown, joint=joint) for joint in (False, True))
    np.testing.assert_array_equal(one, both)
    assert MAX_LABEL_SETS >= 2**3


@pytest.mark.parametrize(("group", "noun"), [(False, "8 images"), (True, "4 groups")])
def test_too_few_images_are_refused(make_table, rng, group, noun):
    table = make_table(8)
    if group:
        table = replace(table, group=np.repeat(list("abcd"), 2))
    with pytest.raises(InputError, match=f"made.csv: {noun} are too few"):
        predict_out_of_fold(rng.normal(size=(8, 2)), table)


def test_ranking_leaves_out_small_probabilities_and_missing_scores(make_table):
    table = make_table(3, n_labels=2)
    error = np.array([[0.9, np.nan], [0.4, 0.6], [0.95, 0.1]])
    quality = LabelQuality(error, np.zeros(2), np.zeros(2))
    found = [(entry.row, entry.label) for entry in rank_suspects(table, quality)]
    assert found == [(2, "label0"), (0, "label0"), (1, "label1")]
    assert [entry.row for entry in rank_suspects(table, quality, limit=1)] == [2]
    assert len(rank_suspects(table, quality, min_probability=0.0)) == 5
