import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import ClassifierChain as SklearnChain

from catnocat.classifiers import ClassifierChain, ConstantLabelWarning


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(120, 5))
    Y = (X @ rng.normal(size=(5, 4)) + rng.normal(size=(120, 4)) > 0).astype(int)
    Y[:, 3] = Y[:, 0] ^ Y[:, 1]  # what only a chain can know
    return X, Y


@pytest.mark.parametrize("order", [None, [2, 0, 3, 1]])
@pytest.mark.parametrize("chain_method", ["predict", "predict_proba"])
def test_agrees_with_the_chain_of_scikit_learn(scenes, order, chain_method):
    X, Y = scenes
    ours = ClassifierChain(LogisticRegression(), order=order, chain_method=chain_method)
    theirs = SklearnChain(LogisticRegression(), order=order, chain_method=chain_method)
    P = ours.fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(P, theirs.fit(X, Y).predict_proba(X), atol=1e-4)


def test_columns_keep_their_places_in_any_order(scenes):
    X, Y = scenes
    model = ClassifierChain(order="random", random_state=3).fit(X, Y)
    assert sorted(model.order_) == [0, 1, 2, 3]
    assert ((model.predict(X) == Y)[:, :3].mean(axis=0) > 0.7).all()


def test_out_of_fold_features_are_no_true_labels(scenes):
    X, Y = scenes
    in_sample = ClassifierChain().fit(X, Y).estimators_[-1].model_.coef_
    held_out = ClassifierChain(cv=4, random_state=0).fit(X, Y).estimators_[-1].model_.coef_
    assert in_sample.shape == held_out.shape == (1, 8)
    assert abs(in_sample - held_out).max() > 0.1


def test_a_label_with_one_positive_survives_the_folds(scenes):
    X, Y = scenes
    Y[:, 1] = 0
    Y[7, 1] = 1
    assert ClassifierChain(cv=5, random_state=0).fit(X, Y).predict_proba(X).shape == Y.shape


def test_order_skips_constant_labels(scenes):
    X, Y = scenes
    Y[:, 1] = 0
    with pytest.warns(ConstantLabelWarning):
        model = ClassifierChain(order=[3, 1, 0, 2]).fit(X, Y)
    assert model.order_.tolist() == [2, 0, 1]  # of the three that vary


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 2, 2], "backwards"])
def test_refuses_a_wrong_order(scenes, order):
    with pytest.raises(ValueError, match="order must"):
        ClassifierChain(order=order).fit(*scenes)


def test_refuses_a_wrong_method(scenes):
    with pytest.raises(ValueError, match="chain_method must be one of"):
        ClassifierChain(chain_method="decision").fit(*scenes)
