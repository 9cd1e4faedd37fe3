import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.metrics import average_precision_score, log_loss
from sklearn.tree import DecisionTreeRegressor

from catnocat.classifiers import MultiLabelBoosting, MultiLabelForest

BOOSTING = MultiLabelBoosting(20)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(300, 6)).astype(np.float32)
    Z = np.column_stack([X[:, 0] * X[:, 1], X[:, 0] * X[:, 1] + X[:, 2], abs(X[:, 3]) - 1])
    return X[:200], (Z > 0).astype(int)[:200], X[200:], (Z > 0).astype(int)[200:]


@pytest.mark.parametrize(
    ("kind", "reference"), [("extra", ExtraTreesClassifier), ("random", RandomForestClassifier)]
)
def test_forest_is_that_of_scikit_learn(scenes, kind, reference):
    X, Y, X_new, _ = scenes
    model = MultiLabelForest(10, kind, min_samples_leaf=3, random_state=0).fit(X, Y)
    chances = reference(10, min_samples_leaf=3, random_state=0).fit(X, Y).predict_proba(X_new)
    expected = np.column_stack([of_label[:, 1] for of_label in chances])
    np.testing.assert_allclose(model.predict_proba(X_new), expected, rtol=1e-6)


def test_one_round_of_boosting_by_hand(scenes):
    X, Y, X_new, _ = scenes
    model = MultiLabelBoosting(
        n_rounds=1, learning_rate=0.5, max_depth=2, max_features=None, l2=2.0, random_state=0
    ).fit(X, Y)
    prior = Y.mean(axis=0)
    tree = DecisionTreeRegressor(max_depth=2, min_samples_leaf=5).fit(X, Y - prior)
    here, there = tree.apply(X), tree.apply(X_new)
    expected = np.empty((len(X_new), 3))
    for row, leaf in enumerate(there):
        members = Y[here == leaf]
        newton = (members - prior).sum(axis=0) / (len(members) * prior * (1 - prior) + 2.0)
        expected[row] = expit(logit(prior) + 0.5 * newton)
    np.testing.assert_allclose(model.predict_proba(X_new), expected, rtol=1e-6)


def test_boosting_grows_one_tree_a_round_and_learns(scenes):
    X, Y, X_new, Y_new = scenes
    losses = []
    for n_rounds in (1, 10, 100):
        model = MultiLabelBoosting(n_rounds, random_state=0).fit(X, Y)
        assert len(model.trees_) == n_rounds
        losses.append(log_loss(Y.ravel(), model.predict_proba(X).ravel()))
    assert losses[0] > losses[1] > losses[2]
    assert average_precision_score(Y_new, model.predict_proba(X_new)) > 0.85


@pytest.mark.parametrize("model", [MultiLabelForest(9), MultiLabelForest(9, "random"), BOOSTING])
@pytest.mark.parametrize(("scale", "offset"), [(1e-6, 0), (1e-30, 0), (1e35, 0), (1, 1e6)])
def test_small_and_far_features_are_distinguished(scenes, model, scale, offset):
    X, Y, X_new, _ = (part.astype(np.float64) for part in scenes)
    model.set_params(random_state=0)
    expected = model.fit(X, Y).predict_proba(X_new)
    found = model.fit(scale * X + offset, Y).predict_proba(scale * X_new + offset)
    assert (abs(found - expected) < 1e-3).mean() > 0.95  # but for thresholds between float32


def test_rounding_is_no_difference(scenes, rng):
    X, Y, _, _ = scenes
    flat = 1e6 * (1 + 1e-16 * rng.integers(0, 3, size=(len(X), 1)))
    forest = MultiLabelForest(9, random_state=0).fit(np.hstack([X, flat]), Y)
    assert (forest.units_.unit == 1).all()
    assert not forest.units_.offset.any()


def test_refuses_another_kind_of_forest(scenes):
    with pytest.raises(ValueError, match="kind must be one of"):
        MultiLabelForest(kind="enchanted").fit(*scenes[:2])
