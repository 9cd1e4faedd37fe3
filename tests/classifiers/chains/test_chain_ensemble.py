import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import ClassifierChain, ClassifierChainEnsemble


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(80, 5))
    return X, (X @ rng.normal(size=(5, 4)) + rng.normal(size=(80, 4)) > 0).astype(int)


@pytest.mark.parametrize("estimator", [None, LogisticRegression()])
@pytest.mark.parametrize("chain_method", ["predict", "predict_proba"])
def test_one_chain_is_its_member(scenes, estimator, chain_method):
    X, Y = scenes
    ensemble = ClassifierChainEnsemble(
        estimator, n_chains=1, chain_method=chain_method, random_state=5
    ).fit(X, Y)
    member = ClassifierChain(estimator, "random", chain_method=chain_method, random_state=5)
    expected = member.fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(ensemble.predict_proba(X), expected, atol=1e-5)


def test_is_the_mean_of_chains_of_known_seeds(scenes):
    X, Y = scenes
    chains = [ClassifierChain(order="random", random_state=7 + k).fit(X, Y) for k in range(4)]
    ensemble = ClassifierChainEnsemble(n_chains=4, random_state=7).fit(X, Y)
    expected = np.mean([chain.predict_proba(X) for chain in chains], axis=0)
    np.testing.assert_allclose(ensemble.predict_proba(X), expected, atol=1e-5)


def test_members_learn_from_different_images(scenes):
    X, Y = scenes
    ensemble = ClassifierChainEnsemble(n_chains=2, max_samples=0.5, random_state=0).fit(X, Y)
    one, other = (chain.links.intercept for chain in ensemble.chains_)
    assert abs(one - other).max() > 0.01


@pytest.mark.parametrize("share", [0, 1.1, "half"])
def test_refuses_a_wrong_share(scenes, share):
    with pytest.raises(ValueError, match="max_samples must be a number above 0 and up to 1"):
        ClassifierChainEnsemble(max_samples=share).fit(*scenes)


def test_refuses_a_wrong_seed(scenes):
    with pytest.raises(ValueError, match="between 0 and"):
        ClassifierChainEnsemble(random_state=-1).fit(*scenes[:2])
