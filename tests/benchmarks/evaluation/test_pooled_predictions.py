import numpy as np

from catnocat.benchmarks.evaluation.cross_validation import MethodResult, pool_predictions
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.splits import Fold


def test_several_predictions_for_an_image_are_averaged(make_table):
    table = make_table(6)
    folds = [Fold(np.arange(3), np.array([5, 3])), Fold(np.arange(3), np.array([3, 4]))]
    scores = np.arange(16.0).reshape(4, 4)
    method_results = [
        MethodResult(METHODS["chain"], scores=scores),
        MethodResult(METHODS["logistic"], scores=-scores),
        MethodResult(METHODS["powerset"], failed="why"),
    ]
    pooled = pool_predictions(method_results, table, folds)
    assert pooled.table.images == ("3.jpg", "4.jpg", "5.jpg")
    assert pooled.scores["chain"][:, 0].tolist() == [(4 + 8) / 2, 12, 0]
    assert list(pooled.methods) == ["chain", "logistic"]
    assert pooled.reference == "logistic"
