"""The ways to fit classifiers that `classifiers` compares, each run in a process of its own."""

import math
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from .fresh import Unavailable, answer, peak_mb, timed

GAP = 1e-5  # of the objective: what every solver has to reach
RUNGS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)  # tolerances tried on a few labels
TRIED_ON = 3  # labels
SHORT, REPEATS = 5.0, 3  # seconds up to which everybody is timed so often, and the quickest counts
SECONDS = 25.0  # beyond, fewer labels are timed, and one way of using the processors only

Objective = Callable[[Any, Any], NDArray[np.float64]]


def logistic_objective(X: Any, Y: Any, coef: Any, intercept: Any, C: float) -> NDArray[np.float64]:
    """Give C times the sum of the log losses plus half the coefficients' squares, per label."""
    Z = X @ np.asarray(coef, dtype=np.float64).T + intercept
    losses = np.logaddexp(0, Z).sum(axis=0) - (Y * Z).sum(axis=0)
    objective: NDArray[np.float64] = (
        C * losses + np.square(np.asarray(coef, dtype=np.float64)).sum(axis=1) / 2
    )
    return objective


def hinge_objective(X: Any, Y: Any, coef: Any, intercept: Any, C: float) -> NDArray[np.float64]:
    """Give C times the sum of the squared hinges plus half the coefficients' squares, per label."""
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
    """Fit a classifier of ours to all labels, and predict where it is lazy."""
    from .... import classifiers

    before = peak_mb()
    X, Y = (part[:n_images] for part in _load(data))
    estimator = getattr(classifiers, model)(**options)
    lazy = model == "MLkNN"
    found: dict[str, Any] = _quickest(lambda: _fit(estimator, X, Y, lazy))
    found["memory_of_X"] = (peak_mb() - before) * 1e6 / X.nbytes
    if loss is not None:
        found["objective"] = _objective(
            loss, X, Y, estimator.coef_, estimator.intercept_, options["C"]
        )
    return found


def one_vs_rest(
    data: str, solver: str, C: float, best: list[float], labels: list[int], loss: str
) -> dict[str, Any]:
    """Fit scikit-learn's models label by label, to the loosest tolerance that reaches the gap."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    before = peak_mb()
    X, Y = _load(data)
    goal = np.array(best)

    def models(tol: float) -> Any:
        if loss == "hinge":
            one: Any = LinearSVC(C=C, dual=False, tol=tol, max_iter=10_000, intercept_scaling=100)
        else:
            more = {"intercept_scaling": 100} if solver == "liblinear" else {}
            one = LogisticRegression(C=C, solver=solver, tol=tol, max_iter=10_000, **more)
        return OneVsRestClassifier(one)

    def reached(fitted: Any, some: list[int]) -> NDArray[np.float64]:
        coef = np.vstack([one.coef_ for one in fitted.estimators_])
        intercept = np.hstack([one.intercept_ for one in fitted.estimators_])
        return np.array(_objective(loss, X, Y[:, some], coef, intercept, C))

    few = labels[:: max(1, len(labels) // TRIED_ON)][:TRIED_ON]
    for tol in RUNGS:
        trial = models(tol)
        each = timed(partial(trial.fit, X, Y[:, few]))["seconds"] / len(few)
        if (reached(trial, few) <= goal[few] * (1 + GAP)).all():
            break
        if each * len(few) > SECONDS:
            break
    labels = labels[:: math.ceil(len(labels) * each / SECONDS)]
    fitted = models(tol)
    found = _faster_way(fitted, X, Y[:, labels])
    found["memory_of_X"] = (peak_mb() - before) * 1e6 / X.nbytes
    found["objective"] = [float(value) for value in reached(fitted, labels)]
    return {**found, "tol": tol, "labels": labels}


def _faster_way(models: Any, X: Any, Y: Any) -> dict[str, Any]:
    """Fit with the threads of the linear algebra, and with a process per processor if it is quick.

    The time is the better one's; processor seconds and memory are the former's, the default.
    """
    found: dict[str, Any] = {"n_jobs": None, **_quickest(lambda: models.fit(X, Y))}
    found["default_seconds"] = found["seconds"]
    if found["seconds"] < SECONDS:
        models.set_params(n_jobs=-1)
        Parallel(n_jobs=-1)(delayed(np.ones)(1) for _ in range(4))  # the processes have started
        seconds = _quickest(lambda: models.fit(X, Y))["seconds"]
        if seconds < found["seconds"]:
            found |= {"seconds": seconds, "n_jobs": -1}
    return found


def _quickest(work: Callable[[], Any]) -> dict[str, float]:
    """Time something, more than once if it is short: what else the machine does only adds."""
    runs = [timed(work)]
    while len(runs) < REPEATS and runs[0]["seconds"] < SHORT:
        runs.append(timed(work))
    return min(runs, key=lambda run: run["seconds"])


def logistic_cv(data: str, Cs: list[float], folds: int, labels: list[int]) -> dict[str, Any]:
    """Choose C label by label with scikit-learn, on the same folds."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.multiclass import OneVsRestClassifier

    from ....classifiers import MultilabelKFold

    before = peak_mb()
    X, Y = _load(data)
    one = LogisticRegressionCV(
        Cs=Cs,
        cv=list(MultilabelKFold(folds).split(Y, Y)),
        scoring="average_precision",
        max_iter=10_000,
        l1_ratios=(0,),
        use_legacy_attributes=False,
    )
    found = _faster_way(OneVsRestClassifier(one), X, Y[:, labels])
    return {**found, "memory_of_X": (peak_mb() - before) * 1e6 / X.nbytes, "labels": labels}


