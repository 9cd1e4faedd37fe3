"""How fast classifiers are fitted: ``python -m catnocat.benchmarks.speed.classifiers``.

Ours beside other libraries', one after the other, each in a process of its own with the same
threads, on the same float32 features. Solvers of the same problem have to reach the same objective:
each other one runs at the loosest tolerance that comes within a share of 1e-5 of the best objective
known on a few labels, ours at its own. Where another library goes label by label, it is timed on as
many labels as some 25 s allow, the slowest on two, and its time multiplied up; the result says on
how many. One-vs-rest by lbfgs may also use a process per processor; the faster way counts.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from ..measuring import run_measurement
from .classifier_data import drawn_features, real_features
from .classifier_table import print_result
from .fresh import measure_fresh

_WAYS = f"{__package__}.classifier_ways"
_C = 1e-3  # about the best on standardised features of photographs
_LARGER_C = 0.1  # models that are hard to fit: hundreds of iterations for others
_CS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
_FOLDS = 5
_FEW = 2  # labels on which the slower ways of others are timed
_LINKS = 6  # of another library's chain: the later ones, which see more, cost rather more
_THREADS: dict[str, str] = {}  # as many as there are processors, for everybody
_MODELS = {"logistic": "LogisticBinaryRelevance", "hinge": "LinearSVMBinaryRelevance"}
_SOLVERS, _HINGE = ("lbfgs", "newton-cholesky", "liblinear"), ("LinearSVC",)
_PACKAGES = ("numpy", "scipy", "scikit-learn", "scikit-multilearn-ng")
AIMS = {  # comparison: how many times faster ours has to be
    "real: lbfgs": 8,
    "drawn, 80 labels: lbfgs": 25,
    "real, C path of 5 folds: LogisticRegressionCV": 30,
    "real: MLkNN": 10,
    "drawn, chain of 80: ClassifierChain": 10,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print what was measured, and write it as JSON.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        As `run_measurement` says.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.speed.classifiers", description=__doc__
    )
    parser.add_argument("--quick", action="store_true", help="hundreds of images only: a minute")
    parser.add_argument("--out", type=Path, default=Path("speed/classifiers.json"))
    return run_measurement(parser, _measure, arguments)


def _measure(asked: argparse.Namespace) -> None:
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(asked.quick, Path(folder))
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print_result(result)


def measure(quick: bool, folder: Path) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    quick : bool
    folder : pathlib.Path
        Empty; for the features.

    Returns
    -------
    dict
        Plain JSON: `machine`, `data`, `comparisons`, `growth`, `large`, `aims`.
    """
    n, d = (300, 32) if quick else (5000, 1280)
    sizes = (6,) if quick else (20, 80, 300)
    name, X, Y = real_features(n) if not quick else ("drawn", *drawn_features(n, d, 4))
    real = _save(folder / "real", X, Y)
    comparisons = _solvers("real", real, Y.shape[1], _SOLVERS)
    comparisons += _solvers("real", real, Y.shape[1], _HINGE, "hinge")
    comparisons += _solvers(f"real, C {_LARGER_C}", real, Y.shape[1], ("lbfgs",), C=_LARGER_C)
    comparisons += _path(real, Y.shape[1]) + _neighbours("real", real)
    for n_labels in sizes:
        drawn = _save(folder / f"drawn{n_labels}", *drawn_features(n, d, n_labels))
        what = f"drawn, {n_labels} labels"
        comparisons += _solvers(what, drawn, n_labels, _SOLVERS)
        if n_labels == sizes[0] or n_labels == 80:
            comparisons += _chain(f"drawn, chain of {n_labels}", drawn, n_labels)
        if n_labels == 80:
            comparisons += _neighbours(what, drawn)
    return {
        "data": {"name": name, "images": n, "features": d, "C": _C},
        "machine": _machine(),
        "comparisons": comparisons,
        "growth": _growth(n, d, quick, folder),
        "large": _large(quick, folder),
        "aims": aims_reached(comparisons),
    }


