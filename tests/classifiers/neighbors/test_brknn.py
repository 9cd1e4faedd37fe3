import numpy as np
import pytest

from catnocat.classifiers import BRkNN


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(80, 3))
    Y = (X @ rng.normal(size=(3, 5)) + rng.normal(size=(80, 5)) > 0.8).astype(int)
    return X[:60], Y[:60], X[60:]


def plain(X, Y, X_new, k, extension):
    shares, answers = [], []
    for row in X_new:
        nearest = np.argsort(((X - row) ** 2).sum(axis=1), kind="stable")[:k]
        share = [sum(Y[n, j] for n in nearest) / len(nearest) for j in range(Y.shape[1])]
        ranked = sorted(range(Y.shape[1]), key=lambda j: (-share[j], j))
        answer = {j for j, value in enumerate(share) if value > 0.5}
        if extension == "a" and not answer:
            answer = {ranked[0]}
        if extension == "b":
            size = int(np.mean([Y[n].sum() for n in nearest]) + 0.5)
            answer = set(ranked[:size])
        shares.append(share)
        answers.append([int(j in answer) for j in range(Y.shape[1])])
    return np.array(shares), np.array(answers)


@pytest.mark.parametrize("k", [1, 4, 7, 200])
@pytest.mark.parametrize("extension", [None, "a", "b"])
def test_is_the_plain_loop(scenes, k, extension):
    X, Y, X_new = scenes
    model = BRkNN(n_neighbors=k, extension=extension).fit(X, Y)
    shares, answers = plain(X, Y, X_new, k, extension)
    np.testing.assert_allclose(model.predict_proba(X_new), shares)
    np.testing.assert_array_equal(model.predict(X_new), answers)


@pytest.mark.filterwarnings("ignore::catnocat.classifiers.ConstantLabelWarning")
def test_an_answer_with_a_label_that_is_always_there_is_not_empty(scenes):
    X, Y, X_new = scenes
    plain = BRkNN().fit(X, Y).predict(X_new)
    assert not plain.any(axis=1).all()
    always = np.column_stack([Y, np.ones(len(Y), dtype=int)])
    extended = BRkNN(extension="a").fit(X, always).predict(X_new)
    np.testing.assert_array_equal(extended[:, :5], plain)


def test_refuses_a_wrong_extension(scenes):
    with pytest.raises(ValueError, match="extension must be one of"):
        BRkNN(extension="c").fit(*scenes[:2])
