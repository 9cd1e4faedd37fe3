"""Fit one method, with parameters and thresholds chosen within its training images."""

import warnings
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ...classifiers import ConstantLabelWarning
from ..data.tables import LabelTable
from ..utils import ElapsedTime, limit_threads, measure_time
from .methods import Method
from .model_selection import (
    SearchResult,
    accepts_known,
    check_scores,
    fit_pipeline,
    grid_search_cv,
)
from .parameter_search import SharedParameters, choose_joint_parameters, parameter_source
from .splits import inner_folds
from .thresholding import SetRule, apply_thresholds, choose_set_rule, choose_thresholds

Array = NDArray[Any]

SHORT_FIT_SECONDS = 0.1
"""Fits that take less processor time are repeated, and the median time is reported."""

SHORT_FIT_REPEATS = 3


@dataclass(frozen=True)
class FittedMethod:
    """Fitted method with its chosen parameters and thresholds.

    Attributes
    ----------
    method : Method
    model : Pipeline
        Fitted to all training images with the chosen parameters.
    chosen : dict
        Chosen parameters.
    thresholds : dict of str to array of shape (n_labels,)
        By aim, see `catnocat.benchmarks.evaluation.thresholding`.
    set_rule : SetRule
        Rule that predicts the label set of an image.
    search_time : ElapsedTime
        Time to choose the parameters, thresholds and set rule.
    fit_time : ElapsedTime
        Time of one fit with the chosen parameters.
    warnings : list of str
        Warnings of that fit.
    held_out : SearchResult
        Out-of-fold predictions for the training images with the chosen parameters.
    """

    method: Method
    model: Pipeline
    chosen: dict[str, Any]
    thresholds: dict[str, Array]
    set_rule: SetRule
    search_time: ElapsedTime
    fit_time: ElapsedTime
    warnings: list[str]
    held_out: SearchResult

    def scores(self, X: Array) -> Array:
        """Return the probabilities (n_images, n_labels) of other images.

        Raises
        ------
        ValueError
            If a probability is not a finite number.
        """
        n_labels = len(next(iter(self.thresholds.values())))
        return check_scores(self.model.predict_proba(X), (len(X), n_labels))

    def predict(self, X: Array, scores: Array) -> dict[str, Array]:
        """Return the predictions (n_images, n_labels) for each aim, and label sets as ``"set"``.

        Parameters
        ----------
        X : array of shape (n_images, n_features)
        scores : array of shape (n_images, n_labels)
            Probabilities of the same images, as returned by `scores`.
        """
        sets = self.model.predict(X) if self.set_rule.source == "sets" else None
        return apply_thresholds(scores, self.thresholds, sets, self.set_rule)


def build_pipeline(method: Method, seed: int) -> Pipeline:
    """Return a method's unfitted pipeline with its default parameters."""
    # All regions of an image must be scaled alike, so the method for regions does it.
    scale = StandardScaler() if method.features == "image" else "passthrough"
    return Pipeline([("scale", scale), ("method", method.make(seed))])


