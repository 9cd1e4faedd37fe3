import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.classifiers import (
    LogisticBinaryRelevance,
    MLkNN,
    MultilabelKFold,
    RegionMaxClassifier,
    ThresholdTuner,
)
from catnocat.classifiers import (
    regions as region_max,
)


def rooms(rng, n=500, n_regions=6, n_features=10):
    """Return pictures in which each label is in one region, amid things that are no label."""
    Y = (rng.random((n, 3)) < 0.25).astype(int)
    X = rng.normal(size=(n, n_regions, n_features))
    clutter = rng.integers(3, n_features, (n, n_regions))
    np.put_along_axis(X, clutter[:, :, None], 4, axis=2)
    for image, label in np.argwhere(Y):
        X[image, rng.integers(n_regions), label] += 3.5
    return X, Y


def precision(model, X, Y):
    return average_precision_score(Y[300:], model.fit(X[:300], Y[:300]).predict_proba(X[300:]))


def test_what_is_small_is_found_by_learning_from_regions(rng):
    X, Y = rooms(rng)
    whole = precision(LogisticBinaryRelevance(0.1), X.mean(axis=1), Y)
    scored = precision(RegionMaxClassifier(LogisticBinaryRelevance(0.1), rounds=0), X, Y)
    learned = precision(RegionMaxClassifier(LogisticBinaryRelevance(0.1)), X, Y)
    assert scored > whole + 0.05
    assert learned > scored + 0.03


def test_each_round_is_binary_relevance_on_the_chosen_regions(rng):
    X, Y = rooms(rng, n=150)
    base = LogisticBinaryRelevance(0.1, tol=1e-14)
    model = RegionMaxClassifier(base, rounds=1).fit(X, Y)
    start = LogisticBinaryRelevance(0.1, tol=1e-14).fit(X.mean(axis=1), Y)
    best = start.predict_proba(X.reshape(-1, 10)).reshape(150, 6, 3).argmax(axis=1)
    for label in range(3):
        shown = Y[:, label] == 1
        rows = np.vstack([X[shown, best[shown, label]], X[~shown].reshape(-1, 10)])
        y = np.repeat([1, 0], [shown.sum(), 6 * (~shown).sum()])
        alone = LogisticBinaryRelevance(0.1, tol=1e-14).fit(rows, y)
        np.testing.assert_allclose(model.estimator_.coef_[label], alone.coef_[0], atol=1e-5)


def test_ends_when_no_choice_changes(rng):
    X, Y = rooms(rng)
    model = RegionMaxClassifier(rounds=50).fit(X, Y)
    assert 1 < model.n_rounds_ < 50
    again = RegionMaxClassifier(rounds=model.n_rounds_ + 1).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))


def test_poolings(rng):
    X, Y = rooms(rng, n=100)
    inner = RegionMaxClassifier(rounds=0).fit(X, Y).estimator_
    P = inner.predict_proba(X.reshape(-1, 10)).reshape(100, 6, 3)
    expected = {
        "max": P.max(axis=1),
        "mean": P.mean(axis=1),
        "logsumexp": expit(np.log(np.exp(logit(P)).sum(axis=1))),
    }
    for pooling, pooled in expected.items():
        model = RegionMaxClassifier(pooling=pooling, rounds=0).fit(X, Y)
        np.testing.assert_allclose(model.predict_proba(X), pooled, atol=1e-6)


def test_one_region_is_the_estimator_itself(rng):
    X, Y = rooms(rng, n=100)
    plain = LogisticBinaryRelevance().fit(X[:, 0], Y).predict_proba(X[:, 0])
    for given in (X[:, 0], X[:, :1]):
        model = RegionMaxClassifier().fit(given, Y)
        np.testing.assert_allclose(model.predict_proba(given), plain)
        assert (model.n_regions_, model.n_rounds_) == (1, 0)


def test_columns_one_region_after_the_other(rng):
    X, Y = rooms(rng, n=100)
    P = RegionMaxClassifier().fit(X, Y).predict_proba(X)
    flat = X.reshape(100, -1)
    model = RegionMaxClassifier(n_regions=6).fit(flat, Y)
    np.testing.assert_array_equal(model.predict_proba(flat), P)
    np.testing.assert_array_equal(model.predict_proba(X), P)
    tuned = ThresholdTuner(make_pipeline(StandardScaler(), RegionMaxClassifier(n_regions=6)))
    assert tuned.fit(flat, Y).predict(flat).shape == Y.shape


def test_regions_from_a_memory_map_in_blocks(rng, tmp_path, monkeypatch):
    X, Y = rooms(rng, n=100)
    P = RegionMaxClassifier().fit(X, Y).predict_proba(X)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    monkeypatch.setattr(region_max, "BLOCK_CELLS", 7 * 60)
    model = RegionMaxClassifier().fit(mapped, Y)
    np.testing.assert_allclose(model.predict_proba(mapped), P, rtol=1e-9)


def test_weights_and_unknown_labels(rng):
    X, Y = rooms(rng, n=120)
    rows = rng.random(120) < 0.7
    base = RegionMaxClassifier(LogisticBinaryRelevance(tol=1e-14))
    part = base.fit(X[rows], Y[rows]).predict_proba(X)
    weighed = base.fit(X, Y, sample_weight=rows * 1.0).predict_proba(X)
    np.testing.assert_allclose(weighed, part, atol=1e-5)
    known = np.repeat(rows[:, None], 3, axis=1)
    masked = base.fit(X, np.where(known, Y, 1 - Y), known=known).predict_proba(X)
    np.testing.assert_allclose(masked, part, atol=1e-5)


def test_is_searched_over(rng):
    X, Y = rooms(rng, n=90)
    grid = {"estimator__C": [0.01, 1.0], "pooling": ["max", "logsumexp"]}
    search = GridSearchCV(
        RegionMaxClassifier(LogisticBinaryRelevance()),
        grid,
        cv=MultilabelKFold(2),
        scoring="average_precision",
    )
    assert search.fit(X, Y).best_score_ > 0.3


def test_an_estimator_without_a_mask_scores_but_does_not_learn_regions(rng):
    X, Y = rooms(rng, n=90)
    with pytest.raises(ValueError, match=r"MLkNN\.fit takes no `known`.*rounds=0"):
        RegionMaxClassifier(MLkNN()).fit(X, Y)
    assert RegionMaxClassifier(MLkNN(), rounds=0).fit(X, Y).predict_proba(X).shape == Y.shape


def test_says_what_is_wrong_with_the_shape(rng):
    X, Y = rooms(rng, n=30)
    with pytest.raises(ValueError, match=r"has 6 regions per image, n_regions is 5"):
        RegionMaxClassifier(n_regions=5).fit(X, Y)
    with pytest.raises(ValueError, match=r"cannot be 7 vectors .* 60 columns do not divide by 7"):
        RegionMaxClassifier(n_regions=7).fit(X.reshape(30, -1), Y)
    with pytest.raises(ValueError, match="dim 4"):
        RegionMaxClassifier().fit(X[:, None], Y)
    model = RegionMaxClassifier().fit(X, Y)
    with pytest.raises(ValueError, match=r"\(30, 3, 20\): expected \(n_images, 6, 10\)"):
        model.predict(X.reshape(30, 3, 20))
    X[3, 2, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        model.predict_proba(X)
