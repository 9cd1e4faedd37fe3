from itertools import product

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from catnocat.classifiers import ClassifierChain, ProbabilisticClassifierChain

N_LABELS = 5
SETS = np.array(list(product([0, 1], repeat=N_LABELS)))


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(130, 4))
    Z = X @ rng.normal(size=(4, N_LABELS)) + rng.normal(size=(130, 1))
    return X[:100], (Z + rng.normal(size=Z.shape) > 0.5).astype(int)[:100], X[100:]


def joint(model, X, sets):
    """Multiply the links' probabilities, one image and one set after the other."""
    predictions = model.chain_.links.predictions_for(X)
    chances = np.ones((len(X), len(sets)))
    for image, label_set in product(range(len(X)), range(len(sets))):
        truth = sets[label_set]
        for label in model.order_:
            yes = predictions.probabilities(label, [image], truth[None].astype(float))[0]
            chances[image, label_set] *= yes if truth[label] else 1 - yes
    return chances


def fitted(scenes, **parameters):
    X, Y, _ = scenes
    given = {"order": [3, 1, 4, 0, 2], "random_state": 0, **parameters}
    return ProbabilisticClassifierChain(**given).fit(X, Y)


@pytest.mark.parametrize("estimator", [None, LogisticRegression()])
def test_exact_is_brute_force(scenes, estimator):
    X_new = scenes[2]
    model = fitted(scenes, estimator=estimator)
    chances = joint(model, X_new, SETS)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_allclose(model.predict_proba(X_new), chances @ SETS, atol=1e-12)
    np.testing.assert_array_equal(model.predict(X_new), SETS[chances.argmax(axis=1)])

    hamming = fitted(scenes, estimator=estimator, target="hamming")
    np.testing.assert_array_equal(hamming.predict(X_new), chances @ SETS > 0.5)

    sizes = SETS.sum(axis=1)
    both = sizes[:, None] + sizes
    score = np.where(both > 0, 2 * SETS @ SETS.T / np.maximum(both, 1), 1)  # of every answer
    best = SETS[(chances @ score).argmax(axis=1)]
    f1 = fitted(scenes, estimator=estimator, target="f1")
    np.testing.assert_array_equal(f1.predict(X_new), best)


def test_never_less_probable_than_greedy(scenes, rng):
    X, _, X_new = scenes
    # With the first label anything may come, without it nothing does: greedy takes the wrong turn.
    Y = rng.integers(0, 2, size=(len(X), N_LABELS))
    Y[:, 0] = rng.random(len(X)) < 0.55
    Y[Y[:, 0] == 0] = 0
    model = ProbabilisticClassifierChain().fit(X, Y)
    of_greedy, of_found = (
        np.diagonal(joint(model, X_new, answer.predict(X_new)))
        for answer in (ClassifierChain().fit(X, Y), model)
    )
    assert (of_found >= of_greedy * (1 - 1e-12)).all()
    assert (of_found > of_greedy + 0.1).any()


@pytest.mark.parametrize("target", ["subset", "hamming", "f1"])
def test_full_beam_is_exact(scenes, target):
    X_new = scenes[2]
    exact = fitted(scenes, target=target, inference="exact")
    beam = fitted(scenes, target=target, inference="beam", beam_width=2**N_LABELS)
    np.testing.assert_array_equal(beam.predict(X_new), exact.predict(X_new))
    np.testing.assert_allclose(beam.predict_proba(X_new), exact.predict_proba(X_new))


def test_beam_of_one_is_greedy(scenes):
    X, Y, X_new = scenes
    greedy = ClassifierChain(order=[3, 1, 4, 0, 2]).fit(X, Y).predict(X_new)
    beam = fitted(scenes, inference="beam", beam_width=1)
    np.testing.assert_array_equal(beam.predict(X_new), greedy)


def test_monte_carlo_converges(scenes):
    X_new = scenes[2]
    exact = fitted(scenes).predict_proba(X_new)
    far, near = (
        abs(fitted(scenes, inference="monte-carlo", n_samples=n).predict_proba(X_new) - exact).max()
        for n in (20, 5_000)
    )
    assert near < 0.03 < far
    for target in ("subset", "f1"):
        drawn = fitted(scenes, target=target, inference="monte-carlo", n_samples=5_000)
        same = drawn.predict(X_new) == fitted(scenes, target=target).predict(X_new)
        assert same.all(axis=1).mean() > 0.9


def test_an_answer_does_not_depend_on_the_images_around_it(scenes):
    X_new = scenes[2]
    model = fitted(scenes, inference="monte-carlo", random_state=None)
    np.testing.assert_allclose(model.predict_proba(X_new)[7:9], model.predict_proba(X_new[7:9]))


def test_beyond_15_labels(rng):
    X = rng.normal(size=(60, 4))
    Y = (X @ rng.normal(size=(4, 16)) + rng.normal(size=(60, 16)) > 0).astype(int)
    model = ProbabilisticClassifierChain(random_state=0).fit(X, Y)
    beam = ProbabilisticClassifierChain(inference="beam").fit(X, Y)
    np.testing.assert_array_equal(model.predict(X), beam.predict(X))
    drawn = ProbabilisticClassifierChain(inference="monte-carlo", random_state=0).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), drawn.predict_proba(X))
    with pytest.raises(ValueError, match="takes up to 15 labels that vary, got 16"):
        ProbabilisticClassifierChain(inference="exact").fit(X, Y)


def test_hundreds_of_factors_do_not_underflow(rng):
    X = rng.normal(size=(30, 3)).astype(np.float32)
    Y = (rng.random((30, 400)) < 0.5).astype(int)
    for inference in ("beam", "monte-carlo"):
        model = ProbabilisticClassifierChain(
            inference=inference, beam_width=3, n_samples=5, random_state=0
        ).fit(X, Y)
        assert np.isfinite(model.predict_proba(X)).all()
        assert model.predict(X).any()
