"""One yes/no question about an image, put to any scikit-learn estimator."""

from typing import Any

import numpy as np
from scipy.special import expit

from ._learners import base_learner, fit_weighted
from ._tables import unwrap
from ._targets import Floats, Labels


class YesNo:
    """A yes/no model that also learns from rows that are all yes or all no.

    Parameters
    ----------
    estimator : estimator or None
        As for `base_learner`. One without `predict_proba` is asked for its `decision_function`,
        whose logistic function ranks alike but is no calibrated probability.
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Floats, y: Labels, sample_weight: Floats | None = None) -> "YesNo":
        """Learn from rows `X` with answers `y`, 0 or 1."""
        if sample_weight is not None and not sample_weight.all():
            rows = sample_weight > 0
            X, y, sample_weight = X[rows], y[rows], sample_weight[rows]
        self.constant_ = None if y.any() and not y.all() else float(y.any())
        if self.constant_ is None:
            learner = base_learner(self.estimator, "predict_proba", "decision_function")
            self.model_ = fit_weighted(learner, X, y, sample_weight)
        return self

    def probability(self, X: Floats) -> Floats:
        """Give the probability of a yes for each row."""
        if self.constant_ is not None:
            return np.full(len(X), self.constant_, dtype=X.dtype)
        if hasattr(self.model_, "predict_proba"):
            yes: Floats = self.model_.predict_proba(unwrap(X))[:, 1]
        else:
            yes = expit(self.model_.decision_function(unwrap(X)))
        return yes
