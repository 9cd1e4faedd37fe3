"""Describe a data set as a plain dictionary, which the terminal, the page and JSON render."""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....features import Extraction, UnreadableImage, extract_features, progress_bar, read_thumbnail
from ..formats import unused_files
from ..load import load_dataset
from ..subset import scorable_labels
from ..tables import LabelTable
from .findings import collect_findings
from .versions import Versions, content_digests, find_versions, identical_groups
from .versions_summary import describe_versions

DARK = 6.0
"""Mean grey value, of 255, below which an image is nearly black."""

FLAT = 2.0
"""Standard deviation of the grey values below which an image is of one colour."""

_SIDE = 64
_SHOWN = 5


def find_flat_images(table: LabelTable, sample: int = 200) -> dict[str, Any] | None:
    """Count images of a sample that are nearly black or of one colour.

    Parameters
    ----------
    table : LabelTable
    sample : int
        Number of images to read, evenly spread over the table.

    Returns
    -------
    dict or None
        Numbers of images "sampled" and "flat", and names of "examples"; None without images.
    """
    if table.X is not None or not any(table.paths):
        return None
    rows = np.unique(np.linspace(0, table.n_images - 1, min(sample, table.n_images)).astype(int))
    read, flat = 0, []
    for row in rows.tolist():
        try:
            grey = read_thumbnail(table.paths[row], _SIDE, table.bit_depth)
        except UnreadableImage:
            continue
        read += 1
        if grey.mean() < DARK or grey.std() < FLAT:
            flat.append(table.images[row])
    return {"sampled": read, "flat": len(flat), "examples": flat[:_SHOWN]}


_MOST_SETS = 20
_SAMPLES = 6


def inspect_dataset(
    dataset: str | Path,
    *,
    format: str | None = None,
    data: str | Path | None = None,
    store: str | Path | None = None,
    backbone: str = "efficientnet_lite0",
    weights: str | Path | None = None,
    views: str | Sequence[str] = "whole",
    folds: int | None = None,
    quick: bool = False,
    n_jobs: int = -1,
    progress: bool = False,
    **reading: Any,
) -> dict[str, Any]:
    """Describe a data set and find its problems.

    Parameters
    ----------
    dataset, format, data, n_jobs
        See `catnocat.benchmarks.load_dataset`.
    store, backbone, weights, views
        See `catnocat.features.extract_features`.
    folds : int or None
        Number of folds in which labels would be evaluated; None: the table's own split, else 5.
    quick : bool
        Read the labels only, without the images.
    progress : bool
        Show progress bars on stderr if it is a terminal.
    **reading
        How to read a label table, see `catnocat.benchmarks.load_dataset`.

    Returns
    -------
    dict
        ``findings`` (problems, see `collect_findings`), ``dataset`` (name, source, numbers),
        ``labels`` (one entry per label, with sample images), ``label_sets`` (the most frequent),
        ``labels_per_image``, ``too_rare`` (names), and, unless quick, ``unreadable``,
        ``identical``, ``versions`` and ``flat_images``.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With a message of one line.
    """
    table = load_dataset(
        dataset, format=format, data=data, n_jobs=n_jobs, progress=progress, **reading
    )
    report = _describe(table, folds)
    if not quick:
        report |= _inspect_images(
            table,
            folds,
            n_jobs,
            progress,
            backbone=backbone,
            weights=weights,
            views=views,
            store=store,
        )
    return {"findings": collect_findings(report, str(dataset))} | report


def _inspect_images(
    table: LabelTable, folds: int | None, n_jobs: int, progress: bool, **features: Any
) -> dict[str, Any]:
    if table.X is not None:
        X, readable = table.X, table
        digests: Sequence[str | None] = content_digests(table.X)
        report: dict[str, Any] = {"unreadable": []} | _identical(table, digests)
    else:
        with progress_bar("features") if progress else nullcontext() as bar:
            extraction = extract_features(
                table.paths, progress=bar, bit_depth=table.bit_depth, **features
            )
        X, readable = extraction.X, table.take(extraction.readable)
        digests = [digest for digest in extraction.digests if digest is not None]
        report = {"unreadable": _unreadable(table, extraction)}
        report |= _identical(table, extraction.digests)
    if folds is not None:
        readable = replace(readable, split=None)
    versions = find_versions(readable, X, digests, n_jobs=n_jobs)
    return report | {
        "versions": describe_versions(versions, readable)
        | {"pairs": _pairs(readable, versions, digests)},
        "flat_images": find_flat_images(readable),
    }


