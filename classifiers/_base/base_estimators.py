"""Cloning and fitting of inner estimators with the fit parameters that they support."""

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
from sklearn.utils._metadata_requests import _routing_enabled
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from .input_tables import unwrap
from .targets import Floats, Labels, Mask


def base_learner(estimator: Any, *methods: str) -> Any:
    """Return an unfitted clone of `estimator`; None is a logistic regression.

    Parameters
    ----------
    estimator : estimator or None
    *methods : str
        Prediction methods, at least one of which the estimator must have.

    Raises
    ------
    ValueError
        If it has none of them.
    """
    if estimator is None:
        return LogisticRegression(max_iter=1000)
    if not any(hasattr(estimator, method) for method in methods):
        raise ValueError(
            f"estimator must be a classifier with {' or '.join(methods)}, got {estimator!r}."
        )
    return clone(estimator)


def accepts_fit_param(estimator: Any, parameter: str) -> bool:
    """Return whether `fit` of an estimator, or of the last pipeline step, has a parameter."""
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
    """Fit `estimator` with the sample weights and the mask of known labels that are given.

    Groups are passed on if its `fit` accepts them. A pipeline gets weights, mask and groups for its
    last step; with scikit-learn's metadata routing, for the steps that request them.

    Raises
    ------
    ValueError
        If there are weights and its `fit` accepts none.
    """
    metadata = {"sample_weight": sample_weight, "known": known, "groups": groups}
    metadata = {name: value for name, value in metadata.items() if value is not None}
    if _routing_enabled() and _is_router(estimator):
        return estimator.fit(unwrap(X), y, **_routed(estimator, metadata))
    last, prefix = _last_step(estimator)
    if "sample_weight" in metadata and not accepts_fit_param(last, "sample_weight"):
        raise ValueError(f"{type(last).__name__}.fit takes no sample_weight.")
    if not accepts_fit_param(last, "groups"):
        metadata.pop("groups", None)
    given = {f"{prefix}{name}": value for name, value in metadata.items()}
    return estimator.fit(unwrap(X), y, **given)


def _is_router(estimator: Any) -> bool:
    """Return whether an estimator passes metadata on by their requests, as a pipeline does."""
    return not hasattr(get_routing_for_object(estimator), "fit")


def _routed(estimator: Any, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata that a part of the estimator requests for its `fit`.

    Raises
    ------
    ValueError
        If there are weights and no part requests them.
    """
    consumed = get_routing_for_object(estimator).consumes("fit", metadata.keys())
    if "sample_weight" in metadata and "sample_weight" not in consumed:
        raise ValueError(
            f"No part of {type(estimator).__name__} requests sample_weight: with metadata routing "
            "enabled, call set_fit_request(sample_weight=True) on the steps that are weighted."
        )
    return {name: value for name, value in metadata.items() if name in consumed}


def fit_to_sets(
    estimator: Any, X: Floats, numbers: NDArray[np.intp], sample_weight: Floats | None
) -> Any:
    """Fit a clone of a multi-class classifier, each label set being a class.

    Raises
    ------
    ValueError
        If it has no `predict_proba`, or there are weights and its `fit` accepts none.
    """
    learner = base_learner(estimator, "predict_proba")
    with warnings.catch_warnings():
        # Many label sets have few images; that is expected here.
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
        return fit_weighted(learner, X, numbers, sample_weight)


def _last_step(estimator: Any) -> tuple[Any, str]:
    """Return the last step of a (nested) pipeline and the prefix of its parameters."""
    prefix = ""
    while isinstance(estimator, Pipeline):
        name, estimator = estimator.steps[-1]
        prefix += f"{name}__"
    return estimator, prefix


class BinaryModel:
    """Binary classifier that also accepts training rows of a single class.

    Parameters
    ----------
    estimator : estimator or None
        As for `base_learner`. If it has no `predict_proba`, the logistic function of its
        `decision_function` is used, which is not a calibrated probability.
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Floats, y: Labels, sample_weight: Floats | None = None) -> "BinaryModel":
        """Fit to rows `X` with targets `y`, 0 or 1."""
        if sample_weight is not None and not sample_weight.all():
            rows = sample_weight > 0
            X, y, sample_weight = X[rows], y[rows], sample_weight[rows]
        self.constant_ = None if y.any() and not y.all() else float(y.any())
        if self.constant_ is None:
            learner = base_learner(self.estimator, "predict_proba", "decision_function")
            self.model_ = fit_weighted(learner, X, y, sample_weight)
        return self

    def probability(self, X: Floats) -> Floats:
        """Return the probability of the positive class for each row."""
        if self.constant_ is not None:
            return np.full(len(X), self.constant_, dtype=X.dtype)
        if hasattr(self.model_, "predict_proba"):
            positive: Floats = self.model_.predict_proba(unwrap(X))[:, 1]
        else:
            positive = expit(self.model_.decision_function(unwrap(X)))
        return positive


N_SEEDS = 1 << 32


def member_rngs(random_state: Any, n_members: int) -> Iterator[np.random.RandomState]:
    """Yield one random generator per ensemble member, independent of the number of members."""
    rng = check_random_state(random_state)
    whole = isinstance(random_state, Integral)
    seed = int(random_state) if whole else rng.randint(np.iinfo(np.int32).max)
    for member in range(n_members):
        yield np.random.RandomState((seed + member) % N_SEEDS)


def draw_rows(n_rows: int, share: float, rng: np.random.RandomState) -> Mask | None:
    """Return a mask of rows drawn without replacement; None means all rows."""
    if share == 1:
        return None
    drawn = np.zeros(n_rows, dtype=bool)
    drawn[rng.permutation(n_rows)[: max(1, round(share * n_rows))]] = True
    return drawn