def aims_reached(comparisons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each aim, the ratio that was measured (None if it was not) and whether it is reached."""
    ratios = {f"{row['what']}: {row['rival']}": row.get("ratio") for row in comparisons}
    return [
        {
            "aim": aim,
            "wanted": wanted,
            "ratio": ratios.get(aim),
            "reached": (ratios.get(aim) or 0) >= wanted,
        }
        for aim, wanted in AIMS.items()
    ]


def _solvers(
    what: str,
    data: str,
    n_labels: int,
    solvers: tuple[str, ...],
    loss: str = "logistic",
    C: float = _C,
) -> list[dict[str, Any]]:
    """Compare ours with label by label, at the same objective."""
    model = _MODELS[loss]
    question = {"way": "ours", "data": data, "model": model, "loss": loss}
    best = _ask({**question, "options": {"C": C, "tol": 1e-12}})
    ours = _ask({**question, "options": {"C": C}})
    if "unavailable" in best or "unavailable" in ours:
        return [{"what": what, "rival": model, "unavailable": str(ours or best)}]
    rows = []
    for solver in solvers:
        most = n_labels if solver == "lbfgs" else min(n_labels, _FEW)
        labels = [int(j) for j in np.linspace(0, n_labels - 1, most)]
        asked = {"C": C, "solver": solver, "best": best["objective"], "loss": loss}
        rival = _ask({"way": "one_vs_rest", "data": data, "labels": labels, **asked})
        rows.append(_compared(what, solver, ours, rival, n_labels, best["objective"]))
    return rows


def _path(data: str, n_labels: int) -> list[dict[str, Any]]:
    options = {"Cs": _CS, "cv": _FOLDS}
    ours = _ask(
        {"way": "ours", "data": data, "model": "LogisticBinaryRelevanceCV", "options": options}
    )
    labels = [int(j) for j in np.linspace(0, n_labels - 1, 2)]
    rival = _ask({"way": "logistic_cv", "data": data, "Cs": _CS, "folds": _FOLDS, "labels": labels})
    what = f"real, C path of {_FOLDS} folds"
    return [_compared(what, "LogisticRegressionCV", ours, rival, n_labels)]


def _neighbours(what: str, data: str) -> list[dict[str, Any]]:
    ours = _ask({"way": "ours", "data": data, "model": "MLkNN", "options": {}})
    return [_compared(what, "MLkNN", ours, _ask({"way": "mlknn", "data": data}), None)]


def _chain(what: str, data: str, n_labels: int) -> list[dict[str, Any]]:
    ours = _ask({"way": "our_chain", "data": data, "C": _C})
    links = list(range(min(n_labels, _LINKS)))
    rival = _ask({"way": "chain", "data": data, "C": _C, "tol": 1e-4, "labels": links})
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


def _growth(n: int, d: int, quick: bool, folder: Path) -> list[dict[str, Any]]:
    """Measure how our time grows with images, and with labels."""
    rows = []
    cases = [(n // 4, 20), (n // 2, 20), (n, 20), (2 * n, 20), (n, 80), (n, 300)]
    for images, labels in cases[:2] if quick else cases:
        data = _save(folder / "growth", *drawn_features(images, d, labels))
        found = _ask(
            {
                "way": "ours",
                "data": data,
                "model": "LogisticBinaryRelevance",
                "options": {"C": _C},
            }
        )
        rows.append({"images": images, "labels": labels, **found})
    return rows


def _large(quick: bool, folder: Path) -> list[dict[str, Any]]:
    """Measure features that are better left on disk."""
    images, features, labels = (2000, 64, 8) if quick else (80_000, 2048, 80)
    place = folder / "large"
    place.mkdir()
    X = np.lib.format.open_memmap(
        place / "X.npy", mode="w+", dtype=np.float32, shape=(images, features)
    )
    _, Y = drawn_features(images, features, labels, out=X)
    X.flush()
    np.save(place / "Y.npy", Y)
    del X
    cases: dict[str, tuple[dict[str, Any], int]] = {  # options and images
        "LogisticBinaryRelevance": ({"C": _C}, images),
        "RidgeBinaryRelevance": ({}, images),
        "LogisticBinaryRelevanceCV": ({"Cs": [_C / 10, _C], "cv": 3}, images // 4),
    }
    rows = []
    for model, (options, n) in cases.items():
        found = _ask(
            {"way": "ours", "data": str(place), "model": model, "options": options, "n_images": n}
        )
        row = {"model": model, "images": n, "features": features, "labels": labels}
        rows.append({**row, **found})
    return rows


def _save(folder: Path, X: Any, Y: Any) -> str:
    folder.mkdir(exist_ok=True)
    np.save(folder / "X.npy", X)
    np.save(folder / "Y.npy", Y)
    return str(folder)


def _ask(question: dict[str, Any]) -> dict[str, Any]:
    return measure_fresh(_WAYS, question, _THREADS)


def _machine() -> dict[str, Any]:
    versions: dict[str, str | None] = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "load": load,
        "packages": versions,
    }


if __name__ == "__main__":
    sys.exit(main())
