import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import average_precision_score, log_loss

from catnocat.classifiers import HeadClassifier, LogisticBinaryRelevance
from catnocat.classifiers.neural import head_training as _head_losses
from catnocat.classifiers.neural.head_training import layers, make_head
from catnocat.classifiers.neural.heads import LOSS_NAMES


@pytest.fixture
def pictures(rng):
    """Return features of mixed scales and labels, some of them rare, and images without any."""
    X = rng.normal(size=(300, 12))
    Y = (X @ rng.normal(size=(12, 5)) + 2 * rng.normal(size=(300, 5)) > [1, 2, 3, 4, 6]).astype(int)
    return X * np.geomspace(0.01, 100, 12) + 5, Y


def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.mark.slow
def test_the_front_door_imports_no_torch():
    code = "import sys, catnocat.classifiers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("weight_decay", [1.0, 0.1, 0.003])
def test_linear_cross_entropy_is_logistic_binary_relevance(pictures, weight_decay):
    X, Y = pictures
    head = HeadClassifier(weight_decay=weight_decay, tol=1e-15).fit(X, Y)
    reference = LogisticBinaryRelevance(C=1 / (weight_decay * len(X)), tol=1e-15)
    P = reference.fit(standardise(X), Y).predict_proba(standardise(X))
    np.testing.assert_allclose(head.predict_proba(X), P, atol=1e-5)
    coef = head.coefs_[0].T * X.std(axis=0)
    np.testing.assert_allclose(coef, reference.coef_, atol=1e-4)


def test_weights_and_mask_are_those_of_logistic_binary_relevance(pictures, rng):
    X, Y = pictures
    X = standardise(X)
    known = rng.random(Y.shape) < 0.8
    head = HeadClassifier(weight_decay=0.1, tol=1e-15).fit(X, Y, known=known)
    reference = LogisticBinaryRelevance(C=1 / (0.1 * len(X)), tol=1e-15).fit(X, Y, known=known)
    np.testing.assert_allclose(head.predict_proba(X), reference.predict_proba(X), atol=1e-5)


def test_tanh_is_sigmoid_with_a_sixteenth_of_the_weight_decay(pictures):
    X, Y = pictures
    tanh = HeadClassifier("tanh-mse", weight_decay=0.8, tol=1e-15).fit(X, Y)
    sigmoid = HeadClassifier("sigmoid-mse", weight_decay=0.05, tol=1e-15).fit(X, Y)
    np.testing.assert_allclose(tanh.predict_proba(X), sigmoid.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_losses_are_those_of_the_papers(loss, rng):
    Z, Y = rng.normal(size=(6, 4)), rng.integers(0, 2, (6, 4))
    p, t = 1 / (1 + np.exp(-Z)), np.tanh(Z)
    excess = np.maximum(p - 0.05, 0)
    shares = Y / np.maximum(Y.sum(axis=1, keepdims=True), 1)
    expected = {
        "softmax": -shares * np.log(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)),
        "sigmoid-bce": -np.where(Y, np.log(p), np.log(1 - p)),
        "sigmoid-mse": (p - Y) ** 2,
        "tanh-mse": (t - np.where(Y, 1, -1)) ** 2,
        "asymmetric": np.where(Y, -np.log(p), -(excess**4) * np.log(1 - excess)),
    }[loss]
    T = shares if loss == "softmax" else Y
    got = _head_losses.LOSSES[loss](torch.from_numpy(Z), torch.from_numpy(T * 1.0), None)
    np.testing.assert_allclose(got.numpy(), expected)


def test_every_loss_can_be_named():
    assert tuple(_head_losses.LOSSES) == LOSS_NAMES


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpy_answers_as_the_torch_module_does(pictures, dtype):
    X, Y = pictures
    X = X.astype(dtype)
    model = HeadClassifier(hidden=7, max_iter=20, early_stopping=True).fit(X, Y)
    # In float32 the sums of both would be rounded in another order: the exact value decides.
    head = make_head((12, 7, 5), np.random.RandomState(0), np.float64)
    for layer, coef, intercept in zip(head[::2], model.coefs_, model.intercepts_, strict=True):
        layer.weight.data = torch.from_numpy(coef.T.astype(np.float64))
        layer.bias.data = torch.from_numpy(intercept.astype(np.float64))
    exact = torch.sigmoid(head(torch.from_numpy(X.astype(np.float64)))).detach().numpy()
    P = model.predict_proba(X)
    np.testing.assert_allclose(P, exact, rtol=1e-9 if dtype == np.float64 else 1e-5)
    assert P.dtype == dtype
    assert all(map(np.array_equal, layers(head)[0], model.coefs_))
    assert all(type(part) is np.ndarray for part in (*model.coefs_, *model.intercepts_))


