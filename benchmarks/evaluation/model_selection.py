"""Grid search: choose a method's parameters by cross-validation within the training images."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from ..metrics import macro_aps
from ..significance import Resamples
from ..utils import limit_threads, measure_time
from .methods import Grid
from .splits import Fold

Array = NDArray[Any]

MAX_STANDARD_ERRORS = 1.0
"""Distance from the highest macro AP, in standard errors, within which the log-loss decides."""

N_RESAMPLES = 100  # the standard error is then known to within 7 %
MIN_PROBABILITY = 1e-6  # limits the log-loss of a wrong probability of 0 or 1


@dataclass(frozen=True)
class SearchResult:
    """Chosen parameters and their out-of-fold predictions.

    Attributes
    ----------
    parameters : dict
        Chosen value of each parameter of the grid.
    scores : array of shape (n_images, n_labels)
        Out-of-fold probabilities with these parameters.
    scorable : array of bool of shape (n_images, n_labels)
        Cells whose label is known, and whose model has seen images with and without the label.
    sets : array of shape (n_images, n_labels) or None
        Out-of-fold label sets, for methods that predict label sets.
    cpu_seconds : float
        Processor time of all fits and predictions of the search.
    """

    parameters: dict[str, Any]
    scores: Array
    scorable: Array
    sets: Array | None = None
    cpu_seconds: float = 0.0


def accepts_known(model: Pipeline) -> bool:
    """Return whether a method can leave out single unknown labels."""
    return bool(has_fit_parameter(model[-1], "known"))


def fit_pipeline(
    model: Pipeline, X: Array, Y: Array, known: Array, groups: Array | None = None
) -> Pipeline:
    """Fit a pipeline, passing known labels and groups to its last step if it accepts them.

    Parameters
    ----------
    model : Pipeline
    X : array of shape (n_images, n_features)
    Y : array of shape (n_images, n_labels)
    known : array of bool of shape (n_images, n_labels)
        A method that does not accept `known` treats unknown labels as absent.
    groups : array of shape (n_images,), default=None
        Groups that the inner folds of a method keep whole.
    """
    fit_parameters = {}
    if accepts_known(model) and not known.all():
        fit_parameters["known"] = known
    if groups is not None and has_fit_parameter(model[-1], "groups"):
        fit_parameters["groups"] = groups
    step = model.steps[-1][0]
    return model.fit(X, Y, **{f"{step}__{name}": value for name, value in fit_parameters.items()})


def check_scores(scores: Any, shape: tuple[int, int]) -> Array:
    """Return the scores as an array if there is a finite number for each image and label.

    Raises
    ------
    ValueError
        With a message for the report, which shows it as the reason of the method's failure.
    """
    array = np.asarray(scores)
    if array.shape != shape:
        raise ValueError(f"it predicted an array of shape {array.shape} instead of {shape}")
    if n_invalid := int((~np.isfinite(array)).sum()):
        raise ValueError(f"{n_invalid} of its {array.size} probabilities are not finite numbers")
    return array


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
    """Choose parameters by the out-of-fold probabilities of the inner folds.

    Of the candidates whose macro AP is within one standard error of the highest (paired bootstrap
    of the images), the one with the lowest log-loss is chosen. Macro AP is often flat over several
    powers of ten of C, while all thresholded predictions depend on C. A random choice among such
    candidates would add a variance that resampling the test images cannot show. The log-loss is
    strictly proper [1]_ and has a clear minimum.

    Ties are resolved in favour of the first candidate; candidates that fail are not chosen.

    Parameters
    ----------
    model : Pipeline
        Unfitted; the parameters belong to its last step.
    grid : mapping
        Candidate values of each parameter; an empty grid has one candidate.
    X : array of shape (n_images, n_features)
    Y, known : arrays of shape (n_images, n_labels)
    folds : sequence of Fold
        Their test parts contain each row once.
    with_sets : bool, default=False
        Also return the predicted label sets.
    n_jobs : int
        Number of processes.
    groups : array of shape (n_images,), default=None
        Passed to methods with inner folds of their own.

    Raises
    ------
    Exception
        The exception of the first candidate, if all fail.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, "Strictly Proper Scoring Rules, Prediction, and
       Estimation", Journal of the American Statistical Association 102, 2007.
    """
    search = _Search(model, X, Y, known, folds, with_sets, n_jobs, groups)
    fitted = search.fit_candidates(_candidates(grid))
    best = min(search.near_best(fitted), key=lambda candidate: candidate.mean_log_loss)
    return SearchResult(
        best.parameters,
        best.scores,
        _scorable_cells(Y, known, folds),
        best.sets,
        sum(candidate.cpu_seconds for candidate in fitted),
    )


@dataclass(frozen=True)
class _Candidate:
    """Parameters with their out-of-fold predictions."""

    parameters: dict[str, Any]
    scores: Array
    sets: Array | None
    log_loss: Array  # of each image
    cpu_seconds: float

    @property
    def mean_log_loss(self) -> float:
        return float(self.log_loss.mean())


@dataclass(frozen=True)
class _FoldPredictions:
    """Predictions for the test images of one inner fold."""

    scores: Array
    sets: Array | None
    cpu_seconds: float


@dataclass(frozen=True)
class _Search:
    """Fits of all candidates in the inner folds."""

    model: Pipeline
    X: Array
    Y: Array
    known: Array
    folds: Sequence[Fold]
    with_sets: bool
    n_jobs: int
    groups: Array | None

    def fit_candidates(self, parameters: Sequence[dict[str, Any]]) -> list[_Candidate]:
        """Return all candidates that can be fitted; raise the first error if none can."""
        n_workers = effective_n_jobs(self.n_jobs)
        with warnings.catch_warnings():
            # A worker whose memory has grown is replaced by a new one; no result is lost.
            warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
            results = iter(
                Parallel(n_jobs=self.n_jobs)(
                    delayed(_fit_fold)(
                        _with_parameters(self.model, values),
                        self.X,
                        self.Y,
                        self.known,
                        fold,
                        self.groups,
                        self.with_sets,
                        n_workers,
                    )
                    for values in parameters
                    for fold in self.folds
                )
            )
        candidates, errors = [], []
        for values in parameters:
            by_fold = [next(results) for _ in self.folds]
            predictions = [part for part in by_fold if isinstance(part, _FoldPredictions)]
            if len(predictions) == len(by_fold):
                candidates.append(self._candidate(values, predictions))
            else:
                errors += [part for part in by_fold if isinstance(part, Exception)]
        if not candidates:
            raise errors[0]
        return candidates

    def near_best(self, candidates: Sequence[_Candidate]) -> Sequence[_Candidate]:
        """Return the candidates within one standard error of the highest macro AP."""
        if len(candidates) == 1:
            return candidates
        aps = np.stack(
            [resampled_macro_aps(self.Y, each.scores, self.known) for each in candidates]
        )
        if np.isnan(aps[:, 0]).any():  # no label has both positive and negative images
            return candidates
        shortfall = aps[aps[:, 0].argmax()] - aps
        is_near = shortfall[:, 0] <= MAX_STANDARD_ERRORS * np.nanstd(shortfall[:, 1:], axis=1)
        return [candidates[index] for index in np.flatnonzero(is_near).tolist()]

    def _candidate(
        self, parameters: dict[str, Any], predictions: Sequence[_FoldPredictions]
    ) -> _Candidate:
        rows = np.concatenate([fold.test for fold in self.folds])
        scores = np.empty(self.Y.shape, dtype=predictions[0].scores.dtype)
        scores[rows] = np.concatenate([part.scores for part in predictions])
        sets = None
        if self.with_sets:
            sets = np.empty(self.Y.shape, dtype=np.uint8)
            sets[rows] = np.concatenate([part.sets for part in predictions])
        return _Candidate(
            parameters,
            scores,
            sets,
            _log_losses(self.Y, scores, self.known),
            sum(part.cpu_seconds for part in predictions),
        )


def resampled_macro_aps(Y: Array, scores: Array, known: Array) -> Array:
    """Return the macro AP on all images, followed by those on bootstrap resamples of them."""
    resamples = np.concatenate(list(Resamples(np.arange(len(Y)), N_RESAMPLES, seed=0)))
    return macro_aps(Y, scores, known, np.vstack([np.ones(len(Y)), resamples]))


def _log_losses(Y: Array, scores: Array, known: Array) -> Array:
    """Return the log-loss of each image, summed over its known labels."""
    p = np.clip(np.asarray(scores, dtype=np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    losses = np.where(Y > 0, -np.log(p), -np.log1p(-p))
    return np.asarray(np.where(known, losses, 0.0).sum(axis=1))


def _candidates(grid: Grid) -> list[dict[str, Any]]:
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def _with_parameters(model: Pipeline, parameters: dict[str, Any]) -> BaseEstimator:
    step = model.steps[-1][0]
    return clone(model).set_params(
        **{f"{step}__{name}": value for name, value in parameters.items()}
    )


def _fit_fold(
    model: Pipeline,
    X: Array,
    Y: Array,
    known: Array,
    fold: Fold,
    groups: Array | None,
    with_sets: bool,
    n_workers: int,
) -> _FoldPredictions | Exception:
    """Return the predictions for a fold's test images, or the exception."""
    with (
        warnings.catch_warnings(),
        limit_threads(X.size * Y.shape[1], n_workers),
        measure_time() as elapsed,
    ):
        # In an inner fold rare labels are often constant, and poor candidates may not converge.
        # The final fit, whose warnings are reported, repeats the relevant ones.
        warnings.simplefilter("ignore")
        try:
            train_groups = None if groups is None else groups[fold.train]
            fit_pipeline(model, X[fold.train], Y[fold.train], known[fold.train], train_groups)
            scores = check_scores(model.predict_proba(X[fold.test]), Y[fold.test].shape)
            sets = model.predict(X[fold.test]) if with_sets else None
        except Exception as error:  # reported if no candidate can be fitted
            return error
    return _FoldPredictions(scores, sets, elapsed.cpu_seconds)


def _scorable_cells(Y: Array, known: Array, folds: Sequence[Fold]) -> Array:
    scorable = known.copy()
    for fold in folds:
        is_known = known[fold.train]
        present, absent = is_known & (Y[fold.train] > 0), is_known & (Y[fold.train] == 0)
        scorable[fold.test] &= present.any(axis=0) & absent.any(axis=0)
    return scorable
