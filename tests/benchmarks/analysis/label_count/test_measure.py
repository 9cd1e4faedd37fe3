"""Scores in which the number of labels has no effect, or a known one."""

import json

import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_count import measure, measure_crowding
from catnocat.benchmarks.analysis.label_count.by_number import measure_curves, repetition_points
from catnocat.benchmarks.analysis.label_count.curves import (
    choose_points,
    labels_at_every_point,
    measure_series,
)
from catnocat.benchmarks.evaluation.cross_validation import PooledPredictions
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.splits import Fold
from catnocat.benchmarks.significance import Resamples

N, LABELS = 1200, 5


@pytest.fixture
def make_crowd(make_table):
    """Return a function that makes a table and scores with noise by number of labels."""

    def make(harm, seed=0, **more):
        rng = np.random.default_rng(seed)
        Y = (rng.random((N, LABELS)) < 0.4).astype(np.uint8)
        number = Y.sum(axis=1, keepdims=True)
        noise = 0.7 * (1 + harm * (number - 1))
        return make_table(N, LABELS, Y=Y, **more), Y + noise * rng.normal(size=Y.shape)

    return make


def along(table, scores, n_resamples=200):
    points = choose_points(table.Y, table.known, table.Y.sum(axis=1))
    labels = labels_at_every_point(points)
    resamples = Resamples(np.arange(table.n_images), n_resamples, 0)
    return points, measure_series(points, scores, labels, resamples)


def test_curves_are_flat_without_an_effect(make_crowd):
    points, series = along(*make_crowd(0.0))
    assert [point.x for point in points][:3] == [1, 2, 3]
    for key in ("auroc", "ap"):
        assert np.ptp(series.values[key]) < 0.05
        assert series.subtract(series, key, 0, len(points) - 1)["low"] < 0.02


def test_known_effect_is_recovered(make_crowd):
    from scipy.stats import norm

    points, series = along(*make_crowd(0.5))
    expected = [norm.cdf(1 / (np.sqrt(2) * 0.7 * (1 + 0.5 * (p.x - 1)))) for p in points]
    assert series.values["auroc"] == pytest.approx(expected, abs=0.04)
    assert series.subtract(series, "auroc", 0, len(points) - 1)["low"] > 0.05


def test_random_scores_are_at_chance_level(make_crowd):
    table, scores = make_crowd(0.0)
    _, series = along(table, np.random.default_rng(99).random(scores.shape))
    assert series.values["auroc"] == pytest.approx(0.5, abs=0.06)
    assert series.values["ap"] == pytest.approx(0.3525, abs=0.06)


@pytest.mark.slow
def test_coverage_of_the_intervals(make_crowd):
    from scipy.stats import norm

    truth = norm.cdf(1 / (np.sqrt(2) * 0.7))
    held = 0
    for seed in range(60):
        points, series = along(*make_crowd(0.0, seed))
        point = series.points(points, "auroc")[1]
        held += point["low"] <= truth <= point["high"]
    assert held >= 51  # 57 expected


def test_repetition_points_separate_repeats_and_mixtures(make_table):
    counts = np.array([[1, 0, 0], [2, 0, 0], [1, 1, 0], [2, 1, 0], [0, 0, 1], [1, 1, 1]] * 20)
    points = repetition_points(
        make_table(len(counts), 3, Y=(counts > 0).astype(np.uint8), counts=counts)
    )
    assert [(p.label, p.images) for p in points] == [
        ("one object", 40),
        ("2 or 3, all of one label", 20),
        ("2 or 3, all different", 40),
    ]
    assert np.array_equal(points[1].negative, points[2].negative)
    assert not points[0].negative[1].any(), "an image of two dogs does not show one object"


@pytest.fixture
def found(make_crowd):
    table, scores = make_crowd(0.5, counts=None)
    rng = np.random.default_rng(1)
    X = np.hstack([table.Y + rng.normal(size=table.Y.shape), rng.normal(size=(N, 3))])
    test = np.arange(N) % 2 == 1
    folds = [Fold(np.flatnonzero(~test), np.flatnonzero(test))]
    names = ("one-vs-rest", "chain")
    pooled = PooledPredictions(
        table.take(test),
        dict.fromkeys(names, scores[test]),
        {name: METHODS[name] for name in names},
    )
    return measure_crowding(pooled, X, table, folds, reference="one-vs-rest", best_joint="chain")


@pytest.mark.slow
def test_section_is_complete_and_json(found):
    assert set(found["curves"]) == {
        f"{curve}-{key}" for curve in ("labels", "transfer") for key in ("auroc", "ap")
    }
    json.dumps(found, allow_nan=False)
    effect = found["effects"]["labels"]
    assert effect["above_chance"]
    assert effect["difference"]["low"] > 0
    assert effect["start_value"] > effect["end_value"]
    assert found["effects"]["transfer"]["start"] == "all images"
    rows = found["transfer"]["rows"]
    shown = {row["trained_on"]: row["labels_per_image"] for row in rows}
    assert shown["images of one label"] == 1
    assert shown["images of several labels"] > 2
    assert found["interventions"][1]["difference"]["auroc"]["value"] == 0
    assert [entry["code"] for entry in found["not_measured"]] == ["no_object_counts"]


def test_too_few_images_are_reported(make_table, rng, monkeypatch):
    table = make_table(60)
    folds = [Fold(np.arange(30), np.arange(30, 60))]
    pooled = PooledPredictions(
        table.take(np.arange(30, 60)),
        {"one-vs-rest": rng.random((30, 4))},
        {"one-vs-rest": METHODS["one-vs-rest"]},
    )
    section = measure_crowding(
        pooled, rng.normal(size=(60, 3)), table, folds, reference=None, best_joint=None
    )
    assert section["curves"] == {}
    assert section["interventions"] == []
    assert section["effects"] == {}
    assert section["transfer"] is None
    assert [entry["code"] for entry in section["not_measured"]] == [
        "too_few_images_per_label_count",
        "no_object_counts",
        "too_few_training_images",
        "too_few_crowded_images",
    ]
    monkeypatch.setattr(measure, "MAX_IMAGES", 20)
    less = measure_crowding(
        pooled, rng.normal(size=(60, 3)), table, folds, reference=None, best_joint=None
    )
    assert (less["images"], less["test_images"]) == (20, 30)


def is_above_chance(make_crowd, seed, *, random):
    table, scores = make_crowd(0.0, seed, counts=None)
    if random:
        scores = np.random.default_rng(100 + seed).random(scores.shape)
    curves = measure_curves(table, {"ridge": scores}, Resamples(np.arange(N), 200, 0))
    return curves["labels"].effect("ridge", 0, -1)["above_chance"]


def test_random_scores_are_not_above_chance(make_crowd):
    # At the 99 % interval, 0.1 of 20 random scorers pass on average: at most 1 by chance.
    assert sum(is_above_chance(make_crowd, seed, random=True) for seed in range(20)) <= 1
    assert is_above_chance(make_crowd, 0, random=False)
