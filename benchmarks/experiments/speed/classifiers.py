"""Time to fit classifiers, compared with other libraries (`make speed-classifiers`).

All libraries run one after the other, each in a separate process with the same threads, on the same
float32 features. Solvers of the same problem must reach the same objective: other solvers use the
loosest tolerance that comes within a factor of 1 + 1e-5 of the best known objective on a few
labels; ours use their default. Libraries that fit label by label are timed on as many labels as
about 25 s allow (the slowest on two) and their time is scaled up; the result states the number of
labels. They may also use one process per processor; the faster variant counts. Fits of less than
5 s are timed three times, and the fastest counts.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ..command import describe_machine, log, run_measurement, run_workload
from .inputs import random_features, real_features

C = 1e-3  # near the optimum on standardised features of photographs
LARGE_C = 0.1  # hard to fit: other solvers need hundreds of iterations
CS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
N_FOLDS = 5
N_SLOW_LABELS = 2  # number of labels on which slow libraries are timed
N_LINKS = 6  # number of timed links of the other library's chain; later links are slower
ENVIRONMENT: dict[str, str] = {}  # of the subprocesses; by default all use one thread per core
WORKLOADS = f"{__package__}.classifier_workloads"
MODELS = {"logistic": "LogisticBinaryRelevance", "hinge": "LinearSVMBinaryRelevance"}


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a workload in a separate process."""
    return run_workload(WORKLOADS, request, ENVIRONMENT)


def compare_solvers(
    comparison: str,
    data: str,
    n_labels: int,
    solvers: tuple[str, ...],
    loss: str = "logistic",
    C: float = C,
) -> list[dict[str, Any]]:
    """Compare our solver with solvers that fit label by label, at the same objective."""
    model = MODELS[loss]
    request = {"workload": "ours", "data": data, "model": model, "loss": loss}
    best = run({**request, "options": {"C": C, "tol": 1e-12}})
    ours = run({**request, "options": {"C": C}})
    if "unavailable" in best or "unavailable" in ours:
        return [{"comparison": comparison, "other": model, "unavailable": str(ours or best)}]
    rows = []
    for solver in solvers:
        n_timed = n_labels if solver == "lbfgs" else min(n_labels, N_SLOW_LABELS)
        labels = [int(j) for j in np.linspace(0, n_labels - 1, n_timed)]
        options = {"C": C, "solver": solver, "best": best["objective"], "loss": loss}
        other = run({"workload": "one_vs_rest", "data": data, "labels": labels, **options})
        rows.append(_make_row(comparison, solver, ours, other, n_labels, best["objective"]))
    return rows


def compare_c_selection(data: str, n_labels: int) -> list[dict[str, Any]]:
    """Compare the selection of C by cross-validation."""
    options = {"Cs": CS, "cv": N_FOLDS}
    ours = run(
        {"workload": "ours", "data": data, "model": "LogisticBinaryRelevanceCV", "options": options}
    )
    labels = [int(j) for j in np.linspace(0, n_labels - 1, N_SLOW_LABELS)]
    other = run(
        {"workload": "logistic_cv", "data": data, "Cs": CS, "folds": N_FOLDS, "labels": labels}
    )
    comparison = f"real, C path of {N_FOLDS} folds"
    return [_make_row(comparison, "LogisticRegressionCV", ours, other, n_labels)]


def compare_neighbors(comparison: str, data: str) -> list[dict[str, Any]]:
    """Compare MLkNN: fitting and predicting the same images."""
    ours = run({"workload": "ours", "data": data, "model": "MLkNN", "options": {}})
    return [_make_row(comparison, "MLkNN", ours, run({"workload": "mlknn", "data": data}), None)]


def compare_chains(comparison: str, data: str, n_labels: int) -> list[dict[str, Any]]:
    """Compare classifier chains of logistic regressions."""
    ours = run({"workload": "our_chain", "data": data, "C": C})
    links = list(range(min(n_labels, N_LINKS)))
    other = run({"workload": "chain", "data": data, "C": C, "tol": 1e-4, "labels": links})
    return [_make_row(comparison, "ClassifierChain", ours, other, n_labels)]


