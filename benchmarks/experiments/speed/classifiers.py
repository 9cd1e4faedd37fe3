"""How fast classifiers are fitted: ``python -m catnocat.benchmarks.experiments.speed.classifiers``.

Ours beside other libraries', one after the other, each in a process of its own with the same
threads, on the same float32 features. Solvers of the same problem have to reach the same objective:
each other one runs at the loosest tolerance that comes within a share of 1e-5 of the best objective
known on a few labels, ours at its own. Where another library goes label by label, it is timed on as
many labels as some 25 s allow, the slowest on two, and its time multiplied up; the result says on
how many. What goes label by label may also use a process per processor; the faster way counts.
What takes less than 5 s is timed three times, and the quickest counts, for everybody.
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
from rich.console import Console
from rich.table import Table

from ..command import run_measurement
from .classifier_data import drawn_features, real_features
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


_COLUMNS = {
    "ours s": ("our_seconds", ".2f"),
    "theirs s": ("rival_seconds", ".2f"),
    "ratio": ("ratio", ".1f"),
    "by default": ("default_ratio", ".1f"),
    "our cpu s": ("our_cpu_seconds", ".2f"),
    "their cpu s": ("rival_cpu_seconds", ".2f"),
    "cpu ratio": ("cpu_ratio", ".1f"),
    "our gap": ("our_gap", ".0e"),
    "their gap": ("rival_gap", ".0e"),
    "our objective": ("our_objective", ".5g"),
    "their objective": ("rival_objective", ".5g"),
    "our memory": ("our_memory_of_X", ".1f"),
    "their memory": ("rival_memory_of_X", ".1f"),
}


def print_result(result: dict[str, Any]) -> None:
    """Print everything.

    Parameters
    ----------
    result : dict
        What `classifiers.measure` gave.
    """
    console = Console(width=190, highlight=False)
    data, machine = result["data"], result["machine"]
    console.print(
        f"{data['images']:,} x {data['features']:,} features of {data['name']}, C {data['C']:g},"
        f" {machine['processors']} processors; memory in multiples of the features'"
    )
    table = Table("what", box=None, pad_edge=False, header_style="bold")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result["comparisons"]:
        label = f"{row['what']}: {row['rival']}"
        if row.get("rival_labels_measured"):
            label += f" ({row['rival_labels_measured']} labels timed)"
        if "unavailable" in row:
            label = f"{label}: {row['unavailable'][:60]}"
        table.add_row(label, *(_shown(row, *column) for column in _COLUMNS.values()))
    console.print(table)
    for row in (*result["growth"], *result["large"]):
        features = f" x {row['features']:,}" if "features" in row else ""
        told = row.get("unavailable") or (
            f"{row['seconds']:.2f} s, {row['cpu_seconds']:.2f} s of all processors, "
            f"{row['memory_of_X']:.2f} x the memory of the features"
        )
        model = row.get("model", "LogisticBinaryRelevance")
        console.print(
            f"{model}, {row['images']:,} images{features}, {row['labels']} labels: {told}"
        )
    for aim in result["aims"]:
        ratio = "not measured" if aim["ratio"] is None else f"{aim['ratio']:.1f} x"
        if aim["default_ratio"] is not None:
            ratio += f" (by default {aim['default_ratio']:.1f} x)"
        word = "reached" if aim["reached"] else "missed"
        console.print(f"{aim['aim']}: {ratio}, aim {aim['wanted']} x: {word}")


def _shown(row: dict[str, Any], name: str, form: str) -> str:
    return format(row[name], form) if row.get(name) is not None else ""


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
        prog="catnocat.benchmarks.experiments.speed.classifiers", description=__doc__
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
    comparisons = compare_solvers("real", real, Y.shape[1], _SOLVERS)
    comparisons += compare_solvers("real", real, Y.shape[1], _HINGE, "hinge")
    comparisons += compare_solvers(f"real, C {LARGER_C}", real, Y.shape[1], ("lbfgs",), C=LARGER_C)
    comparisons += compare_paths(real, Y.shape[1]) + compare_neighbours("real", real)
    for n_labels in sizes:
        drawn = _save(folder / f"drawn{n_labels}", *drawn_features(n, d, n_labels))
        what = f"drawn, {n_labels} labels"
        comparisons += compare_solvers(what, drawn, n_labels, _SOLVERS)
        if n_labels == sizes[0] or n_labels == 80:
            comparisons += compare_chains(f"drawn, chain of {n_labels}", drawn, n_labels)
        if n_labels == 80:
            comparisons += compare_neighbours(what, drawn)
    return {
        "data": {"name": name, "images": n, "features": d, "C": C},
        "machine": _machine(),
        "comparisons": comparisons,
        "growth": _growth(n, d, quick, folder),
        "large": _large(quick, folder),
        "aims": aims_reached(comparisons),
    }


def aims_reached(comparisons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each aim, the ratios that were measured, else None, and whether it is reached.

    It has to be reached beside the faster way of the other library, not only beside its default.
    """
    rows = {f"{row['what']}: {row['rival']}": row for row in comparisons}
    return [
        {
            "aim": aim,
            "wanted": wanted,
            "ratio": rows.get(aim, {}).get("ratio"),
            "default_ratio": rows.get(aim, {}).get("default_ratio"),
            "reached": (rows.get(aim, {}).get("ratio") or 0) >= wanted,
        }
        for aim, wanted in AIMS.items()
    ]


def _growth(n: int, d: int, quick: bool, folder: Path) -> list[dict[str, Any]]:
    """Measure how our time grows with images, and with labels."""
    rows = []
    cases = [(n // 4, 20), (n // 2, 20), (n, 20), (2 * n, 20), (n, 80), (n, 300)]
    for images, labels in cases[:2] if quick else cases:
        data = _save(folder / "growth", *drawn_features(images, d, labels))
        found = ask(
            {
                "way": "ours",
                "data": data,
                "model": "LogisticBinaryRelevance",
                "options": {"C": C},
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
        "LogisticBinaryRelevance": ({"C": C}, images),
        "RidgeBinaryRelevance": ({}, images),
        "LogisticBinaryRelevanceCV": ({"Cs": [C / 10, C], "cv": 3}, images // 4),
    }
    rows = []
    for model, (options, n) in cases.items():
        found = ask(
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