@pytest.mark.parametrize("batch_size", [None, 32])
def test_torchs_own_generator_is_neither_used_nor_touched(pictures, batch_size):
    X, Y = pictures
    model = HeadClassifier(hidden=4, batch_size=batch_size, max_iter=3, early_stopping=True)
    answers = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        answers.append(model.fit(X, Y).predict_proba(X))
        assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(*answers)


def test_seeds_differ(pictures):
    X, Y = pictures
    one, other = (
        HeadClassifier(hidden=4, batch_size=32, max_iter=2, random_state=seed).fit(X, Y)
        for seed in (0, 1)
    )
    assert np.abs(one.predict_proba(X) - other.predict_proba(X)).max() > 1e-3


def test_batches_come_near_the_minimum(pictures):
    X, Y = pictures
    exact = HeadClassifier(weight_decay=0.1).fit(X, Y)
    small = HeadClassifier(weight_decay=0.1, batch_size=32, learning_rate=0.03, max_iter=40)
    weights = np.full(len(X), 3.0)  # alike: no weights at all
    P = small.fit(X, Y, sample_weight=weights).predict_proba(X)
    np.testing.assert_allclose(P, exact.predict_proba(X), atol=0.02)


@pytest.mark.parametrize("batch_size", [None, 32])
def test_stopping_early_saves_a_head_that_would_learn_by_heart(rng, batch_size):
    X = rng.normal(size=(400, 60))
    Y = (X[:, :3] + 3 * rng.normal(size=(400, 3)) > 0).astype(int)
    lax = HeadClassifier(
        hidden=50,
        weight_decay=1e-6,
        batch_size=batch_size,
        learning_rate=0.01,
        max_iter=60,
        tol=1e-5,
    )
    stopped = HeadClassifier(**{**lax.get_params(), "early_stopping": True})
    reached = [
        log_loss(Y[200:].ravel(), model.fit(X[:200], Y[:200]).predict_proba(X[200:]).ravel())
        for model in (lax, stopped)
    ]
    assert stopped.n_iter_ < 60
    assert reached[1] < reached[0] - 0.1


def test_says_when_it_did_not_converge(pictures):
    with pytest.warns(ConvergenceWarning, match="did not converge in 2 iterations") as caught:
        model = HeadClassifier(max_iter=2).fit(*pictures)
    assert caught[0].filename == __file__
    assert model.n_iter_ == 2


def test_softmax_shares_of_single_labels_are_probabilities(rng):
    kind = rng.integers(0, 4, 400)  # three labels, or none
    X = rng.normal(size=(400, 8))
    X[np.arange(400), kind] += 2
    Y = np.eye(4, dtype=int)[kind][:, :3]
    model = HeadClassifier("softmax", weight_decay=0.01).fit(X, Y)
    assert model.labels_per_image_ == 1
    P = model.predict_proba(X)
    np.testing.assert_allclose(P.mean(axis=0), Y.mean(axis=0), atol=1e-4)
    none = 1 - P.sum(axis=1)
    assert average_precision_score(kind == 3, none) > 0.9
    assert (model.predict(X[kind == 3]).sum(axis=1) == 0).mean() > 0.8


def test_softmax_finds_two_labels_of_equal_share(rng):
    pairs = np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    kind = rng.integers(0, 2, 200)
    X = rng.normal(size=(200, 2)) + 6 * kind[:, None]
    model = HeadClassifier("softmax", weight_decay=0.001).fit(X, pairs[kind])
    assert model.labels_per_image_ == 2
    np.testing.assert_array_equal(model.predict(X), pairs[kind])


def test_softmax_learns_nothing_from_rows_that_may_be_empty(rng):
    X = rng.normal(size=(60, 3))
    Y = (X > 0.3).astype(int)
    known = np.ones_like(Y, dtype=bool)
    empty = ~Y.any(axis=1)
    known[empty, 0] = False
    masked = HeadClassifier("softmax", tol=1e-15).fit(X, Y, known=known)
    assert masked.coefs_[0].shape == (3, 3)  # no "none"
    assert HeadClassifier("softmax").fit(X, Y).coefs_[0].shape == (3, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"loss": "hinge"},
        {"hidden": 0},
        {"weight_decay": 0},
        {"batch_size": 2.5},
        {"early_stopping": True, "validation_fraction": 1},
    ],
)
def test_refuses_wrong_parameters_by_name(pictures, wrong):
    with pytest.raises(ValueError, match=f"{list(wrong)[-1]} must be"):
        HeadClassifier(**wrong).fit(*pictures)


def test_too_few_images_to_hold_any_out():
    Y = [[0, 0, 0], [1, 0, 1], [0, 1, 0]]
    with pytest.raises(ValueError, match=r"cannot hold out 0\.15 of 3 images"):
        HeadClassifier(early_stopping=True).fit(np.eye(3), Y)
