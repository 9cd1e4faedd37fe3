"""Speed of feature extraction compared with other libraries and bounds (`make speed-features`).

All workloads use the same photographs in the same run, one after the other, each in a separate
process. Then all are repeated, and the faster run of each counts. Further measurements: reading
stored features, and time and memory by number of photographs.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ....features import has_bfloat16, plan_recipe
from ..command import describe_machine, log, run_measurement, run_workload
from .inputs import distinct_copies, find_photos

_FEATURE_WORKLOADS = f"{__package__}.feature_workloads"
_ENGINES = [
    (engine, precision) for engine in ("openvino", "torch") for precision in ("float32", "bfloat16")
]
_PACKAGES = ("torch", "openvino", "simplejpeg", "pillow", "timm", "embetter")

PLAIN_LOOP = "plain loop"
N_STORED = 100_000
"""Number of stored features that are read."""

TARGETS = (
    ("ours in float32, relative to the plain loop", 5, True),
    ("ours in bfloat16, relative to the plain loop", 10, True),
    ("ours in float32, share of the upper bound", 0.8, True),
    ("ours in bfloat16, share of the upper bound", 0.8, True),
    ("seconds to read 100,000 stored features", 2, False),
    ("memory for it, relative to the array", 1.1, False),
    ("seconds to open the store without reading", 0.1, False),
)
"""Name, target value, and whether a higher value is better."""

Results = dict[str, dict[str, Any]]


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
        prog="python -m catnocat.benchmarks.experiments.speed.features", description=__doc__
    )
    parser.add_argument("--table", help="a data set as for catnocat bench")
    parser.add_argument("--quick", action="store_true", help="fewer photographs, once: a minute")
    parser.add_argument("--out", type=Path, default=Path("speed/features.json"))
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> None:
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        results = measure(arguments.table, arguments.quick, Path(folder))
    arguments.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print_results(results)


def measure(table: str | None, quick: bool, folder: Path) -> dict[str, Any]:
    """Run all measurements.

    Parameters
    ----------
    table : str or None
        See `find_photos`.
    quick : bool
    folder : pathlib.Path
        Empty folder for photographs, stores and caches.

    Returns
    -------
    dict
        JSON values: `photos`, `machine`, `workloads`, `stored`, `growth`, `targets`.
    """
    # A temporary cache keeps these files out of the cache of the user.
    environment = {"CATNOCAT_CACHE": str(folder / "cache")}
    name, paths = find_photos(table, folder)
    log(f"{len(paths)} photographs: {name}")
    results: Results = {}
    for _ in range(1 if quick else 2):
        for label, request, count in _requests(quick):
            files = distinct_copies(paths, count, folder)
            result = _add_rate(
                run_workload(_FEATURE_WORKLOADS, {**request, "paths": files}, environment)
            )
            log(f"{label}: {_format_rate(result)}")
            if result.get("per_second", 0) >= results.get(label, {}).get("per_second", 0):
                results[label] = {**request, **result}
    results = compare(results)
    stored = _measure_stored(N_STORED // 10 if quick else N_STORED, folder, environment)
    return {
        "photos": {"name": name, "different": len(paths)},
        "machine": describe_machine(_PACKAGES) | {"bfloat16": has_bfloat16(plan_recipe().engine)},
        "workloads": results,
        "stored": stored,
        "growth": _measure_growth(
            paths, (500, 2000) if quick else (500, 5000, 50_000), folder, environment
        ),
        "targets": check_targets(results, stored),
    }


def _requests(quick: bool) -> list[tuple[str, dict[str, str], int]]:
    """Return label, request and number of photographs of each workload."""
    slow, fast = (60, 500) if quick else (320, 2000)
    requests = [
        (PLAIN_LOOP, {"workload": "plain_loop"}, slow),
        ("timm, one by one", {"workload": "timm_documented"}, slow // 2),
        ("embetter", {"workload": "embetter_documented"}, slow // 2),
    ]
    for engine, precision in _ENGINES:
        options = {"engine": engine, "precision": precision}
        count = fast if engine == "openvino" else fast // 4
        for label, workload in (("ours", "ours"), ("network only", "network_only")):
            requests.append(
                (f"{label}, {engine} {precision}", {"workload": workload, **options}, count)
            )
    requests.append(("decoding and resizing only", {"workload": "decoding"}, fast))
    return requests


def _measure_stored(count: int, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Measure the second and the first reading of the features of known files."""
    options = {"folder": str(folder), "count": count}
    filled = run_workload(_FEATURE_WORKLOADS, {"workload": "fill", **options}, environment)
    if "unavailable" in filled:
        return filled
    first, second = (
        run_workload(_FEATURE_WORKLOADS, {"workload": "read", **options}, environment)
        for _ in range(2)
    )
    log(f"{count} stored features: {second.get('unavailable') or round(second['seconds'], 2)}")
    return {**second, "first_seconds": first.get("seconds")}


