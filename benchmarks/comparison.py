"""Fit every method on the same images and judge it on the same others."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ..classifiers import ConstantLabelWarning
from ..features import Progress
from .choice import choose, fit
from .methods import Method
from .protocol import Fold, inner_folds
from .tables import LabelTable

Array = NDArray[Any]


@dataclass
class Outcome:
    """What one method said of the images it had not learned from, and what that took.

    Attributes
    ----------
    scores : array of shape (n_judged, n_labels)
        Probabilities, fold after fold.
    predictions : array of shape (n_judged, n_labels)
        0 or 1.
    chosen : list of dict
        The chosen parameters, a dictionary per fold.
    choose_seconds, fit_seconds : float
        To choose the parameters, and to fit once with them; summed over the folds.
    predict_seconds : float
        For all judged images together.
    warnings : list of str
        What was warned about in the final fits.
    failed : str
        Why there is nothing, where the method failed.
    """

    method: Method
    scores: Array = field(default_factory=lambda: np.empty((0, 0)))
    predictions: Array = field(default_factory=lambda: np.empty((0, 0)))
    chosen: list[dict[str, Any]] = field(default_factory=list)
    choose_seconds: float = 0.0
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    failed: str = ""


def run_method(
    method: Method,
    X: Array,
    table: LabelTable,
    folds: Sequence[Fold],
    *,
    seed: int = 0,
    n_jobs: int = 1,
) -> Outcome:
    """Choose, fit and predict in every fold.

    Parameters
    ----------
    method : Method
    X : array of shape (n_images, n_features)
        Row by row the images of `table`.
    table : LabelTable
    folds : sequence of Fold
    seed : int
        Of the inner folds and of the method itself.
    n_jobs : int
        Processes used while parameters are chosen; the timed fits run alone.
    """
    scores, predictions = [], []
    outcome = Outcome(method)
    for fold in folds:
        X_train, X_test = X[fold.train], X[fold.test]
        training = table.take(fold.train)
        model = Pipeline([("scale", StandardScaler()), ("method", method.make(seed))])

        started = time.perf_counter()
        chosen = choose(
            model,
            method.grid,
            X_train,
            training.Y,
            training.known,
            inner_folds(training, seed),
            n_jobs=n_jobs,
        )
        outcome.choose_seconds += time.perf_counter() - started
        outcome.chosen.append(chosen)

        model[-1].set_params(**chosen)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", ConstantLabelWarning)  # told once, of the table
            started = time.perf_counter()
            fit(model, X_train, training.Y, training.known)
            outcome.fit_seconds += time.perf_counter() - started
            started = time.perf_counter()
            scores.append(model.predict_proba(X_test))
            outcome.predict_seconds += time.perf_counter() - started
            predictions.append(model.predict(X_test))
        messages = dict.fromkeys(str(warning.message).splitlines()[0] for warning in caught)
        outcome.warnings += [text for text in messages if text not in outcome.warnings]
    outcome.scores = np.concatenate(scores)
    outcome.predictions = np.concatenate(predictions)
    return outcome


def compare(
    X: Array,
    table: LabelTable,
    methods: Sequence[Method],
    folds: Sequence[Fold],
    *,
    seed: int = 0,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Run every method; one that fails does not cost the others theirs.

    Parameters
    ----------
    X, table, folds, seed, n_jobs
        As in `run_method`.
    methods : sequence of Method
    progress : callable, optional
        Told how many methods are done, and of how many.

    Returns
    -------
    list of Outcome
        One per method, in the order given.
    """
    outcomes = []
    for number, method in enumerate(methods):
        if progress:
            progress(number, len(methods))
        try:
            outcome = run_method(method, X, table, folds, seed=seed, n_jobs=n_jobs)
        except Exception as error:  # whatever it is: it is told, and the others go on
            outcome = Outcome(method, failed=f"{type(error).__name__}: {error}")
        outcomes.append(outcome)
    return outcomes


def judged_rows(folds: Sequence[Fold]) -> Array:
    """Give the rows of the table that an outcome's rows stand for."""
    return np.concatenate([fold.test for fold in folds])
