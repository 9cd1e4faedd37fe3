import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import BinaryRelevance, LabelPowerset, LogisticPowerset, RAkEL

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)
TOGETHER = LogisticPowerset(tol=1e-14)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(90, 5))
    return X, (X @ rng.normal(size=(5, 7)) + rng.normal(size=(90, 7)) > 0.3).astype(int)


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
@pytest.mark.parametrize("overlapping", [True, False])
def test_is_the_mean_of_its_powersets(scenes, estimator, overlapping):
    X, Y = scenes
    model = RAkEL(estimator, overlapping=overlapping, random_state=0).fit(X, Y)
    total, count = np.zeros(Y.shape), np.zeros(7)
    for labels in model.labelsets_:
        total[:, labels] += LabelPowerset(EXACT).fit(X, Y[:, labels]).predict_proba(X)
        count[labels] += 1
    np.testing.assert_allclose(model.predict_proba(X), total / count, atol=1e-5)


@pytest.mark.parametrize(("size", "count"), [(3, 14), (3, 1), (2, 9), (5, 100), (7, 3), (99, 3)])
def test_groups_are_different_and_cover_all_labels(scenes, size, count):
    X, Y = scenes
    groups = RAkEL(labelset_size=size, n_labelsets=count, random_state=1).fit(X, Y).labelsets_
    assert set(np.concatenate(groups)) == set(range(7))
    assert {len(set(group)) for group in groups} == {min(size, 7)}
    assert len({tuple(group) for group in groups}) == len(groups)
    assert len(groups) == {14: 14, 1: 3, 9: 9, 100: 21, 3: 1}[count]


def test_disjoint_groups_share_no_label(scenes):
    groups = RAkEL(overlapping=False, random_state=1).fit(*scenes).labelsets_
    assert sorted(np.concatenate(groups)) == list(range(7))
    assert [len(group) for group in groups] == [3, 3, 1]


def test_one_group_of_all_labels_is_the_powerset(scenes):
    X, Y = scenes
    model = RAkEL(EXACT, labelset_size=7).fit(X, Y)
    powerset = LabelPowerset(EXACT).fit(X, Y)
    np.testing.assert_allclose(model.predict_proba(X), powerset.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(model.predict(X), powerset.predict(X))
    assert (model.predict(X) != (model.predict_proba(X) > 0.5)).any()


def test_groups_of_one_are_binary_relevance(scenes):
    X, Y = scenes
    model = RAkEL(TOGETHER, labelset_size=1, overlapping=False).fit(X, Y)
    expected = BinaryRelevance(EXACT).fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-5)
