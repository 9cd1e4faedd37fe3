"""Several data sets, one comparison each, and all of them on one page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .across import across
from .benchmark import bench
from .errors import InputError
from .options import Options
from .output_files import refused_writing, writable_folder, write_json
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
        set go into a folder in it, see `folder_names`. None writes nothing.
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
    asked = Options(**{key: value for key, value in options.items() if key != "progress"})
    folder = writable_folder(out)
    comparisons = [
        bench(dataset, out=None if folder is None else folder / name, **options)
        for dataset, name in zip(datasets, folder_names(datasets), strict=True)
    ]
    results: dict[str, Any] = {"datasets": comparisons} | across(comparisons)
    results["command"] = asked.command(*datasets)
    if folder is not None:
        with refused_writing(folder):
            write_json(folder / "results.json", results)
            write_joint_reports(results, folder)
    return results


def folder_names(datasets: Sequence[str | Path]) -> list[str]:
    """Give each data set's folder a name that tells which it is.

    Most tables are called labels: their folder's name tells more.

    Examples
    --------
    >>> folder_names(["menagerie", "pets/labels.csv", "cars.csv.gz"])
    ['1-menagerie', '2-pets', '3-cars']
    """
    names = []
    for number, dataset in enumerate(datasets, start=1):
        path = Path(dataset)
        stem = path.name.partition(".")[0]
        if stem.lower() in _COMMON:
            stem = path.absolute().parent.name
        names.append(f"{number}-{''.join(_plain(letter) for letter in stem) or 'data'}")
    return names


_COMMON = ("", "labels", "data", "annotations", "train", "test")


def _plain(letter: str) -> str:
    """Keep what any file system and any shell takes."""
    return letter if letter.isalnum() or letter in "-_" else "-"
