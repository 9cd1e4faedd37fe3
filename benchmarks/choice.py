"""Choose a method's parameters from its training images alone."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Choice:
    """The parameters chosen, and what they were chosen by.

    Attributes
    ----------
    parameters : dict
        The chosen value of each parameter of the grid.
    scores : array of shape (n_images, n_labels)
        Probabilities by the models with these parameters that had not seen the image.
    counted : array of bool of shape (n_images, n_labels)
        Where a label is known, and the model had seen images with and without it.
    sets : array of shape (n_images, n_labels) or None
        The label sets that the same models found, of a method that finds label sets.
    """

    parameters: dict[str, Any]
    scores: Array
    counted: Array
    sets: Array | None = None


def takes_known(model: Pipeline) -> bool:
    """Whether a method can leave out single labels that are not known."""
    return bool(has_fit_parameter(model[-1], "known"))


def fit(model: Pipeline, X: Array, Y: Array, known: Array, groups: Array | None = None) -> Pipeline:
    """Fit a pipeline, telling its last step which labels are known where it can use that.

    Parameters
    ----------
    model : Pipeline
    X : array of shape (n_images, n_features)
    Y : array of shape (n_images, n_labels)
    known : array of bool of shape (n_images, n_labels)
        A method that cannot leave single labels out takes an unknown one as absent.
    groups : array of shape (n_images,), default=None
        Kept whole by the inner folds of a method that has such.
    """
    given = {}
    if takes_known(model) and not known.all():
        given["known"] = known
    if groups is not None and has_fit_parameter(model[-1], "groups"):
        given["groups"] = groups
    return model.fit(
        X, Y, **{f"{model.steps[-1][0]}__{name}": part for name, part in given.items()}
    )


def check_scores(scores: Any, shape: tuple[int, int]) -> Array:
    """Refuse what is no probability for each image and label.

    Raises
    ------
    ValueError
        In words for the report, which tells it as the reason why the method failed.
    """
    given = np.asarray(scores)
    if given.shape != shape:
        raise ValueError(f"it gave answers of shape {given.shape} instead of {shape}")
    if wrong := int((~np.isfinite(given)).sum()):
        raise ValueError(f"{wrong} of its {given.size} probabilities are not finite numbers")
    return given


def choose(
    model: Pipeline,
    grid: Grid,
    X: Array,
    Y: Array,
    known: Array,
    folds: Sequence[Fold],
    *,
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Find the parameters of the highest macro AP, as `cross_fit`, where nothing else is wanted.

    Parameters
    ----------
    model, grid, X, Y, known, folds, n_jobs
        As for `cross_fit`.

    Returns
    -------
    dict
        The chosen value of each parameter of the grid.
    """
    candidates = _candidates(grid)
    if len(candidates) == 1:
        return candidates[0]
    return cross_fit(model, grid, X, Y, known, folds, n_jobs=n_jobs).parameters


def cross_fit(
    model: Pipeline,
    grid: Grid,
    X: Array,
    Y: Array,
    known: Array,
    folds: Sequence[Fold],
    *,
    with_sets: bool = False,
    n_jobs: int = 1,
    groups: Array | None = None,
) -> Choice:
    """Find the parameters whose out-of-fold probabilities have the highest macro AP.

    The probabilities of all folds are judged together, so that a label too rare to be in every fold
    still counts. A tie goes to the candidate that stands first; one that fails is not chosen.

    Parameters
    ----------
    model : Pipeline
        Unfitted; its last step has the parameters.
    grid : mapping
        Names of parameters of the last step to their candidates; without any there is one.
    X : array of shape (n_images, n_features)
    Y, known : arrays of shape (n_images, n_labels)
    folds : sequence of Fold
        Whose test parts are all rows, each once.
    with_sets : bool, default=False
        Also return the label sets that the model finds for held-out images.
    n_jobs : int
        Parallel processes.
    groups : array of shape (n_images,), default=None
        For methods with inner folds of their own.

    Raises
    ------
    Exception
        That of the first candidate, if all of them fail.
    """
    candidates = _candidates(grid)
    tasks = [(candidate, fold) for candidate in candidates for fold in folds]
    with warnings.catch_warnings():
        # A process that has grown is replaced by a new one, and its work done all the same.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
        found = iter(
            Parallel(n_jobs=n_jobs)(
                delayed(_attempt)(_with(model, candidate), X, Y, known, fold, groups, with_sets)
                for candidate, fold in tasks
            )
        )
    judged = np.concatenate([fold.test for fold in folds])
    best, best_scores, best_sets, reached = 0, None, None, -np.inf
    failures = []
    for number in range(len(candidates)):
        parts = [next(found) for _ in folds]
        wrong = [part for part in parts if isinstance(part, Exception)]
        if wrong:
            failures.append(wrong[0])
            continue
        scores = np.empty(Y.shape, dtype=parts[0][0].dtype)
        scores[judged] = np.concatenate([part[0] for part in parts])
        value = macro_ap(Y, scores, known)
        value = -np.inf if value is None else value
        if best_scores is None or value > reached:
            best, best_scores, reached = number, scores, value
            if with_sets:
                best_sets = np.empty(Y.shape, dtype=np.uint8)
                best_sets[judged] = np.concatenate([part[1] for part in parts])
    if best_scores is None:
        raise failures[0]
    return Choice(candidates[best], best_scores, _counted(Y, known, folds), best_sets)


def _candidates(grid: Grid) -> list[dict[str, Any]]:
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def _with(model: Pipeline, parameters: dict[str, Any]) -> BaseEstimator:
    step = model.steps[-1][0]
    return clone(model).set_params(
        **{f"{step}__{name}": value for name, value in parameters.items()}
    )


def _attempt(
    model: Pipeline,
    X: Array,
    Y: Array,
    known: Array,
    fold: Fold,
    groups: Array | None,
    with_sets: bool,
) -> tuple[Array, Array | None] | Exception:
    """Return the probabilities and label sets of a fold's test images, or why there are none."""
    with warnings.catch_warnings():
        # In an inner fold a rare label is often constant, and a poor candidate may not converge:
        # neither is news. The final fit, whose warnings are reported, repeats what matters.
        warnings.simplefilter("ignore")
        try:
            inner = None if groups is None else groups[fold.train]
            fit(model, X[fold.train], Y[fold.train], known[fold.train], inner)
            scores = check_scores(model.predict_proba(X[fold.test]), Y[fold.test].shape)
            return scores, model.predict(X[fold.test]) if with_sets else None
        except Exception as error:  # told once it is clear that no candidate does better
            return error


def _counted(Y: Array, known: Array, folds: Sequence[Fold]) -> Array:
    counted = known.copy()
    for fold in folds:
        seen = known[fold.train]
        present, absent = seen & (Y[fold.train] > 0), seen & (Y[fold.train] == 0)
        counted[fold.test] &= present.any(axis=0) & absent.any(axis=0)
    return counted
