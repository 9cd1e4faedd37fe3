"""Workloads of `classifiers`: fit classifiers of several libraries, each in its own process."""

import math
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from ..command import Unavailable, measure_time, peak_mb, serve_workload

MAX_GAP = 1e-5  # maximum relative gap to the best known objective
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)  # tried on a few labels, from the loosest
N_TRIAL_LABELS = 3
SHORT_SECONDS, REPEATS = 5.0, 3  # shorter runs are repeated, and the fastest counts
MAX_SECONDS = 25.0  # for longer runs, fewer labels are timed, and only the default n_jobs

Objective = Callable[[Any, Any], NDArray[np.float64]]


def logistic_objective(X: Any, Y: Any, coef: Any, intercept: Any, C: float) -> NDArray[np.float64]:
    """Return C times the log loss plus half the squared coefficients, per label."""
    Z = X @ np.asarray(coef, dtype=np.float64).T + intercept
    losses = np.logaddexp(0, Z).sum(axis=0) - (Y * Z).sum(axis=0)
    objective: NDArray[np.float64] = (
        C * losses + np.square(np.asarray(coef, dtype=np.float64)).sum(axis=1) / 2
    )
    return objective


def hinge_objective(X: Any, Y: Any, coef: Any, intercept: Any, C: float) -> NDArray[np.float64]:
    """Return C times the squared hinge loss plus half the squared coefficients, per label."""
    Z = X @ np.asarray(coef, dtype=np.float64).T + intercept
    losses = np.square(np.maximum(1 - (2.0 * Y - 1) * Z, 0)).sum(axis=0)
    objective: NDArray[np.float64] = (
        C * losses + np.square(np.asarray(coef, dtype=np.float64)).sum(axis=1) / 2
    )
    return objective


OBJECTIVES = {"logistic": logistic_objective, "hinge": hinge_objective}


def ours(
    data: str,
    model: str,
    options: dict[str, Any],
    loss: str | None = None,
    n_images: int | None = None,
) -> dict[str, Any]:
    """Fit one of our classifiers to all labels; also predict, if it is a lazy learner."""
    from .... import classifiers

    before = peak_mb()
    X, Y = (part[:n_images] for part in _load(data))
    estimator = getattr(classifiers, model)(**options)
    lazy = model == "MLkNN"
    result: dict[str, Any] = _time_fastest(lambda: _fit_quietly(estimator, X, Y, lazy))
    result["memory_of_X"] = (peak_mb() - before) * 1e6 / X.nbytes
    if loss is not None:
        result["objective"] = _objective(
            loss, X, Y, estimator.coef_, estimator.intercept_, options["C"]
        )
    return result


def one_vs_rest(
    data: str, solver: str, C: float, best: list[float], labels: list[int], loss: str
) -> dict[str, Any]:
    """Fit scikit-learn's models label by label, with the loosest tolerance that meets the gap."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    before = peak_mb()
    X, Y = _load(data)
    goal = np.array(best)

    def one_vs_rest_of(tol: float) -> Any:
        if loss == "hinge":
            estimator: Any = LinearSVC(
                C=C, dual=False, tol=tol, max_iter=10_000, intercept_scaling=100
            )
        else:
            options = {"intercept_scaling": 100} if solver == "liblinear" else {}
            estimator = LogisticRegression(C=C, solver=solver, tol=tol, max_iter=10_000, **options)
        return OneVsRestClassifier(estimator)

    def objectives(fitted: Any, subset: list[int]) -> NDArray[np.float64]:
        coef = np.vstack([model.coef_ for model in fitted.estimators_])
        intercept = np.hstack([model.intercept_ for model in fitted.estimators_])
        return np.array(_objective(loss, X, Y[:, subset], coef, intercept, C))

    trial_labels = labels[:: max(1, len(labels) // N_TRIAL_LABELS)][:N_TRIAL_LABELS]
    for tol in TOLERANCES:
        trial = one_vs_rest_of(tol)
        seconds_per_label = measure_time(partial(trial.fit, X, Y[:, trial_labels]))[
            "seconds"
        ] / len(trial_labels)
        if (objectives(trial, trial_labels) <= goal[trial_labels] * (1 + MAX_GAP)).all():
            break
        if seconds_per_label * len(trial_labels) > MAX_SECONDS:
            break
    labels = labels[:: math.ceil(len(labels) * seconds_per_label / MAX_SECONDS)]
    fitted = one_vs_rest_of(tol)
    result = _time_faster_n_jobs(fitted, X, Y[:, labels])
    result["memory_of_X"] = (peak_mb() - before) * 1e6 / X.nbytes
    result["objective"] = [float(value) for value in objectives(fitted, labels)]
    return {**result, "tol": tol, "labels": labels}


def _time_faster_n_jobs(models: Any, X: Any, Y: Any) -> dict[str, Any]:
    """Time the fit with the default n_jobs and, if it is fast, with one process per processor.

    The time is that of the faster one; processor seconds and memory are those of the default.
    """
    result: dict[str, Any] = {"n_jobs": None, **_time_fastest(lambda: models.fit(X, Y))}
    result["default_seconds"] = result["seconds"]
    if result["seconds"] < MAX_SECONDS:
        models.set_params(n_jobs=-1)
        Parallel(n_jobs=-1)(delayed(np.ones)(1) for _ in range(4))  # start the worker processes
        seconds = _time_fastest(lambda: models.fit(X, Y))["seconds"]
        if seconds < result["seconds"]:
            result |= {"seconds": seconds, "n_jobs": -1}
    return result


def _time_fastest(work: Callable[[], Any]) -> dict[str, float]:
    """Time a function, repeatedly if it is short; return the fastest run."""
    runs = [measure_time(work)]
    while len(runs) < REPEATS and runs[0]["seconds"] < SHORT_SECONDS:
        runs.append(measure_time(work))
    return min(runs, key=lambda run: run["seconds"])


def logistic_cv(data: str, Cs: list[float], folds: int, labels: list[int]) -> dict[str, Any]:
    """Select C label by label with scikit-learn, on the same folds."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.multiclass import OneVsRestClassifier

    from ....classifiers import MultilabelKFold

    before = peak_mb()
    X, Y = _load(data)
    estimator = LogisticRegressionCV(
        Cs=Cs,
        cv=list(MultilabelKFold(folds).split(Y, Y)),
        scoring="average_precision",
        max_iter=10_000,
        l1_ratios=(0,),
        use_legacy_attributes=False,
    )
    result = _time_faster_n_jobs(OneVsRestClassifier(estimator), X, Y[:, labels])
    return {**result, "memory_of_X": (peak_mb() - before) * 1e6 / X.nbytes, "labels": labels}