def _make_row(
    comparison: str,
    other_name: str,
    ours: dict[str, Any],
    other: dict[str, Any],
    n_labels: int | None,
    best: list[float] | None = None,
) -> dict[str, Any]:
    row: dict[str, Any] = {"comparison": comparison, "other": other_name}
    missing = ours.get("unavailable") or other.get("unavailable")
    if missing:
        return {**row, "unavailable": missing}
    measured = other.get("labels")
    times = 1.0 if n_labels is None or measured is None else n_labels / len(measured)
    row |= {
        "our_seconds": ours["seconds"],
        "other_seconds": other["seconds"] * times,
        "other_labels_measured": None if measured is None else len(measured),
        "ratio": other["seconds"] * times / ours["seconds"],
        "our_cpu_seconds": ours["cpu_seconds"],
        "other_cpu_seconds": other["cpu_seconds"] * times,
        "cpu_ratio": other["cpu_seconds"] * times / ours["cpu_seconds"],
        "our_memory_of_X": ours["memory_of_X"],
        "other_memory_of_X": other["memory_of_X"],
        "other_tol": other.get("tol"),
        "other_n_jobs": other.get("n_jobs"),
    }
    if "default_seconds" in other:
        row["default_ratio"] = other["default_seconds"] * times / ours["seconds"]
    if "objective" in other and "objective" in ours:
        labels = measured if measured is not None else range(len(ours["objective"]))
        at = np.array(ours["objective"])[list(labels)]
        row |= {"our_objective": float(at.sum()), "other_objective": sum(other["objective"])}
        if best is not None:
            goal = np.array(best)
            row["our_gap"] = float((np.array(ours["objective"]) / goal - 1).max())
            row["other_gap"] = float((np.array(other["objective"]) / goal[list(labels)] - 1).max())
    log(f"{comparison}: {other_name}: {row['ratio']:.1f} x")
    return row


_COLUMNS = {
    "ours s": ("our_seconds", ".2f"),
    "theirs s": ("other_seconds", ".2f"),
    "ratio": ("ratio", ".1f"),
    "by default": ("default_ratio", ".1f"),
    "our cpu s": ("our_cpu_seconds", ".2f"),
    "their cpu s": ("other_cpu_seconds", ".2f"),
    "cpu ratio": ("cpu_ratio", ".1f"),
    "our gap": ("our_gap", ".0e"),
    "their gap": ("other_gap", ".0e"),
    "our objective": ("our_objective", ".5g"),
    "their objective": ("other_objective", ".5g"),
    "our memory": ("our_memory_of_X", ".1f"),
    "their memory": ("other_memory_of_X", ".1f"),
}


def print_results(result: dict[str, Any]) -> None:
    """Print the output of `measure` as tables."""
    console = Console(width=190, highlight=False)
    data, machine = result["data"], result["machine"]
    console.print(
        f"{data['images']:,} x {data['features']:,} features of {data['name']}, C {data['C']:g},"
        f" {machine['processors']} processors; memory as a multiple of that of the features"
    )
    table = Table("comparison", box=None, pad_edge=False, header_style="bold")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result["comparisons"]:
        label = f"{row['comparison']}: {row['other']}"
        if row.get("other_labels_measured"):
            label += f" ({row['other_labels_measured']} labels timed)"
        if "unavailable" in row:
            label = f"{label}: {row['unavailable'][:60]}"
        table.add_row(label, *(_format(row, *column) for column in _COLUMNS.values()))
    console.print(table)
    for row in (*result["growth"], *result["large"]):
        features = f" x {row['features']:,}" if "features" in row else ""
        text = row.get("unavailable") or (
            f"{row['seconds']:.2f} s, {row['cpu_seconds']:.2f} s of all processors, "
            f"{row['memory_of_X']:.2f} x the memory of the features"
        )
        model = row.get("model", "LogisticBinaryRelevance")
        console.print(
            f"{model}, {row['images']:,} images{features}, {row['labels']} labels: {text}"
        )
    for target in result["targets"]:
        ratio = "not measured" if target["ratio"] is None else f"{target['ratio']:.1f} x"
        if target["default_ratio"] is not None:
            ratio += f" (default n_jobs {target['default_ratio']:.1f} x)"
        status = "reached" if target["reached"] else "missed"
        console.print(f"{target['name']}: {ratio}, target {target['target']} x: {status}")


def _format(row: dict[str, Any], name: str, form: str) -> str:
    return format(row[name], form) if row.get(name) is not None else ""


_SOLVERS, _HINGE = ("lbfgs", "newton-cholesky", "liblinear"), ("LinearSVC",)
_PACKAGES = ("numpy", "scipy", "scikit-learn", "scikit-multilearn-ng")
TARGETS = {  # minimum speed-up over the other library
    "real: lbfgs": 8,
    "drawn, 80 labels: lbfgs": 25,
    "real, C path of 5 folds: LogisticRegressionCV": 30,
    "real: MLkNN": 10,
    "drawn, chain of 80: ClassifierChain": 10,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the results and write them as JSON.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code of `run_measurement`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.speed.classifiers", description=__doc__
    )
    parser.add_argument("--quick", action="store_true", help="only hundreds of images: a minute")
    parser.add_argument("--out", type=Path, default=Path("speed/classifiers.json"))
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> None:
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments.quick, Path(folder))
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print_results(result)