def chain(data: str, C: float, tol: float, labels: list[int]) -> dict[str, Any]:
    """Fit scikit-learn's chain of logistic links to some labels, each link seeing those before."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multioutput import ClassifierChain

    before = peak_mb()
    X, Y = _load(data)
    Y = Y[:, labels]
    links = ClassifierChain(LogisticRegression(C=C, tol=tol, max_iter=10_000))
    found: dict[str, Any] = _quickest(lambda: links.fit(X, Y))
    memory = (peak_mb() - before) * 1e6 / X.nbytes
    objectives = []
    for number, link in enumerate(links.estimators_):
        inputs = np.hstack([X, Y[:, :number]]).astype(np.float64)
        objective = logistic_objective(inputs, Y[:, [number]], link.coef_, link.intercept_, C)
        objectives.append(float(objective[0]))
    return {**found, "memory_of_X": memory, "objective": objectives, "labels": labels}


def our_chain(data: str, C: float) -> dict[str, Any]:
    """Fit our chain of logistic links."""
    from ....classifiers import ClassifierChain, LogisticBinaryRelevance

    before = peak_mb()
    X, Y = _load(data)
    ours = ClassifierChain(LogisticBinaryRelevance(C))
    found: dict[str, Any] = _quickest(lambda: ours.fit(X, Y))
    memory = (peak_mb() - before) * 1e6 / X.nbytes
    links: Any = ours.chain_.links
    objectives = []
    for label in range(Y.shape[1]):  # the order that is the default of both
        inputs = np.hstack([X, Y[:, :label]]).astype(np.float64)
        coef = np.hstack([links.coef[label], links.seen_coef[label][:label]])[None]
        objective = logistic_objective(inputs, Y[:, [label]], coef, links.intercept[label], C)
        objectives.append(float(objective[0]))
    return {**found, "memory_of_X": memory, "objective": objectives}


def mlknn(data: str) -> dict[str, Any]:
    """Fit scikit-multilearn-ng's MLkNN and predict the same rows."""
    try:
        from skmultilearn.adapt import MLkNN
    except ImportError as error:
        raise Unavailable(f"scikit-multilearn-ng is not installed: {error}") from None

    before = peak_mb()
    X, Y = _load(data)
    found: dict[str, Any] = _quickest(lambda: MLkNN(k=10).fit(X, Y).predict_proba(X))
    return {**found, "memory_of_X": (peak_mb() - before) * 1e6 / X.nbytes}


def _load(data: str) -> tuple[Any, Any]:
    folder = Path(data)
    return np.load(folder / "X.npy", mmap_mode="r"), np.load(folder / "Y.npy").astype(np.int64)


def _fit(estimator: Any, X: Any, Y: Any, lazy: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = estimator.fit(X, Y)
        if lazy:
            fitted.predict_proba(X)


def _objective(loss: str, X: Any, Y: Any, coef: Any, intercept: Any, C: float) -> list[float]:
    step, parts = 1024, []  # in double precision: not the memory that is measured
    for start in range(0, len(X), step):
        rows = slice(start, start + step)
        block = X[rows].astype(np.float64)
        parts.append(OBJECTIVES[loss](block, Y[rows], coef, intercept, C))
    norm = np.square(coef.astype(np.float64)).sum(axis=1) / 2
    return [float(value) for value in np.sum(parts, axis=0) - (len(parts) - 1) * norm]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    ways = (ours, one_vs_rest, logistic_cv, chain, our_chain, mlknn)
    answer({way.__name__: way for way in ways})
