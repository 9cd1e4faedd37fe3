"""Leakage: versions of one image that are training and test images at once."""

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
from .config import BenchOptions
from .splits import DEFAULT_FOLDS, INNER_FOLDS

MIN_SHARE = 0.01
"""Share of images with versions from which the inner folds keep versions together."""

N_SAMPLED_IMAGES = 40


def handle_leakage(
    vectors: Vectors, options: BenchOptions, dataset: str = "DATASET"
) -> tuple[Vectors, dict[str, Any], list[dict[str, Any]] | None]:
    """Find versions of the same image, and keep them on the same side of each split.

    In folds, the versions of an image become a group that no fold divides. The split of a table is
    not changed: versions on both sides are reported, or removed from the training images with
    `BenchOptions.drop_duplicates_across_splits`.

    Parameters
    ----------
    vectors : Vectors
    options : BenchOptions
    dataset : str
        Name of the data set on the command line.

    Returns
    -------
    Vectors
        With `LabelTable.group` if versions are kept together.
    dict
        The "leakage" of `results.json`.
    list of dict or None
        The "dropped_duplicates" of `results.json`: "image", "where", "copy_of", "signal" and
        "score" of every dropped image.
    """
    started = time.perf_counter()
    table = vectors.table
    if options.folds is not None:
        table = replace(table, split=None)
    versions = find_versions(table, vectors.X, vectors.digests, n_jobs=options.n_jobs)
    leakage = describe_versions(versions, table)
    dropped = None
    if options.drop_duplicates_across_splits:
        vectors, dropped = _drop_duplicates(vectors, versions, table)
        leakage["action"] = "dropped" if dropped else "none"
    elif versions.links:
        leakage["action"] = _action(versions, table, options.folds)
    if leakage["action"] == "grouped" or (
        leakage["action"] == "reported"
        and leakage["share"] >= MIN_SHARE
        and _can_group(versions, table, INNER_FOLDS)
    ):
        group = merge_groups(versions, table)
        vectors = replace(vectors, table=replace(vectors.table, group=group))
    if leakage["action"] == "reported":
        leakage["remedy"] = replace(options, drop_duplicates_across_splits=True).command(dataset)
    leakage["flat_images"] = find_flat_images(vectors.table, sample=N_SAMPLED_IMAGES)
    leakage["seconds"] = round(time.perf_counter() - started, 3)
    return vectors, leakage, dropped


def merge_groups(versions: Versions, table: LabelTable) -> NDArray[np.str_]:
    """Return a group for each row: its versions, merged with the groups of the table.

    Examples
    --------
    >>> from catnocat.benchmarks.data.inspection import Link, Versions
    >>> names = ["a.jpg", "b.jpg", "a2.jpg", "c.jpg"]
    >>> table = LabelTable("t", "t.csv", names, names, ["x"], np.ones((4, 1)), np.ones((4, 1)))
    >>> merge_groups(Versions(4, (Link(0, 2, "names"),)), table).tolist()
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


def _can_group(versions: Versions, table: LabelTable, folds: int) -> bool:
    sizes = np.unique(merge_groups(versions, table), return_counts=True)[1]
    return len(sizes) >= 2 * folds and int(sizes.max()) <= table.n_images / 2


def _drop_duplicates(
    vectors: Vectors, versions: Versions, table: LabelTable
) -> tuple[Vectors, list[dict[str, Any]]]:
    duplicates = rows_to_drop(versions, table.split)
    dropped = [
        {
            "image": table.images[duplicate.row],
            "where": table.where(duplicate.row),
            "copy_of": table.images[duplicate.of],
            "signal": duplicate.signal,
            "score": duplicate.score,
        }
        for duplicate in duplicates
    ]
    keep = np.ones(table.n_images, dtype=np.bool_)
    keep[[duplicate.row for duplicate in duplicates]] = False
    digests = vectors.digests
    if digests is not None:
        digests = [digest for digest, kept in zip(digests, keep, strict=True) if kept]
    kept = replace(vectors, X=vectors.X[keep], table=vectors.table.take(keep), digests=digests)
    return kept, dropped
