import warnings

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.model_selection import grid_search_cv
from catnocat.benchmarks.evaluation.splits import Fold, inner_folds
from catnocat.classifiers import LogisticBinaryRelevance


class Failing(LogisticBinaryRelevance):
    """Fails for one C and gives NaN for another."""

    def fit(self, X, y, **options):
        if self.C == 1:
            raise MemoryError("too much")
        return super().fit(X, y, **options)

    def predict_proba(self, X):
        P = super().predict_proba(X)
        return np.full_like(P, np.nan) if self.C == 2 else P


def pipeline(method):
    return Pipeline([("scale", StandardScaler()), ("method", method)])


@pytest.fixture
def problem(make_table, rng):
    table = make_table(120)
    X = table.Y @ rng.normal(size=(4, 6)) + rng.normal(size=(120, 6))
    return X, table.Y, table.known, inner_folds(table, 0)


def test_a_candidate_that_fails_is_not_chosen(problem):
    search = grid_search_cv(pipeline(Failing()), {"C": (1, 2, 0.1)}, *problem)
    assert search.parameters == {"C": 0.1}


@pytest.mark.parametrize(("C", "error"), [(1, MemoryError), (2, ValueError)])
def test_if_all_candidates_fail_so_does_the_method(problem, C, error):
    with pytest.raises(error):
        grid_search_cv(pipeline(Failing()), {"C": (C,)}, *problem)


def test_the_scores_are_out_of_fold(problem):
    X, Y, known, folds = problem
    search = grid_search_cv(
        pipeline(LogisticBinaryRelevance()), {"C": (0.01, 1.0)}, X, Y, known, folds
    )
    for fold in folds:
        model = pipeline(LogisticBinaryRelevance(**search.parameters))
        model.fit(X[fold.train], Y[fold.train])
        np.testing.assert_allclose(search.scores[fold.test], model.predict_proba(X[fold.test]))
    assert search.scorable.all()


def test_labels_with_one_class_in_training_are_not_scorable(problem):
    X, Y, known, _ = problem
    Y = Y.copy()
    Y[:, 0] = 0
    Y[:3, 0] = 1
    folds = [Fold(np.arange(60, 120), np.arange(60)), Fold(np.arange(60), np.arange(60, 120))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search = grid_search_cv(pipeline(LogisticBinaryRelevance()), {}, X, Y, known, folds)
    assert not search.scorable[:60, 0].any()  # the model has seen no positive image
    assert search.scorable[60:].all()


def test_predictions_of_another_shape_are_a_failure(problem):
    with pytest.raises(ValueError, match="it predicted an array of shape"):
        grid_search_cv(pipeline(DummyClassifier()), {}, *problem)
