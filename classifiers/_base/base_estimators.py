"""The estimators that ours are made of: copied, and fitted with whatever they take."""

import warnings
from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import has_fit_parameter

from .input_tables import unwrap
from .targets import Floats, Labels, Mask


def base_learner(estimator: Any, *ways: str) -> Any:
    """Give an unfitted copy of `estimator`, of a plain logistic regression where it is None.

    Parameters
    ----------
    estimator : estimator or None
    *ways : str
        Methods by which it may answer; one of them is enough.

    Raises
    ------
    ValueError
        If it has none of them.
    """
    if estimator is None:
        return LogisticRegression(max_iter=1000)
    if not any(hasattr(estimator, way) for way in ways):
        raise ValueError(
            f"estimator must be a classifier with {' or '.join(ways)}, got {estimator!r}."
        )
    return clone(estimator)


def takes(estimator: Any, parameter: str) -> bool:
    """Whether the `fit` of an estimator, or of the last step of a pipeline, has a parameter."""
    last, _ = _last_step(estimator)
    return bool(has_fit_parameter(last, parameter))


def fit_weighted(
    estimator: Any,
    X: Floats,
    y: Any,
    sample_weight: Floats | None,
    known: Mask | None = None,
    groups: NDArray[Any] | None = None,
) -> Any:
    """Fit `estimator`, with row weights and a mask of known labels if there are any.

    Groups are handed on where the estimator takes them.

    Raises
    ------
    ValueError
        If there are weights and the estimator takes none.
    """
    last, prefix = _last_step(estimator)
    given = {}
    if sample_weight is not None:
        if not takes(last, "sample_weight"):
            raise ValueError(f"{type(last).__name__}.fit takes no sample_weight.")
        given[f"{prefix}sample_weight"] = sample_weight
    if known is not None:
        given[f"{prefix}known"] = known
    if groups is not None and takes(last, "groups"):
        given[f"{prefix}groups"] = groups
    return estimator.fit(unwrap(X), y, **given)


def fit_to_sets(
    estimator: Any, X: Floats, numbers: NDArray[np.intp], sample_weight: Floats | None
) -> Any:
    """Fit a copy of a multi-class classifier to the numbers of label sets.

    Raises
    ------
    ValueError
        If it gives no probabilities, or there are weights and it takes none.
    """
    learner = base_learner(estimator, "predict_proba")
    with warnings.catch_warnings():
        # Hundreds of sets among hundreds of images are what is asked for here.
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
        return fit_weighted(learner, X, numbers, sample_weight)


def _last_step(estimator: Any) -> tuple[Any, str]:
    """Give the last step of a pipeline, in pipelines too, and the prefix of its parameters."""
    prefix = ""
    while isinstance(estimator, Pipeline):
        name, estimator = estimator.steps[-1]
        prefix += f"{name}__"
    return estimator, prefix


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


N_SEEDS = 1 << 32


def member_streams(random_state: Any, n_members: int) -> Iterator[np.random.RandomState]:
    """Give each member a stream of its own, the same however many members there are."""
    rng = check_random_state(random_state)
    whole = isinstance(random_state, Integral)
    seed = int(random_state) if whole else rng.randint(np.iinfo(np.int32).max)
    for member in range(n_members):
        yield np.random.RandomState((seed + member) % N_SEEDS)


def draw_rows(n_rows: int, share: float, rng: np.random.RandomState) -> Mask | None:
    """Draw rows without replacement; None stands for all."""
    if share == 1:
        return None
    drawn = np.zeros(n_rows, dtype=bool)
    drawn[rng.permutation(n_rows)[: max(1, round(share * n_rows))]] = True
    return drawn
