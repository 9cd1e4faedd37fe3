"""Ours beside another library's classifier: one row of a table for each comparison."""

import sys
from typing import Any

import numpy as np

from .fresh import measure_fresh

C = 1e-3  # about the best on standardised features of photographs
LARGER_C = 0.1  # models that are hard to fit: hundreds of iterations for others
CS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
FOLDS = 5
FEW = 2  # labels on which the slower ways of others are timed
LINKS = 6  # of another library's chain: the later ones, which see more, cost rather more
THREADS: dict[str, str] = {}  # as many as there are processors, for everybody
WAYS = f"{__package__}.classifier_ways"
MODELS = {"logistic": "LogisticBinaryRelevance", "hinge": "LinearSVMBinaryRelevance"}


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """Measure one of the ways in a process of its own."""
    return measure_fresh(WAYS, question, THREADS)


def compare_solvers(
    what: str,
    data: str,
    n_labels: int,
    solvers: tuple[str, ...],
    loss: str = "logistic",
    C: float = C,
) -> list[dict[str, Any]]:
    """Compare ours with label by label, at the same objective."""
    model = MODELS[loss]
    question = {"way": "ours", "data": data, "model": model, "loss": loss}
    best = ask({**question, "options": {"C": C, "tol": 1e-12}})
    ours = ask({**question, "options": {"C": C}})
    if "unavailable" in best or "unavailable" in ours:
        return [{"what": what, "rival": model, "unavailable": str(ours or best)}]
    rows = []
    for solver in solvers:
        most = n_labels if solver == "lbfgs" else min(n_labels, FEW)
        labels = [int(j) for j in np.linspace(0, n_labels - 1, most)]
        asked = {"C": C, "solver": solver, "best": best["objective"], "loss": loss}
        rival = ask({"way": "one_vs_rest", "data": data, "labels": labels, **asked})
        rows.append(_compared(what, solver, ours, rival, n_labels, best["objective"]))
    return rows


def compare_paths(data: str, n_labels: int) -> list[dict[str, Any]]:
    """Compare ways to choose C on folds."""
    options = {"Cs": CS, "cv": FOLDS}
    ours = ask(
        {"way": "ours", "data": data, "model": "LogisticBinaryRelevanceCV", "options": options}
    )
    labels = [int(j) for j in np.linspace(0, n_labels - 1, FEW)]
    rival = ask({"way": "logistic_cv", "data": data, "Cs": CS, "folds": FOLDS, "labels": labels})
    what = f"real, C path of {FOLDS} folds"
    return [_compared(what, "LogisticRegressionCV", ours, rival, n_labels)]


def compare_neighbours(what: str, data: str) -> list[dict[str, Any]]:
    """Compare fitting and predicting the same images from their neighbours."""
    ours = ask({"way": "ours", "data": data, "model": "MLkNN", "options": {}})
    return [_compared(what, "MLkNN", ours, ask({"way": "mlknn", "data": data}), None)]


def compare_chains(what: str, data: str, n_labels: int) -> list[dict[str, Any]]:
    """Compare chains of logistic links."""
    ours = ask({"way": "our_chain", "data": data, "C": C})
    links = list(range(min(n_labels, LINKS)))
    rival = ask({"way": "chain", "data": data, "C": C, "tol": 1e-4, "labels": links})
    return [_compared(what, "ClassifierChain", ours, rival, n_labels)]


def _compared(
    what: str,
    rival_name: str,
    ours: dict[str, Any],
    rival: dict[str, Any],
    n_labels: int | None,
    best: list[float] | None = None,
) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "rival": rival_name}
    missing = ours.get("unavailable") or rival.get("unavailable")
    if missing:
        return {**row, "unavailable": missing}
    measured = rival.get("labels")
    times = 1.0 if n_labels is None or measured is None else n_labels / len(measured)
    row |= {
        "our_seconds": ours["seconds"],
        "rival_seconds": rival["seconds"] * times,
        "rival_labels_measured": None if measured is None else len(measured),
        "ratio": rival["seconds"] * times / ours["seconds"],
        "our_cpu_seconds": ours["cpu_seconds"],
        "rival_cpu_seconds": rival["cpu_seconds"] * times,
        "cpu_ratio": rival["cpu_seconds"] * times / ours["cpu_seconds"],
        "our_memory_of_X": ours["memory_of_X"],
        "rival_memory_of_X": rival["memory_of_X"],
        "rival_tol": rival.get("tol"),
        "rival_n_jobs": rival.get("n_jobs"),
    }
    if "default_seconds" in rival:
        row["default_ratio"] = rival["default_seconds"] * times / ours["seconds"]
    if "objective" in rival and "objective" in ours:
        labels = measured if measured is not None else range(len(ours["objective"]))
        at = np.array(ours["objective"])[list(labels)]
        row |= {"our_objective": float(at.sum()), "rival_objective": sum(rival["objective"])}
        if best is not None:
            goal = np.array(best)
            row["our_gap"] = float((np.array(ours["objective"]) / goal - 1).max())
            row["rival_gap"] = float((np.array(rival["objective"]) / goal[list(labels)] - 1).max())
    print(f"{what}: {rival_name}: {row['ratio']:.1f} x", file=sys.stderr, flush=True)
    return row
