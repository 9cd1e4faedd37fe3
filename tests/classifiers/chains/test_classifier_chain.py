import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import ClassifierChain as SklearnChain
from sklearn.tree import DecisionTreeClassifier

from catnocat.classifiers import ClassifierChain, ConstantLabelWarning, LogisticBinaryRelevance

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)
TOGETHER = LogisticBinaryRelevance(tol=1e-14)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(120, 5))
    Y = (X @ rng.normal(size=(5, 4)) + rng.normal(size=(120, 4)) > 0).astype(int)
    Y[:, 3] = Y[:, 0] ^ Y[:, 1]  # what only a chain can know
    return X, Y


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
@pytest.mark.parametrize("order", [None, [2, 0, 3, 1]])
@pytest.mark.parametrize("chain_method", ["predict", "predict_proba"])
def test_agrees_with_the_chain_of_scikit_learn(scenes, estimator, order, chain_method):
    X, Y = scenes
    ours = ClassifierChain(estimator, order=order, chain_method=chain_method)
    theirs = SklearnChain(EXACT, order=order, chain_method=chain_method)
    P = ours.fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(P, theirs.fit(X, Y).predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("chain_method", ["predict", "predict_proba"])
@pytest.mark.parametrize("cv", [None, 4])
@pytest.mark.parametrize("weighted", [False, True])
def test_links_solved_together_are_those_solved_alone(scenes, rng, chain_method, cv, weighted):
    X, Y = scenes
    weight = rng.integers(0, 3, len(X)) if weighted else None
    chains = [
        ClassifierChain(estimator, [2, 0, 3, 1], cv, chain_method, random_state=0)
        for estimator in (EXACT, TOGETHER)
    ]
    one, other = (chain.fit(X, Y, sample_weight=weight).predict_proba(X) for chain in chains)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_many_features_and_labels_solved_together(rng):
    X = rng.normal(size=(60, 100))
    Y = (X[:, :30] + rng.normal(size=(60, 30)) > 0).astype(int)
    one, other = (ClassifierChain(estimator).fit(X, Y) for estimator in (EXACT, TOGETHER))
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X), atol=1e-5)


def test_any_classifier_can_be_a_link(scenes):
    X, Y = scenes
    assert ClassifierChain(DecisionTreeClassifier()).fit(X, Y).score(X, Y) == 1


def test_columns_keep_their_places_in_any_order(scenes):
    X, Y = scenes
    model = ClassifierChain(order="random", random_state=3).fit(X, Y)
    assert sorted(model.order_) == [0, 1, 2, 3]
    assert ((model.predict(X) == Y)[:, :3].mean(axis=0) > 0.7).all()


def test_out_of_fold_features_are_no_true_labels(scenes):
    X, Y = scenes
    in_sample = ClassifierChain().fit(X, Y).chain_.links.seen_coef
    held_out = ClassifierChain(cv=4, random_state=0).fit(X, Y).chain_.links.seen_coef
    assert in_sample.shape == held_out.shape == (4, 4)
    assert abs(in_sample - held_out)[3].max() > 0.1


def test_a_label_with_one_positive_survives_the_folds(scenes):
    X, Y = scenes
    Y[:, 1] = 0
    Y[7, 1] = 1
    for estimator in (EXACT, TOGETHER):
        model = ClassifierChain(estimator, cv=5, random_state=0).fit(X, Y)
        assert np.isfinite(model.predict_proba(X)).all()


def test_order_skips_constant_labels(scenes):
    X, Y = scenes
    Y[:, 1] = 0
    with pytest.warns(ConstantLabelWarning):
        model = ClassifierChain(order=[3, 1, 0, 2]).fit(X, Y)
    assert model.order_.tolist() == [2, 0, 1]  # of the three that vary


def test_order_by_frequency():
    Y = np.array([[0, 1, 0], [0, 1, 1], [1, 0, 1], [0, 1, 1], [0, 1, 0]])
    X = np.arange(5.0)[:, None]
    assert ClassifierChain(order="frequency").fit(X, Y).order_.tolist() == [1, 2, 0]
    weighted = ClassifierChain(order="frequency").fit(X, Y, sample_weight=[1, 1, 9, 1, 1])
    assert weighted.order_.tolist() == [2, 0, 1]


def test_order_by_dependence_follows_what_is_related(rng):
    Y = rng.integers(0, 2, size=(400, 4))
    Y[:, 3] = Y[:, 0] ^ (rng.random(400) < 0.1)  # strongly of the first
    Y[:, 1] = Y[:, 3] ^ (rng.random(400) < 0.3)  # less so of the fourth
    order = ClassifierChain(order="dependence").fit(np.zeros((400, 1)), Y).order_
    assert order.tolist() == [3, 0, 1, 2]


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 2, 2], "backwards"])
def test_refuses_a_wrong_order(scenes, order):
    with pytest.raises(ValueError, match="order must"):
        ClassifierChain(order=order).fit(*scenes)


def test_refuses_a_wrong_method(scenes):
    with pytest.raises(ValueError, match="chain_method must be one of"):
        ClassifierChain(chain_method="decision").fit(*scenes)


@pytest.mark.parametrize("C", [0, -1, [1, 2, 3, 4]])
def test_refuses_a_penalty_that_is_no_number_above_0(scenes, C):
    with pytest.raises(ValueError, match=r"estimator\.C must be a number above 0"):
        ClassifierChain(LogisticBinaryRelevance(C=C)).fit(*scenes)