def _measure_growth(
    paths: list[str], counts: Sequence[int], folder: Path, environment: dict[str, str]
) -> list[dict[str, Any]]:
    """Measure time and memory by number of photographs."""
    rows = []
    for count in counts:
        request = {"workload": "ours", "engine": "auto", "precision": "float32"}
        files = distinct_copies(paths, count, folder)
        result = _add_rate(
            run_workload(_FEATURE_WORKLOADS, {**request, "paths": files}, environment)
        )
        log(f"{count} photographs: {_format_rate(result)}")
        rows.append({"photos": count, "result_mb": count * 1280 * 4 / 1e6, **result})
    return rows


def _add_rate(result: dict[str, Any]) -> dict[str, Any]:
    if "unavailable" in result:
        return result
    per_second = result["images"] / result["seconds"]
    return {**result, "per_second": per_second, "ms_per_image": 1000 / per_second}


def _format_rate(result: dict[str, Any]) -> str:
    return str(result.get("unavailable") or f"{result['per_second']:.1f}/s")


def compare(results: Results) -> Results:
    """Add the speed relative to the plain loop and, for ours, to the upper bound.

    The upper bound follows from decoding alone and the network alone on shared processors:
    1 / (1 / decoding + 1 / network) images per second.

    Parameters
    ----------
    results : dict
        Results by label; ``"workload"`` is the name of the workload.

    Returns
    -------
    dict
        The same with ``"relative_to_plain_loop"``, ``"bound_per_second"`` and
        ``"share_of_bound"``, where defined.

    Examples
    --------
    >>> network = {"workload": "network_only", "engine": "e", "precision": "p", "per_second": 300}
    >>> ours = {"workload": "ours", "engine": "e", "precision": "p", "per_second": 180}
    >>> results = {"a": {"workload": "decoding", "per_second": 600}, "b": network, "c": ours}
    >>> compared = compare(results)["c"]
    >>> round(compared["bound_per_second"]), round(compared["share_of_bound"], 2)
    (200, 0.9)
    """
    plain_loop = results.get(PLAIN_LOOP, {}).get("per_second")
    compared = {}
    for label, result in results.items():
        ratios = {}
        if plain_loop and "per_second" in result:
            ratios["relative_to_plain_loop"] = result["per_second"] / plain_loop
        bound = _upper_bound(result, results)
        if bound is not None:
            ratios["bound_per_second"] = bound
            ratios["share_of_bound"] = result["per_second"] / bound
        compared[label] = {**result, **ratios}
    return compared


def _upper_bound(result: dict[str, Any], results: Results) -> float | None:
    if result["workload"] != "ours" or "per_second" not in result:
        return None
    rates = [
        other["per_second"]
        for other in results.values()
        if "per_second" in other
        and other["workload"] in ("decoding", "network_only")
        and other.get("engine", result["engine"]) == result["engine"]
        and other.get("precision", result["precision"]) == result["precision"]
    ]
    return 1 / sum(1 / rate for rate in rates) if len(rates) == 2 else None


