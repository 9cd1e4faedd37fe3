import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.classifiers import LogisticBinaryRelevance, MLkNN, MultilabelKFold, ThresholdTuner
from catnocat.classifiers._meta.out_of_fold import OutOfFoldPredictions
from catnocat.classifiers.postprocessing.threshold_tuner import (
    _above_widest_gap,
    _best_rank,
    _ranks,
)


@pytest.fixture
def pictures(rng):
    X = rng.normal(size=(300, 6))
    Y = (X @ rng.normal(size=(6, 4)) + 2 * rng.normal(size=(300, 4)) > [1, 2, 3, 4]).astype(int)
    return X, Y


def held_out(X, Y, cv=5):
    P = np.empty(Y.shape)
    for train, test in MultilabelKFold(cv).split(Y, Y):
        P[test] = LogisticBinaryRelevance().fit(X[train], Y[train]).predict_proba(X[test])
    return P


def f1_at(threshold, p, y, weight=None):
    weight = np.ones(len(p)) if weight is None else weight
    yes = p > threshold
    return 2 * weight @ (yes & (y > 0)) / (weight @ yes + weight @ y)


@pytest.mark.parametrize("weighted", [False, True])
def test_no_threshold_has_a_better_f1_out_of_fold(pictures, rng, weighted):
    X, Y = pictures
    weights = rng.uniform(0.1, 2, len(X)) if weighted else None
    folds = list(MultilabelKFold(4).split(Y, Y))
    model = ThresholdTuner(cv=folds).fit(X, Y, sample_weight=weights)
    P = np.empty(Y.shape)
    for train, test in folds:
        part = None if weights is None else weights[train]
        inner = LogisticBinaryRelevance().fit(X[train], Y[train], sample_weight=part)
        P[test] = inner.predict_proba(X[test])
    for label, chosen in enumerate(model.thresholds_):
        p, y = P[:, label], Y[:, label]
        best = max(f1_at(t, p, y, weights) for t in np.concatenate([[-1, 1], p]))
        assert f1_at(chosen, p, y, weights) == pytest.approx(best)


def test_proportional_cut_says_yes_as_often_as_the_label_is_there(pictures):
    X, Y = pictures
    model = ThresholdTuner(strategy="pcut").fit(X, Y)
    yes = held_out(X, Y) > model.thresholds_
    np.testing.assert_array_equal(yes.sum(axis=0), Y.sum(axis=0))


def test_the_answers_follow_and_the_probabilities_do_not(pictures):
    X, Y = pictures
    model, plain = ThresholdTuner().fit(X, Y), LogisticBinaryRelevance().fit(X, Y)
    P = model.predict_proba(X)
    np.testing.assert_array_equal(P, plain.predict_proba(X))
    np.testing.assert_array_equal(model.predict(X), model.thresholds_ < P)
    assert model.tuned_.all()
    assert not np.array_equal(model.predict(X), plain.predict(X))


def test_a_poor_f1_is_not_believed(pictures):
    X, Y = pictures
    timid = ThresholdTuner(fbr=0.999).fit(X, Y)
    np.testing.assert_allclose(timid.thresholds_, held_out(X, Y).max(axis=0))
    assert timid.predict(X).sum() < ThresholdTuner().fit(X, Y).predict(X).sum()


def test_rank_cut_has_the_best_k(pictures):
    X, Y = pictures
    Y[:, 0] |= ~Y.any(axis=1)
    model = ThresholdTuner(strategy="rcut").fit(X, Y)
    ranks = (-held_out(X, Y)).argsort(axis=1).argsort(axis=1)
    reached = [f1_score(Y, ranks < k, average="micro") for k in range(1, 5)]
    assert model.n_labels_per_image_ == np.argmax(reached) + 1
    assert (model.predict(X).sum(axis=1) == model.n_labels_per_image_).all()


