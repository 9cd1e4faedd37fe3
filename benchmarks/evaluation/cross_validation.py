"""Fit every method on the same images and judge it on the same others."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import Regions
from ..data.tables import LabelTable
from ..utils import ProgressCallback
from .fit import fit_method
from .methods import Method
from .shared_parameters import SharedParameters
from .splits import Fold
from .thresholding import SetRule, by_metric

Array = NDArray[Any]


@dataclass
class MethodResult:
    """What one method said of the images it had not learned from, and what that took.

    Attributes
    ----------
    rows : array of shape (n_judged,)
        The table's rows that the others stand for, fold after fold.
    scores : array of shape (n_judged, n_labels)
        Probabilities.
    answers : dict of str to array of shape (n_judged, n_labels)
        0 or 1, by what was aimed at: ``"hamming"``, ``"f1"`` and ``"set"``.
    chosen : list of dict
        The chosen parameters, a dictionary per fold.
    set_rules : list of SetRule
        How label sets are decided, a rule per fold.
    choose_seconds, fit_seconds : float
        To choose parameters and thresholds, and to fit once with them; summed over the folds.
    predict_seconds : float
        For all judged images together.
    warnings : list of str
        What was warned about in the final fits.
    features : dict
        What there is to say of the features, where they are not those of the other methods.
    failed : str
        Why there is nothing, where the method failed.
    """

    method: Method
    rows: Array = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    scores: Array = field(default_factory=lambda: np.empty((0, 0)))
    answers: dict[str, Array] = field(default_factory=dict)
    chosen: list[dict[str, Any]] = field(default_factory=list)
    set_rules: list[SetRule] = field(default_factory=list)
    choose_seconds: float = 0.0
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    features: dict[str, Any] = field(default_factory=dict)
    failed: str = ""

    @property
    def predictions(self) -> Array:
        """What the method says of each image, taken as a whole: (n_judged, n_labels), 0 or 1."""
        return self.answers["set"]

    @property
    def judged_answers(self) -> dict[str, Array]:
        """The answers that each metric judges."""
        return by_metric(self.answers)


def run_method(
    method: Method,
    X: Array,
    table: LabelTable,
    folds: Sequence[Fold],
    *,
    seed: int = 0,
    n_jobs: int = 1,
    shared: Sequence[SharedParameters] | None = None,
) -> MethodResult:
    """Choose, fit and predict in every fold.

    Parameters
    ----------
    method : Method
    X : array of shape (n_images, n_features), or (n_images, n_regions, n_features)
        Row by row the images of `table`, as `method.features` says.
    table : LabelTable
    folds : sequence of Fold
    seed : int
        Of the inner folds and of the method itself.
    n_jobs : int
        Processes used while parameters are chosen; the timed fits run alone.
    shared : sequence of SharedParameters, optional
        The choices of other methods in each fold; this one's are added.
    """
    shared = shared or [SharedParameters() for _ in folds]
    method_result = MethodResult(method, scored_rows(folds))
    scores, answers = [], []
    for fold, choices in zip(folds, shared, strict=True):
        training = table.take(fold.train)
        fitted = fit_method(
            method, X[fold.train], training, seed=seed, n_jobs=n_jobs, shared=choices
        )
        X_test = X[fold.test]
        started = time.perf_counter()
        scores.append(fitted.scores(X_test))
        answers.append(fitted.answers(X_test, scores[-1]))
        method_result.predict_seconds += time.perf_counter() - started
        method_result.choose_seconds += fitted.choose_seconds
        method_result.fit_seconds += fitted.fit_seconds
        method_result.chosen.append(fitted.chosen)
        method_result.set_rules.append(fitted.set_rule)
        method_result.warnings += [
            told for told in fitted.warnings if told not in method_result.warnings
        ]
    method_result.scores = np.concatenate(scores)
    method_result.answers = {
        aim: np.concatenate([part[aim] for part in answers]) for aim in answers[0]
    }
    return method_result


def compare(
    X: Array,
    table: LabelTable,
    methods: Sequence[Method],
    folds: Sequence[Fold],
    *,
    regions: Regions | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    progress: ProgressCallback | None = None,
) -> list[MethodResult]:
    """Run every method; one that fails does not cost the others theirs.

    Parameters
    ----------
    X, table, folds, seed, n_jobs
        As in `run_method`.
    methods : sequence of Method
    regions : Regions, optional
        The features of the methods that ask for those.
    progress : callable, optional
        Told how many methods are done, of how many, and which is next.

    Returns
    -------
    list of MethodResult
        One per method, in the order given.
    """
    method_results = []
    shared = [SharedParameters() for _ in folds]
    for number, method in enumerate(methods):
        if progress:
            progress(number, len(methods), method.name)
        try:
            if method.features == "regions":
                method_result = _run_on_regions(method, regions, table, folds, seed, n_jobs)
            else:
                method_result = run_method(
                    method, X, table, folds, seed=seed, n_jobs=n_jobs, shared=shared
                )
        except Exception as error:  # whatever it is: it is told, and the others go on
            method_result = MethodResult(method, failed=f"{type(error).__name__}: {error}")
        method_results.append(method_result)
    return method_results


def _run_on_regions(
    method: Method,
    regions: Regions | None,
    table: LabelTable,
    folds: Sequence[Fold],
    seed: int,
    n_jobs: int,
) -> MethodResult:
    if regions is None or regions.X is None:
        return MethodResult(method, failed=regions.missing if regions else "no regions were given")
    method_result = run_method(method, regions.X, table, folds, seed=seed, n_jobs=n_jobs)
    method_result.features = regions.description
    return method_result


def scored_rows(folds: Sequence[Fold]) -> Array:
    """Give the rows of the table that an method_result's rows stand for."""
    return np.concatenate([fold.test for fold in folds])


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PooledPredictions:
    """The judged images and the probabilities that methods gave them.

    Attributes
    ----------
    table : LabelTable
        Each judged image once.
    scores : dict of str to array, shape (n_images, n_labels)
        By method; the mean where an image was judged more than once. Without those that failed.
    methods : dict of str to Method
        The same ones, in the same order.
    """

    table: LabelTable
    scores: dict[str, Floats]
    methods: dict[str, Method]


def pool_predictions(
    method_results: Sequence[MethodResult], table: LabelTable, folds: Sequence[Fold]
) -> PooledPredictions:
    """Bring the answers of all folds together.

    Parameters
    ----------
    method_results : sequence of MethodResult
    table : LabelTable
        The images that the folds divide.
    folds : sequence of Fold
    """
    images, place = np.unique(scored_rows(folds), return_inverse=True)
    times = np.bincount(place)[:, None]
    fitted = [method_result for method_result in method_results if not method_result.failed]
    scores = {}
    for method_result in fitted:
        total = np.zeros((len(images), table.n_labels))
        np.add.at(total, place, method_result.scores)
        scores[method_result.method.name] = total / times
    return PooledPredictions(
        table.take(images),
        scores,
        {method_result.method.name: method_result.method for method_result in fitted},
    )
