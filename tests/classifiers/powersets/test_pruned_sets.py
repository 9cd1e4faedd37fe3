import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import EnsemblePrunedSets, LabelPowerset, LogisticPowerset, PrunedSets
from catnocat.classifiers._solvers import softmax_problem as _softmax_groups
from catnocat.classifiers.powersets.pruned_sets import prune

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)
TOGETHER = LogisticPowerset(tol=1e-14)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(90, 5))
    return X, (X @ rng.normal(size=(5, 4)) + rng.normal(size=(90, 4)) > 0.3).astype(int)


def as_words(task):
    sets = ["".join("abc"[j] for j in np.flatnonzero(s)) for s in task.sets]
    return sorted((int(row), sets[n]) for row, n in zip(task.rows, task.numbers, strict=True))


def test_takes_rare_sets_apart():
    words = ["a", "a", "b", "b", "b", "ab", "ab", "abc", "bc", "c", "", ""]
    Y = np.array([[letter in word for letter in "abc"] for word in words], dtype=np.uint8)
    rows = np.arange(len(Y))
    frequent = [(row, words[row]) for row in (0, 1, 2, 3, 4, 5, 6, 10, 11)]
    # abc: the largest subset, then the more frequent of a and b; c: has none, the row is lost
    assert as_words(prune(Y, None, rows, 1, 2)) == sorted(
        [*frequent, (7, "ab"), (7, "b"), (8, "b")]
    )
    assert as_words(prune(Y, None, rows, 1, 0)) == frequent
    weight = np.ones(len(Y))
    weight[9] = 2  # as if it stood there twice
    assert (9, "c") in as_words(prune(Y, weight, rows, 1, 2))


def test_prunes_nothing_where_all_sets_are_rare():
    Y = np.array([[0, 0], [0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.uint8)
    assert len(prune(Y, None, np.arange(5), 1, 2).sets) == 4


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("turn_up_to", [0, 64])
def test_without_pruning_is_the_powerset(scenes, rng, estimator, weighted, turn_up_to, monkeypatch):
    X, Y = scenes
    monkeypatch.setattr(_softmax_groups, "ROTATE_CLASSES_UP_TO", turn_up_to)
    weight = rng.integers(0, 3, len(X)) if weighted else None
    model = PrunedSets(estimator, pruning=0).fit(X, Y, sample_weight=weight)
    powerset = LabelPowerset(EXACT).fit(X, Y, sample_weight=weight)
    expected = powerset.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)
    np.testing.assert_array_equal(model.predict(X), powerset.predict(X))


def test_sets_solved_together_are_those_solved_alone(scenes):
    X, Y = scenes
    one, other = (PrunedSets(e, pruning=4).fit(X, Y) for e in (EXACT, TOGETHER))
    assert len(one.model_.sets) < len(np.unique(Y, axis=0))
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X), atol=1e-5)
    several = [
        EnsemblePrunedSets(e, n_members=3, pruning=3, random_state=0).fit(X, Y)
        for e in (EXACT, TOGETHER)
    ]
    assert len({len(model.sets) for model in several[0].models_}) > 1  # padded when together
    np.testing.assert_allclose(*(m.predict_proba(X) for m in several), atol=1e-5)


def test_reaches_the_minimum_where_little_curvature_is_left(rng):
    X = rng.normal(size=(120, 200))  # all sets can be distinguished
    Y = (X[:, :4] > 0).astype(int)
    together = PrunedSets(LogisticPowerset(C=1e4), pruning=0).fit(X, Y).model_
    alone = LogisticPowerset(C=1e4, tol=1e-14).fit(X, Y)
    numbers = (Y[:, None] == alone.label_sets_).all(axis=2).argmax(axis=1)
    costs = []
    for coef, intercept in ((together.coef, together.intercept), (alone.coef_, alone.intercept_)):
        chances = log_softmax(X @ coef.T + intercept, axis=1)[np.arange(120), numbers]
        costs.append(np.square(coef).sum() / 2 - 1e4 * chances.sum())
    assert costs[0] <= costs[1] * (1 + 1e-5)


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
def test_an_ensemble_of_one_is_its_member(scenes, estimator):
    X, Y = scenes
    member = PrunedSets(estimator).fit(X, Y)
    ensemble = EnsemblePrunedSets(estimator, n_members=1, max_samples=1.0).fit(X, Y)
    np.testing.assert_allclose(ensemble.predict_proba(X), member.predict_proba(X), atol=1e-6)
    np.testing.assert_array_equal(ensemble.predict(X), member.predict(X))
    assert (member.predict(X) != (member.predict_proba(X) > 0.5)).any()


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
def test_only_one_frequent_set(rng, estimator):
    Y = np.zeros((30, 3), dtype=int)
    Y[:28, 0] = 1
    Y[28:, 1:] = np.eye(2)
    model = PrunedSets(estimator, n_subsets=0).fit(rng.normal(size=(30, 2)), Y)
    assert (model.predict(np.zeros((4, 2))) == [1, 0, 0]).all()


@pytest.mark.parametrize("n_members", [3, 4])
def test_an_ensemble_votes(scenes, n_members):
    X, Y = scenes
    model = EnsemblePrunedSets(n_members=n_members, random_state=0).fit(X, Y)
    votes = np.mean([m.sets[m.set_probabilities(X).argmax(axis=1)] for m in model.models_], axis=0)
    by_chance = model.predict_proba(X) > 0.5
    expected = (votes > 0.5) | ((votes == 0.5) & by_chance)
    np.testing.assert_array_equal(model.predict(X), expected)
    assert (expected != by_chance).any()


def test_an_ensemble_can_predict_sets_never_seen(rng):
    X, Y = rng.normal(size=(90, 2)), 1 - np.eye(3, dtype=int)[rng.integers(0, 3, size=90)]
    found = EnsemblePrunedSets(random_state=0).fit(X, Y).predict(X)  # always two of three
    assert found.all(axis=1).any()
