"""Choose a method's parameters from its training images alone."""

import warnings
from itertools import product
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from .methods import Grid
from .metrics import macro_ap
from .protocol import Fold

Array = NDArray[Any]


def fit(model: Pipeline, X: Array, Y: Array, known: Array) -> Pipeline:
    """Fit a pipeline, telling its last step which labels are known where it can use that.

    Parameters
    ----------
    model : Pipeline
    X : array of shape (n_images, n_features)
    Y : array of shape (n_images, n_labels)
    known : array of bool of shape (n_images, n_labels)
        A method that cannot leave single labels out takes an unknown one as absent.
    """
    if known.all() or not has_fit_parameter(model[-1], "known"):
        return model.fit(X, Y)
    return model.fit(X, Y, **{f"{model.steps[-1][0]}__known": known})


def choose(
    model: Pipeline,
    grid: Grid,
    X: Array,
    Y: Array,
    known: Array,
    folds: list[Fold],
    *,
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Find the parameters whose out-of-fold probabilities have the highest macro AP.

    The probabilities of all folds are judged together, so that a label too rare to be in every fold
    still counts. A tie goes to the candidate that stands first.

    Parameters
    ----------
    model : Pipeline
        Unfitted; its last step has the parameters.
    grid : mapping
        Names of parameters of the last step to their candidates.
    X : array of shape (n_images, n_features)
    Y, known : arrays of shape (n_images, n_labels)
    folds : list of Fold
    n_jobs : int
        Parallel processes.

    Returns
    -------
    dict
        The chosen value of each parameter of the grid.
    """
    candidates = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    if len(candidates) == 1:
        return candidates[0]
    tasks = [(candidate, fold) for candidate in candidates for fold in folds]
    probabilities = iter(
        Parallel(n_jobs=n_jobs)(
            delayed(_out_of_fold)(_with(model, candidate), X, Y, known, fold)
            for candidate, fold in tasks
        )
    )
    judged = np.concatenate([fold.test for fold in folds])
    reached = []
    for _ in candidates:
        scores = np.concatenate([next(probabilities) for _ in folds])
        value = macro_ap(Y[judged], scores, known[judged])
        reached.append(-np.inf if value is None else value)
    return candidates[int(np.argmax(reached))]


def _with(model: Pipeline, parameters: dict[str, Any]) -> BaseEstimator:
    step = model.steps[-1][0]
    return clone(model).set_params(
        **{f"{step}__{name}": value for name, value in parameters.items()}
    )


def _out_of_fold(model: Pipeline, X: Array, Y: Array, known: Array, fold: Fold) -> Array:
    with warnings.catch_warnings():
        # In an inner fold a rare label is often constant, and a poor candidate may not converge:
        # neither is news. The final fit, whose warnings are reported, repeats what matters.
        warnings.simplefilter("ignore")
        fit(model, X[fold.train], Y[fold.train], known[fold.train])
        scores: Array = model.predict_proba(X[fold.test])
        return scores
