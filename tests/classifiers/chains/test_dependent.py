import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import (
    BinaryRelevance,
    DependentBinaryRelevance,
    LogisticBinaryRelevance,
    StackedBinaryRelevance,
)

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)
TOGETHER = LogisticBinaryRelevance(tol=1e-14)


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(90, 5))
    return X, (X @ rng.normal(size=(5, 4)) + rng.normal(size=(90, 4)) > 0).astype(int)


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
@pytest.mark.parametrize("stack_method", ["predict", "predict_proba"])
@pytest.mark.parametrize("n_rounds", [1, 3])
def test_is_the_plain_loop(scenes, estimator, stack_method, n_rounds):
    X, Y = scenes
    model = DependentBinaryRelevance(estimator, stack_method, n_rounds).fit(X, Y)
    seen = BinaryRelevance(EXACT).fit(X, Y).predict_proba(X)
    for _ in range(n_rounds):
        if stack_method == "predict":
            seen = (seen > 0.5).astype(float)
        revised = np.empty_like(seen)
        for j in range(4):
            link = LogisticRegression(tol=1e-10, max_iter=10_000)
            link.fit(np.hstack([X, np.delete(Y, j, axis=1)]), Y[:, j])
            inputs = np.hstack([X, np.delete(seen, j, axis=1)])
            revised[:, j] = link.predict_proba(inputs)[:, 1]
        seen = revised
    np.testing.assert_allclose(model.predict_proba(X), seen, atol=1e-5)


def test_one_round_is_br_plus_on_true_labels(scenes):
    X, Y = scenes
    one = DependentBinaryRelevance(TOGETHER).fit(X, Y).predict_proba(X)
    other = StackedBinaryRelevance(TOGETHER, variant="BR+", cv=None).fit(X, Y).predict_proba(X)
    np.testing.assert_allclose(one, other, atol=1e-6)
