"""What is in a data set, as a plain dictionary that the terminal, the page and JSON render."""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...features import Extraction, extract_features, progress_bar
from ..datasets import load_dataset
from ..sampling import judgeable_labels
from ..tables import LabelTable
from .duplicates import NEAR, content_digests, identical_groups, nearest_pairs

_MOST_SETS = 20


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
    near: float = NEAR,
    quick: bool = False,
    n_jobs: int = -1,
    progress: bool = False,
    **reading: Any,
) -> dict[str, Any]:
    """Describe a data set and find what is wrong with it.

    Parameters
    ----------
    dataset, format, data, n_jobs
        See `catnocat.benchmarks.load_dataset`.
    store, backbone, weights, views
        What the features are; see `catnocat.features.extract_features`.
    folds : int or None
        The folds in which the labels would be judged; None: the table's own split, else 5.
    near : float
        Least cosine of the features of pictures that are shown as nearly the same.
    quick : bool
        Read the labels only, and no picture.
    progress : bool
        Tell on stderr how far it is, if that is a terminal.
    **reading
        How a label table is read, see `catnocat.benchmarks.load_dataset`.

    Returns
    -------
    dict
        ``dataset`` (name, source, numbers), ``labels`` (one entry per label), ``label_sets`` (the
        most frequent), ``labels_per_image``, ``too_rare`` (names), and, unless quick,
        ``unreadable``, ``identical`` and ``near``.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    table = load_dataset(
        dataset, format=format, data=data, n_jobs=n_jobs, progress=progress, **reading
    )
    told = _describe(table, folds)
    if quick:
        return told
    if table.X is not None:
        digests: Sequence[str | None] = content_digests(table.X)
        return told | {"unreadable": [], "near": None} | _identical(table, digests)
    with progress_bar("features") if progress else nullcontext() as bar:
        extraction = extract_features(
            table.paths,
            backbone=backbone,
            weights=weights,
            views=views,
            store=store,
            progress=bar,
        )
    return (
        told
        | {"unreadable": _unreadable(table, extraction)}
        | _identical(table, extraction.digests)
        | {"near": _near(table, extraction, near)}
    )


def _describe(table: LabelTable, folds: int | None) -> dict[str, Any]:
    sizes = table.Y.sum(axis=1)
    sets = Counter(tuple(np.flatnonzero(row).tolist()) for row in table.Y)
    judgeable = judgeable_labels(table, folds)
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
    told: dict[str, Any] = {
        "name": table.labels[j],
        "images": int(positive.sum()),
        "prevalence": round(float(table.prevalence[j]), 5),
        "unknown": int((~table.known[:, j]).sum()),
        "judgeable": judgeable,
    }
    if table.split is not None:
        told |= {part: int(positive[table.split == part].sum()) for part in ("train", "test")}
    if table.counts is not None:
        told["objects"] = int(table.counts[:, j].sum())
    return told


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


def _near(table: LabelTable, extraction: Extraction, near: float) -> dict[str, Any]:
    rows = np.flatnonzero(extraction.readable)
    split = None if table.split is None else table.split[rows]
    digests = extraction.digests
    pairs = [
        (int(rows[pair.first]), int(rows[pair.second]), pair.cosine)
        for pair in nearest_pairs(extraction.X, split, near)
    ]
    return {
        "threshold": near,
        "across_splits": split is not None,
        "pairs": [
            {"images": [_row(table, a), _row(table, b)], "cosine": round(cosine, 4)}
            for a, b, cosine in pairs
            if digests[a] != digests[b]
        ],
    }


def _row(table: LabelTable, row: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "image": table.images[row],
        "path": table.paths[row],
        "labels": [table.labels[j] for j in np.flatnonzero(table.Y[row])],
    }
    return told if table.split is None else told | {"split": str(table.split[row])}


def _is_across(split: NDArray[np.str_]) -> bool:
    return len(set(split.tolist())) > 1


def _same_labels(table: LabelTable, group: list[int]) -> bool:
    return len(np.unique(table.Y[group], axis=0)) == 1
