"""Several data sets, one comparison each, and all of them on one page."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .across import across
from .benchmark import bench
from .errors import InputError
from .output_files import write_json
from .report import write_joint_reports


def bench_several(
    datasets: Sequence[str | Path], *, out: str | Path | None = None, **options: Any
) -> dict[str, Any]:
    """Compare multi-label classifiers on each of several data sets, and over all of them.

    Parameters
    ----------
    datasets : sequence of str or Path
        At least two, each as `bench` takes it.
    out : path or None
        Folder for `results.json`, `report.html` and `report.md` of all together; those of each data
        set go into a folder in it that is called by its number and name. None writes nothing.
    **options
        As `bench` takes them, the same for all.

    Returns
    -------
    dict
        ``"datasets"``: what `bench` gives, one each; and what `across` gives.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    if len({str(dataset) for dataset in datasets}) < max(2, len(datasets)):
        raise InputError("several data sets are compared once each: name each of them once.")
    comparisons = []
    for number, dataset in enumerate(datasets, start=1):
        folder = None if out is None else Path(out) / f"{number}-{Path(dataset).stem or 'data'}"
        comparisons.append(bench(dataset, out=folder, **options))
    results: dict[str, Any] = {"datasets": comparisons} | across(comparisons)
    results["command"] = _command(datasets, comparisons)
    if out is not None:
        write_json(Path(out) / "results.json", results)
        write_joint_reports(results, Path(out))
    return results


def _command(datasets: Sequence[str | Path], comparisons: Sequence[dict[str, Any]]) -> str:
    """Give one command for all, with the options of the first one's."""
    options = shlex.split(comparisons[0]["command"])[3:]
    return shlex.join(["catnocat", "bench", *map(str, datasets), *options])
