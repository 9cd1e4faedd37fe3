"""Versions of one image on both sides of a split: found, kept together, reported."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import Vectors
from ..data.inspection import (
    Link,
    Versions,
    describe_versions,
    find_flat_images,
    find_versions,
    rows_to_drop,
)
from ..data.tables import LabelTable
from ..options import DEFAULT_FOLDS, BenchOptions

_SHARE_THAT_MATTERS = 0.01
_SAMPLE = 40


def handle_leakage(
    vectors: Vectors, asked: BenchOptions, dataset: str = "DATASET"
) -> tuple[Vectors, dict[str, Any], list[dict[str, Any]] | None]:
    """Find versions of one image, and keep them from being learned and tested at once.

    In folds the versions of an image become a group, which no fold divides. The table's own split
    stays as it is: what is on both sides of it is reported, or left out of the training part if
    `BenchOptions.drop_duplicates_across_splits` says so.

    Parameters
    ----------
    vectors : Vectors
    asked : BenchOptions
    dataset : str
        What the command line calls the data set.

    Returns
    -------
    Vectors
        With `LabelTable.group` set where versions are kept together.
    dict
        The "leakage" of `results.json`.
    list of dict or None
        The "dropped_duplicates" of `results.json`: "image", "where", "copy_of", "signal" and
        "score" of every image left out.
    """
    started = time.perf_counter()
    table = vectors.table
    if asked.folds is not None:
        table = replace(table, split=None)
    versions = find_versions(table, vectors.X, vectors.digests, n_jobs=asked.n_jobs)
    leakage = describe_versions(versions, table)
    dropped = None
    if asked.drop_duplicates_across_splits:
        vectors, dropped = _without(vectors, versions, table)
        leakage["action"] = "dropped" if dropped else "none"
    elif versions.links:
        leakage["action"] = _action(versions, table, asked.folds)
    if leakage["action"] == "grouped" or (
        leakage["action"] == "reported" and _matters(leakage) and _can_group(versions, table, 3)
    ):
        group = merged_groups(versions, table)
        vectors = replace(vectors, table=replace(vectors.table, group=group))
    if leakage["action"] == "reported":
        leakage["remedy"] = replace(asked, drop_duplicates_across_splits=True).command(dataset)
    leakage["flat_images"] = find_flat_images(vectors.table, sample=_SAMPLE)
    leakage["seconds"] = round(time.perf_counter() - started, 3)
    return vectors, leakage, dropped


def merged_groups(versions: Versions, table: LabelTable) -> NDArray[np.str_]:
    """Return a group for each row: its versions, joined with the table's own groups.

    Examples
    --------
    >>> from catnocat.benchmarks.data.inspection import Link, Versions
    >>> names = ["a.jpg", "b.jpg", "a2.jpg", "c.jpg"]
    >>> table = LabelTable("t", "t.csv", names, names, ["x"], np.ones((4, 1)), np.ones((4, 1)))
    >>> merged_groups(Versions(4, (Link(0, 2, "names"),)), table).tolist()
    ['a.jpg', 'b.jpg', 'a.jpg', 'c.jpg']
    """
    links = list(versions.links)
    if table.group is not None:
        first: dict[str, int] = {}
        for row, name in enumerate(table.group.tolist()):
            links.append(Link(first.setdefault(name, row), row, "group"))
    roots = Versions(table.n_images, tuple(links)).roots.tolist()
    names = table.images if len(set(table.images)) == table.n_images else range(table.n_images)
    return np.array([str(names[root]) for root in roots])


def _action(versions: Versions, table: LabelTable, folds: int | None) -> str:
    if table.split is not None:
        divided = (len(set(table.split[group].tolist())) > 1 for group in versions.groups)
        return "reported" if any(divided) else "none"
    return "grouped" if _can_group(versions, table, folds or DEFAULT_FOLDS) else "too_few_groups"


def _matters(leakage: dict[str, Any]) -> bool:
    return bool(leakage["share"] >= _SHARE_THAT_MATTERS)


def _can_group(versions: Versions, table: LabelTable, folds: int) -> bool:
    sizes = np.unique(merged_groups(versions, table), return_counts=True)[1]
    return len(sizes) >= 2 * folds and int(sizes.max()) <= table.n_images / 2


def _without(
    vectors: Vectors, versions: Versions, table: LabelTable
) -> tuple[Vectors, list[dict[str, Any]]]:
    copies = rows_to_drop(versions, table.split)
    dropped = [
        {
            "image": table.images[copy.row],
            "where": table.where(copy.row),
            "copy_of": table.images[copy.of],
            "signal": copy.signal,
            "score": copy.score,
        }
        for copy in copies
    ]
    keep = np.ones(table.n_images, dtype=np.bool_)
    keep[[copy.row for copy in copies]] = False
    digests = vectors.digests
    if digests is not None:
        digests = [digest for digest, kept in zip(digests, keep, strict=True) if kept]
    kept = replace(vectors, X=vectors.X[keep], table=vectors.table.take(keep), digests=digests)
    return kept, dropped