def measure(quick: bool, folder: Path) -> dict[str, Any]:
    """Run all measurements.

    Parameters
    ----------
    quick : bool
    folder : pathlib.Path
        Empty folder for the features.

    Returns
    -------
    dict
        JSON values: `machine`, `data`, `comparisons`, `growth`, `large`, `targets`.
    """
    n, d = (300, 32) if quick else (5000, 1280)
    sizes = (6,) if quick else (20, 80, 300)
    name, X, Y = real_features(n) if not quick else ("drawn", *random_features(n, d, 4))
    real = _save(folder / "real", X, Y)
    comparisons = compare_solvers("real", real, Y.shape[1], _SOLVERS)
    comparisons += compare_solvers("real", real, Y.shape[1], _HINGE, "hinge")
    comparisons += compare_solvers(f"real, C {LARGE_C}", real, Y.shape[1], ("lbfgs",), C=LARGE_C)
    comparisons += compare_c_selection(real, Y.shape[1]) + compare_neighbors("real", real)
    for n_labels in sizes:
        drawn = _save(folder / f"drawn{n_labels}", *random_features(n, d, n_labels))
        comparison = f"drawn, {n_labels} labels"
        comparisons += compare_solvers(comparison, drawn, n_labels, _SOLVERS)
        if n_labels == sizes[0] or n_labels == 80:
            comparisons += compare_chains(f"drawn, chain of {n_labels}", drawn, n_labels)
        if n_labels == 80:
            comparisons += compare_neighbors(comparison, drawn)
    return {
        "data": {"name": name, "images": n, "features": d, "C": C},
        "machine": describe_machine(_PACKAGES),
        "comparisons": comparisons,
        "growth": _measure_growth(n, d, quick, folder),
        "large": _measure_large(quick, folder),
        "targets": check_targets(comparisons),
    }


def check_targets(comparisons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare the measured speed-ups with the targets; values are None if not measured.

    The speed-up counts relative to the faster variant of the other library, not only its default.
    """
    rows = {f"{row['comparison']}: {row['other']}": row for row in comparisons}
    return [
        {
            "name": name,
            "target": target,
            "ratio": rows.get(name, {}).get("ratio"),
            "default_ratio": rows.get(name, {}).get("default_ratio"),
            "reached": (rows.get(name, {}).get("ratio") or 0) >= target,
        }
        for name, target in TARGETS.items()
    ]


def _measure_growth(n: int, d: int, quick: bool, folder: Path) -> list[dict[str, Any]]:
    """Measure our time by number of images and of labels."""
    rows = []
    cases = [(n // 4, 20), (n // 2, 20), (n, 20), (2 * n, 20), (n, 80), (n, 300)]
    for images, labels in cases[:2] if quick else cases:
        data = _save(folder / "growth", *random_features(images, d, labels))
        fitted = run(
            {
                "workload": "ours",
                "data": data,
                "model": "LogisticBinaryRelevance",
                "options": {"C": C},
            }
        )
        rows.append({"images": images, "labels": labels, **fitted})
    return rows


def _measure_large(quick: bool, folder: Path) -> list[dict[str, Any]]:
    """Measure fits on memory-mapped features."""
    images, features, labels = (2000, 64, 8) if quick else (80_000, 2048, 80)
    data = folder / "large"
    data.mkdir()
    X = np.lib.format.open_memmap(
        data / "X.npy", mode="w+", dtype=np.float32, shape=(images, features)
    )
    _, Y = random_features(images, features, labels, out=X)
    X.flush()
    np.save(data / "Y.npy", Y)
    del X
    cases: dict[str, tuple[dict[str, Any], int]] = {  # options and number of images
        "LogisticBinaryRelevance": ({"C": C}, images),
        "RidgeBinaryRelevance": ({}, images),
        "LogisticBinaryRelevanceCV": ({"Cs": [C / 10, C], "cv": 3}, images // 4),
    }
    rows = []
    for model, (options, n) in cases.items():
        fitted = run(
            {
                "workload": "ours",
                "data": str(data),
                "model": model,
                "options": options,
                "n_images": n,
            }
        )
        row = {"model": model, "images": n, "features": features, "labels": labels}
        rows.append({**row, **fitted})
    return rows


def _save(folder: Path, X: Any, Y: Any) -> str:
    folder.mkdir(exist_ok=True)
    np.save(folder / "X.npy", X)
    np.save(folder / "Y.npy", Y)
    return str(folder)


if __name__ == "__main__":
    raise SystemExit(main())