def test_rank_cut_counts_only_what_counts(rng):
    P, Y, weight = rng.random((30, 4)), rng.integers(0, 2, (30, 4)) * 1.0, rng.random((30, 4))
    weight[rng.random((30, 4)) < 0.5] = 0
    reached = [
        f1_score(Y.ravel(), (_ranks(P) < k).ravel(), sample_weight=weight.ravel())
        for k in range(1, 5)
    ]
    assert _best_rank(OutOfFoldPredictions(P, Y, weight)) == np.argmax(reached) + 1


def test_of_labels_as_probable_the_first_are_taken():
    np.testing.assert_array_equal(_ranks(np.array([[0.5, 0.7, 0.5]])), [[1, 0, 2]])


def test_gap_cut_is_largerons(rng):
    P = rng.random((50, 5))
    for row, answer in zip(P, _above_widest_gap(P), strict=True):
        falling = sorted(row, reverse=True)
        gaps = [falling[j] - falling[j + 1] for j in range(4)]
        j = int(np.argmax(gaps))
        np.testing.assert_array_equal(answer, row > (falling[j] + falling[j + 1]) / 2)


def test_a_label_that_no_fold_can_judge_keeps_the_default(pictures):
    X, Y = pictures
    Y[:, 3] = 0
    Y[7, 3] = 1  # where it is held out the model saw none, elsewhere there is none to find
    model = ThresholdTuner().fit(X, Y)
    assert model.thresholds_[3] == 0.5
    assert model.tuned_.tolist() == [True, True, True, False]


def test_unknown_labels_judge_no_threshold(pictures, rng):
    X, Y = pictures
    known = rng.random(Y.shape) < 0.7
    folds = list(MultilabelKFold(3).split(Y, Y))
    model = ThresholdTuner(cv=folds).fit(X, Y, known=known)
    P = np.empty(Y.shape)
    for train, test in folds:
        inner = LogisticBinaryRelevance().fit(X[train], Y[train], known=known[train])
        P[test] = inner.predict_proba(X[test])
    p, y = P[known[:, 0], 0], Y[known[:, 0], 0]
    assert f1_at(model.thresholds_[0], p, y) == pytest.approx(max(f1_at(t, p, y) for t in p))


def test_around_foreign_estimators_and_pipelines(pictures):
    X, Y = pictures
    Y[:, 3] = np.arange(len(Y)) == 5  # a fold without a single one
    for inner in (
        RandomForestClassifier(5, random_state=0),
        DummyClassifier(strategy="prior"),
        make_pipeline(StandardScaler(), LogisticBinaryRelevance()),
        MLkNN(),
    ):
        model = ThresholdTuner(inner, cv=3).fit(X, Y, known=np.arange(Y.size).reshape(Y.shape) > 3)
        assert model.predict_proba(X).shape == Y.shape


def test_weights_reach_the_end_of_a_pipeline_or_are_refused(pictures, rng):
    X, Y = pictures
    weights = rng.uniform(0, 2, len(X))
    piped = make_pipeline(make_pipeline(StandardScaler(), LogisticBinaryRelevance()))
    model = ThresholdTuner(piped, "mcut").fit(X, Y, sample_weight=weights)
    plain = LogisticBinaryRelevance().fit(
        StandardScaler().fit_transform(X), Y, sample_weight=weights
    )
    last = model.estimator_[-1][-1]
    np.testing.assert_allclose(last.coef_, plain.coef_)
    with pytest.raises(ValueError, match=r"MLkNN\.fit takes no sample_weight"):
        ThresholdTuner(MLkNN(), "mcut").fit(X, Y, sample_weight=weights)


def test_refuses_an_unknown_strategy(pictures):
    with pytest.raises(ValueError, match="strategy must be one of"):
        ThresholdTuner(strategy="scut").fit(*pictures)


def test_the_callers_estimator_stays_unfitted(pictures):
    inner = LogisticBinaryRelevance()
    ThresholdTuner(inner).fit(*pictures)
    assert not hasattr(inner, "coef_")
