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

from ..metrics import macro_aps
from ..significance import Resamples
from .methods import Grid
from .splits import Fold

Array = NDArray[Any]


@dataclass(frozen=True)
class SearchResult:
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


def fit_pipeline(
    model: Pipeline, X: Array, Y: Array, known: Array, groups: Array | None = None
) -> Pipeline:
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
    """Return the parameters that `grid_search_cv` chooses, without fitting a single candidate.

    Parameters
    ----------
    model, grid, X, Y, known, folds, n_jobs
        As for `grid_search_cv`.

    Returns
    -------
    dict
        The chosen value of each parameter of the grid.
    """
    candidates = _candidates(grid)
    if len(candidates) == 1:
        return candidates[0]
    return grid_search_cv(model, grid, X, Y, known, folds, n_jobs=n_jobs).parameters


def grid_search_cv(
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
) -> SearchResult:
    """Choose the parameters by the held-out probabilities of the inner folds.

    Macro AP decides, as far as it can: all candidates stay that fall short of the highest by less
    than one standard error of the paired difference (bootstrap of the images). Of these the one
    with the lowest log-loss is chosen. Macro AP is often flat over several powers of ten of C,
    while every decision of the method changes with C. A choice at random among such candidates adds
    a variance that no resampling of the test images can see. The log-loss is strictly proper [1]_
    and has a clear minimum.

    A tie goes to the first candidate; one that fails is not chosen.

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

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly Proper Scoring Rules, Prediction, and
       Estimation", Journal of the American Statistical Association 102, 2007.
    """
    search = _Search(model, X, Y, known, folds, with_sets, n_jobs, groups)
    best = min(search.not_behind(_candidates(grid)), key=lambda tried: tried.mean_log_loss)
    return SearchResult(best.parameters, best.scores, _counted(Y, known, folds), best.sets)


NEAR_ERRORS = 1.0
"""Standard errors of macro AP within which the log-loss decides."""

_RESAMPLES = 100  # for a standard error to one part in 14
_CLIP = 1e-6  # a probability of 0 or 1 that is wrong costs as much as one of a millionth


@dataclass(frozen=True)
class _Tried:
    """A candidate and its held-out predictions."""

    parameters: dict[str, Any]
    scores: Array
    sets: Array | None
    log_loss: Array  # of each image

    @property
    def mean_log_loss(self) -> float:
        return float(self.log_loss.mean())


@dataclass(frozen=True)
class _Search:
    """Fits of candidates in the inner folds."""

    model: Pipeline
    X: Array
    Y: Array
    known: Array
    folds: Sequence[Fold]
    with_sets: bool
    n_jobs: int
    groups: Array | None

    def run(self, candidates: Sequence[dict[str, Any]]) -> list[_Tried]:
        """Return every candidate that works, in order; raise the first error if none does."""
        tasks = [(candidate, fold) for candidate in candidates for fold in self.folds]
        with warnings.catch_warnings():
            # A process that has grown is replaced by a new one, and its work is done all the same.
            warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
            fitted = iter(
                Parallel(n_jobs=self.n_jobs)(
                    delayed(_attempt)(
                        _with(self.model, candidate),
                        self.X,
                        self.Y,
                        self.known,
                        fold,
                        self.groups,
                        self.with_sets,
                    )
                    for candidate, fold in tasks
                )
            )
        tried, failures = [], []
        for candidate in candidates:
            parts = [next(fitted) for _ in self.folds]
            wrong = [part for part in parts if isinstance(part, Exception)]
            if wrong:
                failures.append(wrong[0])
            else:
                tried.append(self._tried(candidate, parts))
        if not tried:
            raise failures[0]
        return tried

    def not_behind(self, candidates: Sequence[dict[str, Any]]) -> list[_Tried]:
        """Return the candidates within one standard error of the highest macro AP."""
        tried = self.run(candidates)
        if len(tried) == 1:
            return tried
        resamples = np.concatenate(list(Resamples(np.arange(len(self.Y)), _RESAMPLES, seed=0)))
        weights = np.vstack([np.ones(len(self.Y)), resamples])
        aps = np.stack([macro_aps(self.Y, one.scores, self.known, weights) for one in tried])
        if np.isnan(aps[:, 0]).any():  # no label has both positive and negative images
            return tried
        short = aps[aps[:, 0].argmax()] - aps
        errors = np.nanstd(short[:, 1:], axis=1)
        return [
            one
            for one, by, error in zip(tried, short[:, 0], errors, strict=True)
            if by <= NEAR_ERRORS * error
        ]

    def _tried(self, candidate: dict[str, Any], parts: Sequence[Any]) -> _Tried:
        held_out = np.concatenate([fold.test for fold in self.folds])
        scores = np.empty(self.Y.shape, dtype=parts[0][0].dtype)
        scores[held_out] = np.concatenate([part[0] for part in parts])
        sets = None
        if self.with_sets:
            sets = np.empty(self.Y.shape, dtype=np.uint8)
            sets[held_out] = np.concatenate([part[1] for part in parts])
        return _Tried(candidate, scores, sets, _log_losses(self.Y, scores, self.known))


def _log_losses(Y: Array, scores: Array, known: Array) -> Array:
    """Return the log-loss of each image, summed over its known labels."""
    p = np.clip(np.asarray(scores, dtype=np.float64), _CLIP, 1 - _CLIP)
    losses = np.where(Y > 0, -np.log(p), -np.log1p(-p))
    return np.asarray(np.where(known, losses, 0.0).sum(axis=1))


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
            fit_pipeline(model, X[fold.train], Y[fold.train], known[fold.train], inner)
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
