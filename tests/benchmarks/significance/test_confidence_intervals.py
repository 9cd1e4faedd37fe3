import numpy as np
import pytest
from scipy import stats

from catnocat.benchmarks.significance import difference_interval, metric_interval


def resampled_means(values, n_resamples=4000, seed=0):
    rng = np.random.default_rng(seed)
    return values[rng.integers(len(values), size=(n_resamples, len(values)))].mean(axis=1)


def test_on_a_mean_both_are_near_the_classical_interval(rng):
    values = rng.normal(0.1, 1, 400)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    own = metric_interval(values.mean(), resampled_means(values))
    *interval, p = difference_interval(values.mean(), resampled_means(values), 400)
    assert own == pytest.approx(expected, abs=0.02)
    assert interval == pytest.approx(expected, abs=0.02)
    assert p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.02)


def test_the_bias_correction_moves_the_interval_against_the_bias():
    resampled = np.linspace(0, 1, 1001)
    low, high = metric_interval(0.5, resampled)
    shifted = metric_interval(0.4, resampled)
    assert (low, high) == pytest.approx((0.025, 0.975), abs=0.002)
    assert shifted[0] < low
    assert shifted[1] < high


@pytest.mark.parametrize("seed", range(40))
def test_p_is_below_five_percent_only_where_the_interval_leaves_zero_out(seed):
    rng = np.random.default_rng(seed)
    resampled = rng.gamma(2, 1, 2000) - rng.uniform(0, 1)
    low, high, p = difference_interval(float(np.mean(resampled)), resampled, 500)
    if p < 0.05:
        assert low > 0 or high < 0


def test_p_goes_on_where_the_resamples_can_no_longer_count():
    resampled = np.random.default_rng(0).normal(1, 0.1, 2000)
    *_, p = difference_interval(1.0, resampled, 500)
    assert 1e-24 < p < 1e-10


def test_few_images_cannot_be_sure_however_clear_they_are():
    assert difference_interval(1.0, np.ones(100), 4) == (1.0, 1.0, 0.125)
    assert difference_interval(1.0, np.ones(100), 1)[2] == 1.0


def test_stretching_widens_around_the_difference():
    resampled = np.linspace(-1, 3, 401)
    plain, wide = (difference_interval(1.0, resampled, 99, stretch=s) for s in (1.0, 2.0))
    assert np.subtract(wide[:2], 1) == pytest.approx(2 * np.subtract(plain[:2], 1))
    assert wide[2] > plain[2]


def test_no_difference_at_all():
    assert difference_interval(0.0, np.zeros(50), 100) == (0.0, 0.0, 1.0)


def test_undefined_resamples_are_left_out_and_most_must_be_defined():
    resampled = np.linspace(0, 1, 101)
    mixed = np.concatenate([resampled, np.full(60, np.nan)])
    assert metric_interval(0.5, mixed) == metric_interval(0.5, resampled)
    assert difference_interval(0.5, mixed, 9) == difference_interval(0.5, resampled, 9)
    mostly = np.concatenate([resampled, np.full(200, np.nan)])
    assert np.isnan(metric_interval(0.5, mostly)).all()
    assert np.isnan(difference_interval(0.5, mostly, 9)).all()
    assert np.isnan(metric_interval(np.nan, resampled)).all()