def _describe(table: LabelTable, folds: int | None) -> dict[str, Any]:
    sizes = table.Y.sum(axis=1)
    sets = Counter(tuple(np.flatnonzero(row).tolist()) for row in table.Y)
    judgeable = scorable_labels(table, folds)
    split = None if table.split is None else Counter(table.split.tolist())
    return {
        "dataset": {
            "name": table.name,
            "source": table.source,
            "images": table.n_images,
            "labels": table.n_labels,
            "cardinality": round(table.cardinality, 4),
            "density": round(table.cardinality / max(table.n_labels, 1), 4),
            "without_label": int((sizes == 0).sum()),
            "unknown_answers": int((~table.known).sum()),
            "label_sets": len(sets),
            "split": None if split is None else dict(sorted(split.items(), reverse=True)),
            "groups": None if table.group is None else len(np.unique(table.group)),
            "objects": None if table.counts is None else int(table.counts.sum()),
            "features": None if table.X is None else int(table.X.shape[1]),
            "notes": list(table.notes),
            "files_left_out": unused_files(table.source),
        },
        "labels": [_label(table, j, bool(judgeable[j])) for j in range(table.n_labels)],
        "labels_per_image": {
            str(size): count for size, count in sorted(Counter(sizes.tolist()).items())
        },
        "label_sets": [
            {"labels": [table.labels[j] for j in members], "images": count}
            for members, count in sets.most_common(_MOST_SETS)
        ],
        "too_rare": [
            label for label, enough in zip(table.labels, judgeable, strict=True) if not enough
        ],
    }


def _label(table: LabelTable, j: int, judgeable: bool) -> dict[str, Any]:
    positive = table.Y[:, j] == 1
    entry: dict[str, Any] = {
        "name": table.labels[j],
        "images": int(positive.sum()),
        "prevalence": round(float(table.prevalence[j]), 5),
        "unknown": int((~table.known[:, j]).sum()),
        "judgeable": judgeable,
        "samples": _samples(table, np.flatnonzero(positive)),
    }
    if table.split is not None:
        entry |= {part: int(positive[table.split == part].sum()) for part in ("train", "test")}
    if table.counts is not None:
        entry["objects"] = int(table.counts[:, j].sum())
    return entry


def _samples(table: LabelTable, rows: NDArray[np.intp]) -> list[dict[str, Any]]:
    """Return some images of a label, spread evenly over the table."""
    if table.X is not None or not len(rows):
        return []
    places = np.unique(np.linspace(0, len(rows) - 1, min(_SAMPLES, len(rows))).astype(int))
    return [{"image": table.images[row], "path": table.paths[row]} for row in rows[places].tolist()]


def _unreadable(table: LabelTable, extraction: Extraction) -> list[dict[str, str]]:
    rows = np.flatnonzero(~extraction.readable)
    return [
        {"image": table.images[row], "where": table.where(row), "reason": reason}
        for row, (_, reason) in zip(rows, extraction.skipped, strict=True)
    ]


def _identical(table: LabelTable, digests: Sequence[str | None]) -> dict[str, Any]:
    groups = identical_groups(digests)
    across = [] if table.split is None else [g for g in groups if _is_across(table.split[g])]
    shown = sorted(groups, key=lambda group: group not in across)
    return {
        "identical": {
            "copies": sum(len(group) - 1 for group in groups),
            "groups_across_splits": len(across),
            "groups_with_other_labels": sum(not _same_labels(table, group) for group in groups),
            "groups": [[_row(table, row) for row in group] for group in shown],
        }
    }


def _pairs(
    table: LabelTable, versions: Versions, digests: Sequence[str | None]
) -> list[dict[str, Any]]:
    """Describe linked images of different bytes, those across the split first."""
    links = [link for link in versions.links if digests[link.first] != digests[link.second]]
    if table.split is not None:
        split = table.split
        links.sort(key=lambda link: bool(split[link.first] == split[link.second]))
    return [
        {
            "images": [_row(table, link.first), _row(table, link.second)],
            "signal": link.signal,
            "score": link.score,
        }
        for link in links
    ]


def _row(table: LabelTable, row: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "image": table.images[row],
        "path": table.paths[row],
        "labels": [table.labels[j] for j in np.flatnonzero(table.Y[row])],
    }
    return entry if table.split is None else entry | {"split": str(table.split[row])}


def _is_across(split: NDArray[np.str_]) -> bool:
    return len(set(split.tolist())) > 1


def _same_labels(table: LabelTable, group: list[int]) -> bool:
    return len(np.unique(table.Y[group], axis=0)) == 1
