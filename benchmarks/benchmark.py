"""From a data set to its comparison: the one call behind `catnocat bench`."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..features import progress_bar
from .answer import answer
from .closer_look import look_closer
from .comparison import compare, judged_rows
from .copies import without_copies
from .datasets import load_dataset
from .detections import read_rivals
from .errors import InputError
from .methods import select_methods
from .mistakes import gather_mistakes
from .output_files import write_json
from .protocol import DEFAULT_FOLDS, Fold, describe, outer_folds, rows_to_judge, test_to_train
from .regions import regions_of
from .report import write_reports
from .sampling import judgeable_labels, sample_rows, with_min_positives
from .tables import LabelTable
from .vectors import vectors_of
from .verdicts import with_statistics
from .vissl import NAME as VISSL_NAME
from .vissl import named_precisions, vissl_outcome
from .workers import workers


def bench(
    dataset: str | Path = "menagerie",
    *,
    format: str | None = None,
    data: str | Path | None = None,
    out: str | Path | None = None,
    store: str | Path | None = None,
    backbone: str = "efficientnet_lite0",
    weights: str | Path | None = None,
    views: str | Sequence[str] = "whole",
    methods: Sequence[str] = (),
    folds: int | None = None,
    repeats: int = 1,
    limit: int | None = None,
    min_positives: int = 0,
    drop_duplicates_across_splits: bool = False,
    protocol: str = "catnocat",
    detections: Sequence[str | Path] = (),
    detection_names: str | Path | None = None,
    seed: int = 0,
    n_jobs: int = -1,
    scheduler: str | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Compare multi-label classifiers on frozen features of a data set's pictures.

    Parameters
    ----------
    dataset : str or Path
        A name or a path, see `load_dataset`.
    format, data
        How a path is to be read and where the named data sets lie, see `load_dataset`.
    out : path or None
        Folder for `results.json`, `report.html` and `report.md`; None writes nothing.
    store : path or None
        Folder of the feature store; None takes the one in the user's cache.
    backbone, weights, views
        What the features are; see `catnocat.features.extract_features`.
    methods : sequence of str
        Names of methods; none takes the main four, ``("all",)`` every one.
    folds : int or None
        Cross-validate in so many folds; None takes the table's own split where there is one.
    repeats : int
        Cross-validate so many times, each in other folds; the intervals know that an image is
        judged more than once.
    limit : int or None
        Use at most so many images, drawn stratified.
    min_positives : int
        Leave out labels with fewer positive images than that.
    drop_duplicates_across_splits : bool
        Leave out training images that are judged images too, by their bytes or nearly, by their
        features; in folds, all but the first of those that are the same.
    protocol : {"catnocat", "vissl"}
        "vissl" also fits linear SVMs as publications on VOC 2007 do, and tells every method's AP
        in its three forms. See `docs/voc2007.md`.
    detections : sequence of str or Path
        Files of what detectors found, in COCO's form of results, each ``FILE`` or ``NAME=FILE``;
        each becomes an entry of the comparison. See `docs/detectors.md`.
    detection_names : path or None
        What the detectors' categories are called, see `catnocat.benchmarks.detections.read_names`.
    seed : int
    n_jobs : int
        Parallel processes; -1 for all cores.
    scheduler : str or None
        Address of a Dask scheduler whose workers extract the features and choose the parameters;
        only the timed fits are done here.
    progress : bool
        Tell on stderr how far it is, if that is a terminal.

    Returns
    -------
    dict
        The content of `results.json`.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    if n_jobs == 0:
        raise InputError("--jobs 0: nobody would do the work; give 1 or more, or -1 for all cores.")
    if repeats > 1 and folds is None:
        folds = DEFAULT_FOLDS  # there is but one way to take a table's own split
    selected = select_methods(methods)
    if protocol not in ("catnocat", "vissl"):
        raise InputError(f"--protocol {protocol}: unknown; known are catnocat and vissl")
    folder = _writable_folder(out)
    taken = [method.name for method in selected]
    rivals = read_rivals(detections, detection_names, [*taken, VISSL_NAME])

    table = load_dataset(dataset, format=format, data=data, n_jobs=n_jobs, progress=progress)
    if min_positives:
        table = with_min_positives(table, min_positives)
    if limit is not None and limit < table.n_images:
        table = table.take(sample_rows(table, limit, seed))
    placed = [rival.placed(table, rows_to_judge(table, folds)) for rival in rivals]
    asked: dict[str, Any] = {
        "backbone": backbone,
        "weights": weights,
        "views": views,
        "store": store,
        "scheduler": scheduler,
        "progress": progress,
    }
    vectors = vectors_of(table, **asked)
    copies = None
    if drop_duplicates_across_splits:
        vectors, copies = without_copies(vectors, folds)
    averaged = judgeable_labels(vectors.table, folds)
    regions = None
    if any(method.features == "regions" for method in selected):
        regions = regions_of(vectors.table, n_jobs=n_jobs, **asked)
    split = outer_folds(vectors.table, folds, seed, repeats)
    with progress_bar("methods", show=progress) as bar, workers(scheduler):
        outcomes = compare(
            vectors.X,
            vectors.table,
            selected,
            split,
            regions=regions,
            seed=seed,
            n_jobs=n_jobs,
            progress=bar,
        )
    if protocol == "vissl":
        outcomes.append(vissl_outcome(vectors.X, vectors.table, split, n_jobs=n_jobs))
    outcomes += [one.outcome(vectors.table, split) for one in placed]
    judged = vectors.table.take(judged_rows(split))
    results: dict[str, Any] = {
        "dataset": _describe_table(vectors.table),
        "recipe": vectors.recipe,
        "extraction": vectors.extraction,
        "protocol": describe(vectors.table, folds, seed, repeats)
        | {
            "images_trained_on": int(np.mean([len(fold.train) for fold in split])),
            "images_judged": len(np.unique(judged_rows(split))),
            "labels_not_learned": _not_learned(vectors.table, split),
            "labels_not_averaged": [
                label
                for label, enough in zip(vectors.table.labels, averaged, strict=True)
                if not enough
            ],
        },
        "methods": with_statistics(
            outcomes,
            judged,
            averaged=averaged,
            test_to_train=test_to_train(split),
            seed=seed,
            n_jobs=n_jobs,
        ),
        "mistakes": gather_mistakes(outcomes, judged),
        "skipped_images": vectors.skipped,
        "dropped_duplicates": copies,
        "detectors": [one.describe() for one in placed],
        "average_precisions": named_precisions(outcomes, judged, averaged)
        if protocol == "vissl"
        else None,
    }
    results |= look_closer(
        outcomes,
        results["methods"],
        vectors.X,
        vectors.table,
        split,
        seed=seed,
        n_jobs=n_jobs,
    )
    results["answer"] = answer(results)
    results["command"] = _command(
        dataset,
        {
            "backbone": backbone,
            "weights": weights,
            "views": views if isinstance(views, str) else ",".join(views),
            "methods": ",".join(methods),
            "folds": folds,
            "repeats": repeats if repeats > 1 else None,
            "limit": limit,
            "format": format,
            "data": data,
            "min-positives": min_positives or None,
            "drop-duplicates-across-splits": drop_duplicates_across_splits,
            "protocol": protocol if protocol != "catnocat" else None,
            "detections": [str(file) for file in detections],
            "detection-names": detection_names,
            "seed": seed,
        },
    )
    if folder is not None:
        write_json(folder / "results.json", results)
        write_reports(results, folder)
    return results


def _command(dataset: str | Path, options: dict[str, Any]) -> str:
    """Give the command line that repeats a comparison."""
    words = ["catnocat", "bench", str(dataset)]
    for name, value in options.items():
        if value is True:
            words.append(f"--{name}")
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, bool) and one not in (None, ""):
                words += [f"--{name}", str(one)]
    return shlex.join(words)


def _writable_folder(out: str | Path | None) -> Path | None:
    if out is None:
        return None
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written to ({error.strerror}).") from None
    return folder


def _not_learned(table: LabelTable, split: Sequence[Fold]) -> list[str]:
    """Name the labels that some training part holds no positive, or no negative, image of."""
    constant = np.zeros(table.n_labels, dtype=bool)
    for fold in split:
        part = table.take(fold.train)
        constant |= ~part.Y.any(axis=0) | ~(part.known & (part.Y == 0)).any(axis=0)
    return [label for label, flat in zip(table.labels, constant, strict=True) if flat]


def _describe_table(table: LabelTable) -> dict[str, Any]:
    counts = (table.Y & table.known).sum(axis=0)
    return {
        "name": table.name,
        "source": str(table.source),
        "images": table.n_images,
        "labels": list(table.labels),
        "cardinality": round(table.cardinality, 4),
        "credit": _credit(table.folder / "CREDITS.txt"),
        "label_sets": len(np.unique(np.packbits(table.Y, axis=1), axis=0)),
        "prevalence": {
            label: round(float(count) / table.n_images, 5)
            for label, count in zip(table.labels, counts, strict=True)
        },
    }


def _credit(paper: Path) -> str:
    """Give what must be said of a data set's makers wherever its pictures are shown."""
    try:
        return " ".join(paper.read_text(encoding="utf-8")[:2000].split())
    except (OSError, UnicodeDecodeError):
        return ""