def fit_method(
    method: Method,
    X: Array,
    table: LabelTable,
    *,
    seed: int = 0,
    n_jobs: int = 1,
    shared: SharedParameters | None = None,
) -> FittedMethod:
    """Choose a method's parameters, thresholds and set rule, and fit it to all images of a table.

    Parameters
    ----------
    method : Method
    X : array of shape (n_images, n_features), or (n_images, n_regions, n_features)
        Depending on `method.features`.
    table : LabelTable
        The same images in the same order; all are training images.
    seed : int
        Seed of the inner folds and of the method.
    n_jobs : int
        Number of processes for the parameter search; the timed fit runs alone.
    shared : SharedParameters, optional
        Searches of other methods on the same images, to which the search of this method is added.

    Returns
    -------
    FittedMethod

    Examples
    --------
    >>> import numpy as np
    >>> from catnocat.benchmarks.evaluation.methods import METHODS
    >>> rng = np.random.default_rng(0)
    >>> Y = rng.random((200, 2)) < 0.4
    >>> names = [f"{row}.jpg" for row in range(200)]
    >>> table = LabelTable("toy", "toy.csv", names, names, ["cat", "dog"], Y, np.ones_like(Y))
    >>> X = Y + 0.3 * rng.normal(size=Y.shape)
    >>> fitted = fit_method(METHODS["logistic"], X[:150], table.take(range(150)))
    >>> scores = fitted.scores(X[150:])
    >>> f"{(fitted.predict(X[150:], scores)['set'] == Y[150:]).mean():.2f}"
    '0.92'
    """
    model = build_pipeline(method, seed)
    Y, known = table.Y, table.known
    with limit_threads(X.size * table.n_labels):
        with measure_time() as search_time:
            search, shared_time = _search_parameters(method, model, X, table, seed, n_jobs, shared)
        with measure_time() as threshold_time:
            thresholds = choose_thresholds(search, Y)
            set_rule = choose_set_rule(search, thresholds, Y, known)
        model[-1].set_params(**search.parameters)
        fit_time, messages = _timed_fit(model, X, table)
    if not known.all() and not accepts_known(model):
        messages.append("It cannot leave out single labels: unknown labels count as absent.")
    return FittedMethod(
        method,
        model,
        search.parameters,
        thresholds,
        set_rule,
        ElapsedTime(
            search_time.seconds + threshold_time.seconds + shared_time.seconds,
            search.cpu_seconds + threshold_time.cpu_seconds + shared_time.cpu_seconds,
        ),
        fit_time,
        messages,
        search,
    )


def _timed_fit(model: Pipeline, X: Array, table: LabelTable) -> tuple[ElapsedTime, list[str]]:
    """Fit a pipeline; return the time, for short fits the median of several, and its warnings."""
    arguments = X, table.Y, table.known, table.group
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ConstantLabelWarning)  # reported once, for the table
        with measure_time() as elapsed:
            fit_pipeline(model, *arguments)
    messages = dict.fromkeys(str(warning.message).splitlines()[0] for warning in caught)
    times = [elapsed]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while len(times) < SHORT_FIT_REPEATS and times[0].cpu_seconds < SHORT_FIT_SECONDS:
            copy = clone(model)
            with measure_time() as elapsed:
                fit_pipeline(copy, *arguments)
            times.append(elapsed)
    fit_time = ElapsedTime(
        median(time.seconds for time in times), median(time.cpu_seconds for time in times)
    )
    return fit_time, list(messages)


def _search_parameters(
    method: Method,
    model: Pipeline,
    X: Array,
    table: LabelTable,
    seed: int,
    n_jobs: int,
    shared: SharedParameters | None,
) -> tuple[SearchResult, ElapsedTime]:
    """Return a method's chosen parameters, and the time of a shared search that is not repeated.

    The processor time of the result includes a shared search only if it was made now.
    """
    source, grid, before = parameter_source(method), method.grid, ElapsedTime()
    cpu_seconds = 0.0
    if source is not None:
        shared = shared or SharedParameters()
        made_before = shared.has(source, method)
        result, elapsed = shared.search(
            source, method, build_pipeline(source, seed), X, table, seed, n_jobs
        )
        if made_before:
            before = elapsed
        else:
            cpu_seconds = elapsed.cpu_seconds
        if source.name == method.name and source.make is method.make:
            return replace(result, cpu_seconds=cpu_seconds), before
        grid = {
            name: (value,)
            for name, value in zip(method.grid, result.parameters.values(), strict=True)
        }
    folds, groups = inner_folds(table, seed), table.group
    base = grid_search_cv(
        model,
        grid,
        X,
        table.Y,
        table.known,
        folds,
        with_sets=method.predicts == "sets",
        n_jobs=n_jobs,
        groups=groups,
    )
    result = choose_joint_parameters(
        model,
        method.joint_grid,
        base,
        X,
        table.Y,
        table.known,
        folds,
        n_jobs=n_jobs,
        groups=groups,
    )
    return replace(result, cpu_seconds=result.cpu_seconds + cpu_seconds), before
