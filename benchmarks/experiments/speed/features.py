"""Speed of feature extraction next to rivals and ceilings (`make speed-features`).

Every way is measured on the same photographs, in the same run, one after the other, each in a
process of its own; then all of them again, and the better time of each counts. Then what it takes
to read stored features, and how a photograph's cost changes with their number.
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

from ....features import has_bfloat16, plan_recipe
from ..command import run_measurement
from .ceilings import KNOWN, OBVIOUS, aims_reached, compare
from .feature_table import print_result
from .fresh import measure_fresh
from .photos import find_photos, varied

_PHOTO_WAYS = f"{__package__}.feature_ways"
_STORED_WAYS = f"{__package__}.stored_ways"
_ENGINES = [
    (engine, precision) for engine in ("openvino", "torch") for precision in ("float32", "bfloat16")
]
_PACKAGES = ("torch", "openvino", "simplejpeg", "pillow", "timm", "embetter")


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
        prog="catnocat.benchmarks.experiments.speed.features", description=__doc__
    )
    parser.add_argument("--table", help="photographs of a data set that catnocat bench reads")
    parser.add_argument("--quick", action="store_true", help="fewer photographs, once: a minute")
    parser.add_argument("--out", type=Path, default=Path("speed/features.json"))
    return run_measurement(parser, _measure, arguments)


def _measure(asked: argparse.Namespace) -> None:
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        result = measure(asked.table, asked.quick, Path(folder))
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print_result(result)


def measure(table: str | None, quick: bool, folder: Path) -> dict[str, Any]:
    """Measure everything.

    Parameters
    ----------
    table : str or None
        See `find_photos`.
    quick : bool
    folder : pathlib.Path
        Empty; for photographs, stores and caches.

    Returns
    -------
    dict
        Plain JSON: `photos`, `machine`, `ways`, `known`, `growth`, `aims`.
    """
    # A cache of our own: the person's is not filled with what is thrown away.
    environment = {"CATNOCAT_CACHE": str(folder / "cache")}
    name, paths = find_photos(table, folder)
    _say(f"{len(paths)} photographs: {name}")
    ways: dict[str, dict[str, Any]] = {}
    for _ in range(1 if quick else 2):
        for label, question, count in _questions(quick):
            some = varied(paths, count, folder)
            found = _rated(measure_fresh(_PHOTO_WAYS, {**question, "paths": some}, environment))
            _say(f"{label}: {_told(found)}")
            best = ways.get(label, {})
            if found.get("per_second", 0) >= best.get("per_second", 0):
                ways[label] = {**question, **found}
    ways = compare(ways)
    known = _measure_known(KNOWN // 10 if quick else KNOWN, folder, environment)
    return {
        "photos": {"name": name, "different": len(paths)},
        "machine": _machine(),
        "ways": ways,
        "known": known,
        "growth": _growth(
            paths, (500, 2000) if quick else (500, 5000, 50_000), folder, environment
        ),
        "aims": aims_reached(ways, known),
    }


def _questions(quick: bool) -> list[tuple[str, dict[str, str], int]]:
    """Give what is measured: its label, the question, and how many photographs it takes."""
    slow, fast = (60, 500) if quick else (320, 2000)
    questions = [
        (OBVIOUS, {"way": "obvious"}, slow),
        ("timm, one by one", {"way": "timm_documented"}, slow // 2),
        ("embetter", {"way": "embetter_documented"}, slow // 2),
    ]
    for engine, precision in _ENGINES:
        question = {"engine": engine, "precision": precision}
        count = fast if engine == "openvino" else fast // 4
        questions.append((f"ours, {engine} {precision}", {"way": "ours", **question}, count))
        questions.append(
            (f"network only, {engine} {precision}", {"way": "network_only", **question}, count)
        )
    questions.append(("decoding and resizing only", {"way": "decoding"}, fast))
    return questions


def _measure_known(count: int, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Measure the second time that features of known files are read, and the first beside it."""
    question = {"folder": str(folder), "count": count}
    filled = measure_fresh(_STORED_WAYS, {"way": "fill", **question}, environment)
    if "unavailable" in filled:
        return filled
    first, again = (
        measure_fresh(_STORED_WAYS, {"way": "read", **question}, environment) for _ in range(2)
    )
    _say(f"{count} stored features: {again.get('unavailable') or round(again['seconds'], 2)}")
    return {**again, "first_seconds": first.get("seconds")}


def _growth(
    paths: list[str], counts: Sequence[int], folder: Path, environment: dict[str, str]
) -> list[dict[str, Any]]:
    """Measure how a photograph's cost and the memory change with their number."""
    rows = []
    for count in counts:
        question = {"way": "ours", "engine": "auto", "precision": "float32"}
        some = varied(paths, count, folder)
        found = _rated(measure_fresh(_PHOTO_WAYS, {**question, "paths": some}, environment))
        _say(f"{count} photographs: {_told(found)}")
        rows.append({"photos": count, "result_mb": count * 1280 * 4 / 1e6, **found})
    return rows


def _rated(found: dict[str, Any]) -> dict[str, Any]:
    if "unavailable" in found:
        return found
    per_second = found["images"] / found["seconds"]
    return {**found, "per_second": per_second, "ms_per_image": 1000 / per_second}


def _told(found: dict[str, Any]) -> str:
    return str(found.get("unavailable") or f"{found['per_second']:.1f}/s")


def _machine() -> dict[str, Any]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "processors": os.cpu_count(),
        "platform": platform.platform(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "bfloat16": has_bfloat16(plan_recipe().engine),
        "python": platform.python_version(),
        **versions,
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
