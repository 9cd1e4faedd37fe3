"""The factor of label inputs, in every method that feeds labels to its models."""

import numpy as np
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import (
    ClassifierChain,
    ClassifierChainEnsemble,
    DependentBinaryRelevance,
    LogisticBinaryRelevance,
    MultilabelKFold,
    ProbabilisticClassifierChain,
    StackedBinaryRelevance,
)

C = 0.01
SCALE = 20.0
ONE_BY_ONE = LogisticRegression(C=C, tol=1e-10, max_iter=10_000)
TOGETHER = LogisticBinaryRelevance(C=C, tol=1e-13)
ALL = (
    ClassifierChain,
    ClassifierChainEnsemble,
    ProbabilisticClassifierChain,
    StackedBinaryRelevance,
    DependentBinaryRelevance,
)


@pytest.fixture
def exclusive(rng):
    """Return standardised features, and labels of which each image has at most one."""
    X = rng.normal(size=(300, 8))
    Y = np.zeros((300, 3), dtype=int)
    Y[np.arange(300), (X[:, :4] + rng.normal(size=(300, 4))).argmax(axis=1) % 3] = 1
    Y[X[:, 7] > 1] = 0
    return X, Y


def positive(X, y, X_new):
    return LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, y).predict_proba(X_new)[:, 1]


@pytest.mark.parametrize("estimator", [ONE_BY_ONE, TOGETHER], ids=["one by one", "together"])
def test_a_chain_is_the_plain_loop_with_scaled_labels(exclusive, estimator):
    X, Y = exclusive
    P, seen = np.empty((100, 3)), np.zeros((100, 3))
    for label in range(3):
        train = np.hstack([X[:200], SCALE * Y[:200, :label]])
        test = np.hstack([X[200:], SCALE * seen[:, :label]])
        P[:, label] = positive(train, Y[:200, label], test)
        seen[:, label] = P[:, label]
    model = ClassifierChain(estimator, chain_method="predict_proba", label_scale=SCALE)
    found = model.fit(X[:200], Y[:200]).predict_proba(X[200:])
    np.testing.assert_allclose(found, P, atol=2e-4)


@pytest.mark.parametrize("estimator", [ONE_BY_ONE, TOGETHER], ids=["one by one", "together"])
def test_a_dependent_model_is_the_plain_loop_with_scaled_labels(exclusive, estimator):
    X, Y = exclusive
    first = np.column_stack([positive(X[:200], y, X[200:]) for y in Y[:200].T])
    expected = np.empty_like(first)
    for label in range(3):
        others = np.delete(np.arange(3), label)
        train = np.hstack([X[:200], SCALE * Y[:200, others]])
        test = np.hstack([X[200:], SCALE * first[:, others]])
        expected[:, label] = positive(train, Y[:200, label], test)
    model = DependentBinaryRelevance(estimator, label_scale=SCALE).fit(X[:200], Y[:200])
    np.testing.assert_allclose(model.predict_proba(X[200:]), expected, atol=2e-4)


@pytest.mark.parametrize("stack_method", ["predict_proba", "decision_function"])
@pytest.mark.parametrize("variant", ["2BR", "BR+"])
def test_stacking_is_the_plain_loop_with_scaled_inputs(exclusive, variant, stack_method):
    X, Y = exclusive
    train, test = X[:200], X[200:]
    folds = list(MultilabelKFold(3).split(train, Y[:200]))
    held_out = np.empty((200, 3))
    for fit, left_out in folds:
        for label in range(3):
            held_out[left_out, label] = positive(train[fit], Y[fit, label], train[left_out])
    first = np.column_stack([positive(train, y, test) for y in Y[:200].T])
    if stack_method == "decision_function":
        held_out, first = logit(held_out), logit(first)
    expected = np.empty_like(first)
    for label in range(3):
        others = np.delete(np.arange(3), label)
        if variant == "2BR":
            inputs = SCALE * held_out, SCALE * first
        else:
            inputs = (
                np.hstack([train, SCALE * held_out[:, others]]),
                np.hstack([test, SCALE * first[:, others]]),
            )
        expected[:, label] = positive(inputs[0], Y[:200, label], inputs[1])
    model = StackedBinaryRelevance(
        TOGETHER, TOGETHER, variant, folds, stack_method=stack_method, label_scale=SCALE
    ).fit(train, Y[:200])
    np.testing.assert_allclose(model.predict_proba(test), expected, atol=2e-3)


@pytest.mark.parametrize("inference", ["exact", "beam", "monte-carlo"])
def test_a_probabilistic_chain_searches_with_scaled_labels(exclusive, inference):
    X, Y = exclusive
    models = [
        ProbabilisticClassifierChain(
            estimator, inference=inference, label_scale=SCALE, random_state=0
        ).fit(X[:200], Y[:200])
        for estimator in (ONE_BY_ONE, TOGETHER)
    ]
    one, other = (model.predict_proba(X[200:]) for model in models)
    np.testing.assert_allclose(one, other, atol=1e-3)
    assert (models[0].predict(X[200:]).sum(axis=1) <= 1).mean() > 0.95


def test_an_ensemble_of_one_is_its_scaled_member(exclusive):
    X, Y = exclusive
    ensemble = ClassifierChainEnsemble(TOGETHER, 1, random_state=5, label_scale=SCALE)
    member = ClassifierChain(TOGETHER, "random", random_state=5, label_scale=SCALE)
    one, other = (model.fit(X, Y).predict_proba(X) for model in (ensemble, member))
    np.testing.assert_allclose(one, other, atol=1e-6)
    plain = ClassifierChainEnsemble(TOGETHER, 1, random_state=5).fit(X, Y).predict_proba(X)
    assert abs(one - plain).max() > 0.05


def test_the_scale_undoes_what_the_penalty_takes_from_a_label(exclusive):
    """At C = 0.01 a 0/1 label is next to ignored; the log-odds it adds grow with the scale."""
    X, Y = exclusive
    added = [
        abs(ClassifierChain(TOGETHER, label_scale=scale).fit(X, Y).chain_.links.seen_coef[2, :2])
        for scale in (1.0, 10.0, 100.0)
    ]
    assert added[0].max() < 0.5
    assert (added[1] > 3 * added[0]).all()
    assert (added[2] > added[1]).all()
    assert added[2].min() > 2


def test_out_of_fold_labels_are_scaled_as_well(exclusive):
    X, Y = exclusive
    chains = [
        ClassifierChain(estimator, cv=3, random_state=0, label_scale=SCALE).fit(X, Y)
        for estimator in (ONE_BY_ONE, TOGETHER)
    ]
    one, other = (chain.predict_proba(X) for chain in chains)
    np.testing.assert_allclose(one, other, atol=1e-3)
    plain = ClassifierChain(TOGETHER, cv=3, random_state=0).fit(X, Y).predict_proba(X)
    assert abs(other - plain).max() > 0.05


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("scale", [0, -1, "large", np.inf])
def test_refuses_a_scale_that_is_no_number_above_0(exclusive, method, scale):
    with pytest.raises(ValueError, match="label_scale must be a number above 0"):
        method(label_scale=scale).fit(*exclusive)


def test_log_odds_need_held_out_probabilities(exclusive):
    model = StackedBinaryRelevance(variant="BR+", cv=None, stack_method="decision_function")
    with pytest.raises(ValueError, match="needs cv"):
        model.fit(*exclusive)