def chain(data: str, C: float, tol: float, labels: list[int]) -> dict[str, Any]:
    """Fit scikit-learn's classifier chain of logistic regressions to some labels."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multioutput import ClassifierChain

    before = peak_mb()
    X, Y = _load(data)
    Y = Y[:, labels]
    links = ClassifierChain(LogisticRegression(C=C, tol=tol, max_iter=10_000))
    result: dict[str, Any] = _time_fastest(lambda: links.fit(X, Y))
    memory = (peak_mb() - before) * 1e6 / X.nbytes
    objectives = []
    for number, link in enumerate(links.estimators_):
        inputs = np.hstack([X, Y[:, :number]]).astype(np.float64)
        objective = logistic_objective(inputs, Y[:, [number]], link.coef_, link.intercept_, C)
        objectives.append(float(objective[0]))
    return {**result, "memory_of_X": memory, "objective": objectives, "labels": labels}


def our_chain(data: str, C: float) -> dict[str, Any]:
    """Fit our classifier chain of logistic regressions."""
    from ....classifiers import ClassifierChain, LogisticBinaryRelevance

    before = peak_mb()
    X, Y = _load(data)
    ours = ClassifierChain(LogisticBinaryRelevance(C))
    result: dict[str, Any] = _time_fastest(lambda: ours.fit(X, Y))
    memory = (peak_mb() - before) * 1e6 / X.nbytes
    links: Any = ours.chain_.links
    objectives = []
    for label in range(Y.shape[1]):  # both have this default order
        inputs = np.hstack([X, Y[:, :label]]).astype(np.float64)
        coef = np.hstack([links.coef[label], links.seen_coef[label][:label]])[None]
        objective = logistic_objective(inputs, Y[:, [label]], coef, links.intercept[label], C)
        objectives.append(float(objective[0]))
    return {**result, "memory_of_X": memory, "objective": objectives}


def mlknn(data: str) -> dict[str, Any]:
    """Fit MLkNN of scikit-multilearn-ng and predict the same rows."""
    try:
        from skmultilearn.adapt import MLkNN
    except ImportError as error:
        raise Unavailable(f"scikit-multilearn-ng is not installed: {error}") from None

    before = peak_mb()
    X, Y = _load(data)
    result: dict[str, Any] = _time_fastest(lambda: MLkNN(k=10).fit(X, Y).predict_proba(X))
    return {**result, "memory_of_X": (peak_mb() - before) * 1e6 / X.nbytes}


def _load(data: str) -> tuple[Any, Any]:
    folder = Path(data)
    return np.load(folder / "X.npy", mmap_mode="r"), np.load(folder / "Y.npy").astype(np.int64)


def _fit_quietly(estimator: Any, X: Any, Y: Any, lazy: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = estimator.fit(X, Y)
        if lazy:
            fitted.predict_proba(X)


def _objective(loss: str, X: Any, Y: Any, coef: Any, intercept: Any, C: float) -> list[float]:
    step, parts = 1024, []  # in blocks, so that double precision takes little memory
    for start in range(0, len(X), step):
        rows = slice(start, start + step)
        block = X[rows].astype(np.float64)
        parts.append(OBJECTIVES[loss](block, Y[rows], coef, intercept, C))
    norm = np.square(coef.astype(np.float64)).sum(axis=1) / 2
    return [float(value) for value in np.sum(parts, axis=0) - (len(parts) - 1) * norm]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    workloads = (ours, one_vs_rest, logistic_cv, chain, our_chain, mlknn)
    serve_workload({workload.__name__: workload for workload in workloads})
