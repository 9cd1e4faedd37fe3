from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from catnocat.benchmarks.analysis.learning_curve import (
    Estimate,
    fit_power_law,
    measure_learning_curve,
)
from catnocat.benchmarks.metrics import macro_ap
from catnocat.classifiers import LogisticBinaryRelevance


def data(make_table, rng, n_images=600, strength=1.5, **more):
    table = make_table(n_images, n_labels=3, **more)
    X = np.hstack([strength * table.Y, np.zeros((n_images, 40))])
    return X + rng.normal(size=X.shape), table


def split(n_images, n_train):
    rows = np.arange(n_images)
    return [SimpleNamespace(train=rows[:n_train], test=rows[n_train:])]


@pytest.mark.parametrize(
    ("limit", "scale", "exponent"), [(0.8, 3.0, 0.6), (0.95, 1.0, 0.3), (0.5, 0.0, 0.3)]
)
def test_power_law_is_recovered(limit, scale, exponent):
    sizes = np.array([100, 200, 400, 700, 1000])
    found = fit_power_law(sizes, [limit - scale * sizes**-exponent])
    at_2000 = found[0] - found[1] * 2000.0 ** -found[2]
    assert at_2000[0] == pytest.approx(limit - scale * 2000**-exponent, abs=1e-3)


def test_power_law_stays_below_one_and_does_not_fall():
    sizes = np.array([100, 200, 400, 800])
    rising = np.array([0.2, 0.5, 0.8, 1.1])
    falling = rising[::-1] / 2
    limit, scale, _ = fit_power_law(sizes, [rising, falling])
    assert limit[0] <= 1
    assert scale[1] == 0
    assert limit[1] == pytest.approx(falling.mean())


def test_last_point_is_the_macro_ap_of_all_training_images(make_table, rng):
    X, table = data(make_table, rng)
    (curve,) = measure_learning_curve(
        X, table, split(600, 400), estimators={"model": LogisticBinaryRelevance(0.01)}
    )
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(X[:400].astype(np.float32))
    model = LogisticBinaryRelevance(0.01).fit(scaler.transform(X[:400]), table.Y[:400])
    wanted = macro_ap(table.Y[400:], model.predict_proba(scaler.transform(X[400:])))
    assert curve.method == "model"
    assert curve.points[-1].macro_ap.value == pytest.approx(wanted, abs=1e-4)
    assert [point.train_images for point in curve.points] == [40, 80, 160, 280, 400]
    assert curve.points[-1].macro_ap.value == pytest.approx(
        np.mean(list(curve.points[-1].label_ap.values()))
    )


def test_macro_ap_grows_and_the_gain_is_that_of_the_power_law(make_table, rng):
    X, table = data(make_table, rng, 900)
    (curve,) = measure_learning_curve(X, table, split(900, 400))
    values = [point.macro_ap.value for point in curve.points]
    assert values[0] < values[2] < values[-1]
    law = curve.power_law
    gain = law.scale.value * (400**-law.exponent.value - 800**-law.exponent.value)
    assert curve.doubling.value == pytest.approx(gain)
    assert curve.doubling.low < curve.doubling.value < curve.doubling.high
    gains = [gain.value for gain in curve.label_gains.values()]
    assert gains == sorted(gains, reverse=True)
    assert set(curve.label_gains) == set(table.labels)
    # The gains of the labels, fitted with the exponent of their mean, average to its gain.
    assert np.mean(gains) == pytest.approx(gain, rel=0.05)


def test_folds_take_turns(make_table, rng):
    X, table = data(make_table, rng, 300)
    rows = np.arange(300)
    folds = [SimpleNamespace(train=rows[rows % 3 != k], test=rows[rows % 3 == k]) for k in range(3)]
    (curve,) = measure_learning_curve(X, table, folds)
    aps = []
    for fold in folds:
        (alone,) = measure_learning_curve(
            X, table, [fold], draws=1, estimators={"m": LogisticBinaryRelevance(0.01)}
        )
        aps.append(alone.points[-1].macro_ap.value)
    (all_folds,) = measure_learning_curve(
        X, table, folds, estimators={"m": LogisticBinaryRelevance(0.01)}
    )
    assert all_folds.points[-1].macro_ap.value == pytest.approx(np.mean(aps))
    assert curve.points[-1].train_images == 200


def test_unknown_labels_are_left_out(make_table, rng):
    X, table = data(make_table, rng, 300)
    known = rng.random(table.Y.shape) < 0.8
    partly = replace(table, Y=table.Y * known, known=known)
    (curve,) = measure_learning_curve(X, partly, split(300, 200))
    assert 0.4 < curve.points[-1].macro_ap.value <= 1


def test_labels_without_positive_test_images_have_no_gain(make_table, rng):
    X, table = data(make_table, rng, 300)
    Y = table.Y.copy()
    Y[200:, 1] = 0
    (curve,) = measure_learning_curve(X, replace(table, Y=Y), split(300, 200))
    assert set(curve.label_gains) == {"label0", "label2"}
    assert isinstance(curve.doubling, Estimate)


def test_the_same_seed_gives_the_same_curve(make_table, rng):
    X, table = data(make_table, rng, 300)
    first, second = (measure_learning_curve(X, table, split(300, 200), seed=4) for _ in range(2))
    assert first == second
