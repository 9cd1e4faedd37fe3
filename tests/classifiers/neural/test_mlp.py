import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss

from catnocat.classifiers import MultiLabelMLP


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(400, 6))
    Z = np.column_stack([X[:, 0] * X[:, 1], X[:, 2] + X[:, 3], abs(X[:, 4]) - 1])
    Y = (Z + 0.3 * rng.normal(size=Z.shape) > 0).astype(int)
    return X[:300], Y[:300], X[300:], Y[300:]


def network(**parameters):
    given = {"hidden_layer_sizes": (40,), "learning_rate_init": 0.02, "random_state": 0}
    return MultiLabelMLP(**{**given, **parameters})


def test_learns_what_no_linear_model_can(scenes):
    X, Y, X_new, Y_new = scenes
    model = network().fit(X, Y)
    assert average_precision_score(Y_new, model.predict_proba(X_new)) > 0.85


def test_stops_early_and_keeps_the_best_epoch(scenes):
    X, Y, X_new, Y_new = scenes
    watched = network(patience=5).fit(X, Y)
    assert watched.n_epochs_ < 100
    unwatched = network(validation_fraction=0).fit(X, Y)
    assert unwatched.n_epochs_ == 200
    loss = [log_loss(Y_new.ravel(), m.predict_proba(X_new).ravel()) for m in (watched, unwatched)]
    assert loss[0] < loss[1]


def test_runs_all_epochs_where_images_are_too_few_to_watch(scenes):
    X, Y, _, _ = scenes
    assert network(max_epochs=7).fit(X[:15], Y[:15]).n_epochs_ == 7


@pytest.mark.parametrize("share", [-0.1, 1])
def test_refuses_a_wrong_share(scenes, share):
    with pytest.raises(ValueError, match="validation_fraction must be a number at least 0"):
        network(validation_fraction=share).fit(*scenes[:2])
