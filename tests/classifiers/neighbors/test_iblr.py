import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import IBLR, LogisticBinaryRelevance

EXACT = LogisticRegression(tol=1e-10, max_iter=10_000)
TOGETHER = LogisticBinaryRelevance(tol=1e-14)


@pytest.mark.parametrize("estimator", [EXACT, TOGETHER])
@pytest.mark.parametrize("passthrough", [False, True])
def test_is_the_plain_loop(rng, estimator, passthrough):
    X = rng.normal(size=(80, 3))
    Y = (X @ rng.normal(size=(3, 4)) + rng.normal(size=(80, 4)) > 0.3).astype(int)
    X, Y, X_new = X[:60], Y[:60], X[60:]

    def counts(rows, own):
        found = []
        for number, row in enumerate(rows):
            distance = ((X - row) ** 2).sum(axis=1)
            if own:
                distance[number] = np.inf
            found.append(Y[np.argsort(distance)[:6]].sum(axis=0))
        return np.hstack([rows, found]) if passthrough else np.array(found)

    model = IBLR(estimator, n_neighbors=6, passthrough=passthrough).fit(X, Y)
    expected = np.column_stack(
        [EXACT.fit(counts(X, True), y).predict_proba(counts(X_new, False))[:, 1] for y in Y.T]
    )
    np.testing.assert_allclose(model.predict_proba(X_new), expected, atol=1e-5)
