import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from catnocat.classifiers import LogisticBinaryRelevanceCV, MultilabelKFold
from catnocat.classifiers._solvers import fold_columns as _fold_columns

CS = [1e-3, 1e-2, 1e-1, 1]


@pytest.fixture
def scenes(rng):
    X = rng.normal(size=(300, 20))
    Y = (X @ rng.normal(size=(20, 3)) + 3 * rng.normal(size=(300, 3)) > 4).astype(int)
    return X, Y


def test_scores_are_those_of_fitting_every_fold(scenes):
    X, Y = scenes
    folds = list(MultilabelKFold(4).split(X, Y))
    model = LogisticBinaryRelevanceCV(CS, cv=folds).fit(X, Y)
    expected = np.empty((len(CS), 3))
    for number, C in enumerate(CS):
        for label in range(3):
            learner = LogisticRegression(C=C, tol=1e-8)
            scores = cross_val_predict(
                learner, X, Y[:, label], cv=folds, method="decision_function"
            )
            expected[number, label] = average_precision_score(Y[:, label], scores)
    np.testing.assert_allclose(model.scores_, expected, atol=5e-3)
    assert CS[expected.mean(axis=1).argmax()] == model.C_


def test_one_choice_per_label(scenes):
    model = LogisticBinaryRelevanceCV(CS, per_label=True, scoring="log_loss").fit(*scenes)
    np.testing.assert_array_equal(model.C_, np.array(CS)[model.scores_.argmax(axis=0)])
    assert (model.scores_ < 0).all()


def test_small_batches_change_nothing(scenes, monkeypatch):
    whole = LogisticBinaryRelevanceCV(CS).fit(*scenes)
    monkeypatch.setattr(_fold_columns, "COLUMN_CELLS", 1200)
    parts = LogisticBinaryRelevanceCV(CS).fit(*scenes)
    np.testing.assert_allclose(parts.scores_, whole.scores_, atol=2e-3)


def test_a_label_with_one_positive(scenes):
    X, Y = scenes
    Y[:, 1] = 0
    Y[5, 1] = 1
    model = LogisticBinaryRelevanceCV(CS).fit(X, Y)
    assert np.isfinite(model.scores_).all()
    assert model.predict_proba(X).shape == Y.shape


def test_log_loss_of_certain_answers_overflows_nothing(scenes):
    X, Y = scenes
    model = LogisticBinaryRelevanceCV([1.0], scoring="log_loss").fit(1e6 * X, Y)
    assert np.isfinite(model.scores_).all()


def test_refuses_wrong_parameters(scenes):
    for Cs in ([1, -1], [np.inf], [], "many"):
        with pytest.raises(ValueError, match="Cs must be above 0"):
            LogisticBinaryRelevanceCV(Cs).fit(*scenes)
    with pytest.raises(ValueError, match="per_label must be True or False"):
        LogisticBinaryRelevanceCV(per_label="no").fit(*scenes)
    with pytest.raises(ValueError, match="scoring must be one of"):
        LogisticBinaryRelevanceCV(scoring="beauty").fit(*scenes)
