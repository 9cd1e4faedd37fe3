"""Cross-validation: fit every method on the same training images, predict the same test images."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import Regions
from ..data.tables import LabelTable
from ..utils import ElapsedTime, ProgressCallback, limit_threads, measure_time
from .fit import fit_method
from .methods import Method, independent_references
from .parameter_search import SharedParameters
from .splits import Fold
from .thresholding import SetRule, predictions_by_metric

Array = NDArray[Any]
Floats = NDArray[np.float64]


@dataclass
class MethodResult:
    """Predictions of one method for the test images of all folds, and their cost.

    Attributes
    ----------
    method : Method
    rows : array of shape (n_rows,)
        Row of the table of each prediction, fold after fold.
    scores : array of shape (n_rows, n_labels)
        Probabilities.
    predictions_by_aim : dict of str to array of shape (n_rows, n_labels)
        Thresholded predictions, 0 or 1, for ``"hamming"``, ``"f1"`` and ``"set"``.
    chosen : list of dict
        Chosen parameters of each fold.
    set_rules : list of SetRule
        Rule for label sets of each fold.
    choose_seconds, choose_cpu_seconds : float
        Wall time and processor time to choose parameters and thresholds, summed over the folds.
    fit_seconds, fit_cpu_seconds : float
        The same of one fit with the chosen parameters; for short fits the median of several.
    predict_seconds, predict_cpu_seconds : float
        The same of the predictions for all test images.
    warnings : list of str
        Warnings of the final fits.
    features : dict
        Description of the features, if they differ from those of the other methods.
    failed : str
        Reason why there are no predictions; empty if there are.
    """

    method: Method
    rows: Array = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    scores: Array = field(default_factory=lambda: np.empty((0, 0)))
    predictions_by_aim: dict[str, Array] = field(default_factory=dict)
    chosen: list[dict[str, Any]] = field(default_factory=list)
    set_rules: list[SetRule] = field(default_factory=list)
    choose_seconds: float = 0.0
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    choose_cpu_seconds: float = 0.0
    fit_cpu_seconds: float = 0.0
    predict_cpu_seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    features: dict[str, Any] = field(default_factory=dict)
    failed: str = ""

    @property
    def label_sets(self) -> Array:
        """Predicted label sets: (n_rows, n_labels), 0 or 1."""
        return self.predictions_by_aim["set"]

    @property
    def metric_predictions(self) -> dict[str, Array]:
        """Predictions from which each metric is computed."""
        return predictions_by_metric(self.predictions_by_aim)

    def add_time(self, search: ElapsedTime, fit: ElapsedTime, predict: ElapsedTime) -> None:
        """Add the times of one fold."""
        self.choose_seconds += search.seconds
        self.choose_cpu_seconds += search.cpu_seconds
        self.fit_seconds += fit.seconds
        self.fit_cpu_seconds += fit.cpu_seconds
        self.predict_seconds += predict.seconds
        self.predict_cpu_seconds += predict.cpu_seconds

    def cost_entry(self) -> dict[str, float | None]:
        """Return the times for `results.json`; None where a time is unknown."""
        ms_per_image = 1000 / max(1, len(self.rows))
        return {
            "fit_seconds": _rounded(self.fit_seconds, 4),
            "fit_cpu_seconds": _rounded(self.fit_cpu_seconds, 4),
            "choose_seconds": _rounded(self.choose_seconds, 4),
            "choose_cpu_seconds": _rounded(self.choose_cpu_seconds, 4),
            "predict_ms_per_image": _rounded(ms_per_image * self.predict_seconds, 5),
            "predict_cpu_ms_per_image": _rounded(ms_per_image * self.predict_cpu_seconds, 5),
        }


def _rounded(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)


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
    """Choose parameters, fit and predict in every fold.

    Parameters
    ----------
    method : Method
    X : array of shape (n_images, n_features), or (n_images, n_regions, n_features)
        Depending on `method.features`; rows as in `table`.
    table : LabelTable
    folds : sequence of Fold
    seed : int
        Seed of the inner folds and of the method.
    n_jobs : int
        Number of processes for the parameter search; the timed fits run alone.
    shared : sequence of SharedParameters, optional
        Searches of other methods in each fold, to which the searches of this method are added.
    """
    shared = shared or [SharedParameters() for _ in folds]
    method_result = MethodResult(method, scored_rows(folds))
    scores, predictions = [], []
    for fold, shared_parameters in zip(folds, shared, strict=True):
        fitted = fit_method(
            method,
            X[fold.train],
            table.take(fold.train),
            seed=seed,
            n_jobs=n_jobs,
            shared=shared_parameters,
        )
        X_test = X[fold.test]
        with limit_threads(X_test.size * table.n_labels), measure_time() as predict_time:
            scores.append(fitted.scores(X_test))
            predictions.append(fitted.predict(X_test, scores[-1]))
        method_result.add_time(fitted.search_time, fitted.fit_time, predict_time)
        method_result.chosen.append(fitted.chosen)
        method_result.set_rules.append(fitted.set_rule)
        method_result.warnings += [
            message for message in fitted.warnings if message not in method_result.warnings
        ]
    method_result.scores = np.concatenate(scores)
    method_result.predictions_by_aim = {
        aim: np.concatenate([part[aim] for part in predictions]) for aim in predictions[0]
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
    """Run every method; if one fails, its reason is recorded and the others are run.

    Parameters
    ----------
    X, table, folds, seed, n_jobs
        As in `run_method`.
    methods : sequence of Method
    regions : Regions, optional
        Features of the methods that use regions.
    progress : callable, optional
        Called with the number of finished methods, their total number and the next name.

    Returns
    -------
    list of MethodResult
        One per method, in the same order.
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
        except Exception as error:  # reported as the reason of the failure
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
    """Return the rows of the table that are test images, fold after fold."""
    return np.concatenate([fold.test for fold in folds])


@dataclass(frozen=True)
class PooledPredictions:
    """Test images, each once, with the probabilities of all methods.

    Attributes
    ----------
    table : LabelTable
        The test images.
    scores : dict of str to array, shape (n_images, n_labels)
        By method, without those that failed; the mean for images with several predictions.
    methods : dict of str to Method
        The same methods in the same order.
    """

    table: LabelTable
    scores: dict[str, Floats]
    methods: dict[str, Method]

    @property
    def reference(self) -> str | None:
        """Name of the first independent method, the reference of the others."""
        references = independent_references(list(self.methods.values()))
        return references[0].name if references else None


def pool_predictions(
    method_results: Sequence[MethodResult], table: LabelTable, folds: Sequence[Fold]
) -> PooledPredictions:
    """Combine the predictions of all folds.

    Parameters
    ----------
    method_results : sequence of MethodResult
    table : LabelTable
        Images that the folds divide.
    folds : sequence of Fold
    """
    images, position = np.unique(scored_rows(folds), return_inverse=True)
    counts = np.bincount(position)[:, None]
    succeeded = [method_result for method_result in method_results if not method_result.failed]
    scores = {}
    for method_result in succeeded:
        total = np.zeros((len(images), table.n_labels))
        np.add.at(total, position, method_result.scores)
        scores[method_result.method.name] = total / counts
    return PooledPredictions(
        table.take(images),
        scores,
        {method_result.method.name: method_result.method for method_result in succeeded},
    )
