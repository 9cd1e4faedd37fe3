import warnings

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.model_selection import choose, grid_search_cv
from catnocat.benchmarks.evaluation.splits import Fold, inner_folds
from catnocat.classifiers import LogisticBinaryRelevance


class Moody(LogisticBinaryRelevance):
    """Fails for one C and gives NaN for another."""

    def fit(self, X, y, **more):
        if self.C == 1:
            raise MemoryError("too much")
        return super().fit(X, y, **more)

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
    assert choose(pipeline(Moody()), {"C": (1, 2, 0.1)}, *problem) == {"C": 0.1}


@pytest.mark.parametrize(("C", "error"), [(1, MemoryError), (2, ValueError)])
def test_if_all_candidates_fail_so_does_the_method(problem, C, error):
    with pytest.raises(error):
        grid_search_cv(pipeline(Moody()), {"C": (C,)}, *problem)


def test_the_scores_are_those_of_models_that_did_not_see_the_image(problem):
    X, Y, known, folds = problem
    choice = grid_search_cv(
        pipeline(LogisticBinaryRelevance()), {"C": (0.01, 1.0)}, X, Y, known, folds
    )
    for fold in folds:
        model = pipeline(LogisticBinaryRelevance(**choice.parameters))
        model.fit(X[fold.train], Y[fold.train])
        np.testing.assert_allclose(choice.scores[fold.test], model.predict_proba(X[fold.test]))
    assert choice.counted.all()


def test_what_a_model_saw_only_one_kind_of_does_not_count(problem):
    X, Y, known, _ = problem
    Y = Y.copy()
    Y[:, 0] = 0
    Y[:3, 0] = 1
    folds = [Fold(np.arange(60, 120), np.arange(60)), Fold(np.arange(60), np.arange(60, 120))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choice = grid_search_cv(pipeline(LogisticBinaryRelevance()), {}, X, Y, known, folds)
    assert not choice.counted[:60, 0].any()  # judged by a model that never saw the label
    assert choice.counted[60:].all()


def test_answers_of_another_shape_are_a_failure(problem):
    with pytest.raises(ValueError, match="it gave answers of shape"):
        grid_search_cv(pipeline(DummyClassifier()), {}, *problem)