def check_targets(results: Results, stored: dict[str, Any]) -> list[dict[str, Any]]:
    """Compare the measurements with the targets.

    Parameters
    ----------
    results : dict
        Output of `compare`.
    stored : dict
        Measurement of reading stored features.

    Returns
    -------
    list of dict
        ``name``, ``target``, ``higher_is_better``, ``measured`` and ``reached``; the last two are
        None if not measured.
    """
    if stored.get("images", 0) < N_STORED:  # a quick run cannot be compared with the target
        stored = {}
    measured = [
        _fastest_of_ours(results, "float32", "relative_to_plain_loop"),
        _fastest_of_ours(results, "bfloat16", "relative_to_plain_loop"),
        _fastest_of_ours(results, "float32", "share_of_bound"),
        _fastest_of_ours(results, "bfloat16", "share_of_bound"),
        stored.get("seconds"),
        stored["added_mb"] / stored["array_mb"] if stored else None,
        stored.get("open_seconds"),
    ]
    return [
        {
            "name": name,
            "target": target,
            "higher_is_better": higher,
            "measured": value,
            "reached": None if value is None else (value >= target if higher else value <= target),
        }
        for (name, target, higher), value in zip(TARGETS, measured, strict=True)
    ]


def _fastest_of_ours(results: Results, precision: str, key: str) -> float | None:
    """Return a value of our faster engine, which is the default one."""
    ours = [
        result
        for result in results.values()
        if result["workload"] == "ours"
        and result["precision"] == precision
        and "per_second" in result
    ]
    fastest = max(ours, key=lambda result: result["per_second"], default={})
    value: float | None = fastest.get(key)
    return value


_COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "images/s": lambda result: _format(result, "per_second", ".0f"),
    "x plain loop": lambda result: _format(result, "relative_to_plain_loop", ".1f"),
    "of bound": lambda result: _format(result, "share_of_bound", ".0%"),
    "peak MB": lambda result: _format(result, "peak_mb", ".0f"),
}

_NO_BFLOAT16 = (
    "This processor has no bfloat16 instructions: bfloat16 is computed in float32 with rounded\n"
    "weights. Its targets are for processors with AMX or AVX-512 BF16."
)


def print_results(results: dict[str, Any]) -> None:
    """Print the output of `measure` as tables."""
    console = Console(width=100, highlight=False)
    machine = results["machine"]
    load = "" if machine["load"] is None else f", load {machine['load']:.1f} at the end"
    console.print(f"{results['photos']['name']}, {machine['processors']} processors{load}")
    table = Table("workload", box=None, pad_edge=False, header_style="bold")
    for heading in _COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    for label, result in results["workloads"].items():
        text = f"{label}: {result['unavailable']}" if "unavailable" in result else label
        table.add_row(text, *(cell(result) for cell in _COLUMNS.values()))
    console.print(table)
    console.print(_format_stored(results["stored"]))
    for row in results["growth"]:
        console.print(_format_growth(row))
    for target in results["targets"]:
        console.print(_format_target(target))
    if not machine["bfloat16"]:
        console.print(_NO_BFLOAT16)


def _format(result: dict[str, Any], key: str, spec: str) -> str:
    return format(result[key], spec) if key in result else ""


def _format_stored(result: dict[str, Any]) -> str:
    if "unavailable" in result:
        return f"stored features: {result['unavailable']}"
    return (
        f"{result['images']:,} stored features of known files: {result['seconds']:.2f} s,"
        f" {result['added_mb']:.0f} MB, of which the array is {result['array_mb']:.0f} MB;"
        f" opening without reading: {result['open_seconds']:.3f} s"
    )


def _format_growth(row: dict[str, Any]) -> str:
    if "unavailable" in row:
        return f"{row['photos']:,} photographs: {row['unavailable']}"
    return (
        f"{row['photos']:,} photographs: {row['ms_per_image']:.2f} ms each, peak"
        f" {row['peak_mb']:.0f} MB, of which the result is {row['result_mb']:.0f} MB"
    )


def _format_target(target: dict[str, Any]) -> str:
    status = {True: "reached", False: "MISSED", None: "not measured"}[target["reached"]]
    relation = "at least" if target["higher_is_better"] else "at most"
    measured = "" if target["measured"] is None else f"{target['measured']:.3g}, "
    return f"{target['name']}: {measured}target {relation} {target['target']:g}: {status}"


if __name__ == "__main__":
    raise SystemExit(main())
