"""From a data set to its comparison: the one call behind `catnocat bench`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .analysis import (
    ScoredPredictions,
    accuracy_by_label_count,
    build_method_entries,
    compare_with_baseline,
    derive_verdicts,
    describe_test_labels,
    find_best,
    find_cautions,
    find_confident_errors,
    measure_cost,
    recommend,
    resample_results,
    run_further_analyses,
    time_features,
    worth_timing,
)
from .data import (
    load_dataset,
    load_regions,
    load_vectors,
    sample_rows,
    scorable_labels,
    with_min_positives,
)
from .data.formats import unused_files
from .data.tables import LabelTable
from .evaluation import NAME as VISSL_NAME
from .evaluation import (
    BenchOptions,
    Fold,
    MethodResult,
    compare,
    constant_baseline,
    describe,
    handle_leakage,
    named_precisions,
    outer_folds,
    planned_test_rows,
    run_zero_shot,
    scored_rows,
    test_to_train,
    vissl_result,
)
from .evaluation.detectors import read_external_predictions
from .evaluation.methods import select_methods
from .report import write_reports
from .report.text import answer, details
from .utils import (
    create_output_folder,
    show_progress,
    translate_write_errors,
    use_scheduler,
    write_json,
)


def bench(
    dataset: str | Path = "menagerie",
    *,
    out: str | Path | None = None,
    progress: bool = False,
    on_scored: Callable[[ScoredPredictions], Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Compare multi-label classifiers on frozen features of a data set's pictures.

    Parameters
    ----------
    dataset : str or Path
        A name or a path, see `load_dataset`.
    out : path or None
        Folder for `results.json`, `report.html` and `report.md`; None writes nothing.
    progress : bool
        Tell on stderr how far it is, if that is a terminal.
    on_scored : callable or None
        Called with the figures of all methods on all resamples, which are not part of the results.
    **options
        Those of `catnocat.benchmarks.evaluation.BenchOptions`: ``methods``, ``views``, ``folds``,
        ``seed`` and so on.

    Returns
    -------
    dict
        The content of `results.json`.

    Raises
    ------
    InputError, catnocat.features.FeatureError
        With one line for the person who asked.
    """
    asked = BenchOptions(**options)
    folder = create_output_folder(out)
    results = _compare(dataset, asked, progress, on_scored)
    if folder is not None:
        with show_progress("report", show=progress), translate_write_errors(folder):
            write_json(folder / "results.json", results)
            write_reports(results, folder)
    return results


def _compare(
    dataset: str | Path,
    asked: BenchOptions,
    progress: bool,
    on_scored: Callable[[ScoredPredictions], Any] | None = None,
) -> dict[str, Any]:
    """Give the content of `results.json`."""
    folds, seed, n_jobs = asked.folds, asked.seed, asked.n_jobs
    engine = {key: asked.features[key] for key in ("store", "engine", "precision", "scheduler")}
    selected = select_methods(asked.methods)
    taken = [method.name for method in selected]
    external = read_external_predictions(
        asked.detections, asked.detection_names, [*taken, VISSL_NAME]
    )
    table = load_dataset(
        dataset,
        format=asked.format,
        data=asked.data,
        n_jobs=n_jobs,
        progress=progress,
        needs_split=folds is None,
        **asked.reading(),
    )
    if asked.min_positives:
        table = with_min_positives(table, asked.min_positives)
    if asked.limit is not None and asked.limit < table.n_images:
        table = table.take(sample_rows(table, asked.limit, seed))
    aligned = [one.align(table, planned_test_rows(table, folds)) for one in external]
    vectors = load_vectors(table, **asked.features, progress=progress)
    with show_progress("versions", show=progress):
        vectors, leakage, copies = handle_leakage(vectors, asked, str(dataset))
    X, table = vectors.X, vectors.table
    averaged = scorable_labels(table, folds)
    regions = None
    if any(method.features == "regions" for method in selected):
        regions = load_regions(table, n_jobs=n_jobs, **asked.features, progress=progress)
    split = outer_folds(table, folds, seed, asked.repeats)
    with show_progress("methods", show=progress) as tell, use_scheduler(asked.scheduler):
        method_results = compare(
            X, table, selected, split, regions=regions, seed=seed, n_jobs=n_jobs, progress=tell
        )
    if asked.protocol == "vissl":
        method_results.append(vissl_result(X, table, split, n_jobs=n_jobs))
    method_results += [one.method_result(table, split) for one in aligned]
    rankings: list[MethodResult] = []  # similarities decide nothing, so they are only scored
    for name in asked.zero_shot:
        model = run_zero_shot(table, name, prompts=asked.prompts, progress=progress, **engine)
        ranking, *others = model.method_results(table, split, seed=seed, n_jobs=n_jobs)
        rankings.append(ranking)
        method_results += others
    rows = scored_rows(split)
    judged = table.take(rows)
    # The baseline is scored like a method, but it is not compared with any.
    measured = [*method_results, *rankings, constant_baseline(table, split)]
    with show_progress("intervals", show=progress):
        said = resample_results(
            measured,
            judged,
            averaged=averaged,
            folds=split,
            test_to_train=test_to_train(split),
            seed=seed,
            n_jobs=n_jobs,
        )
    if on_scored is not None:
        on_scored(said)
    entries = build_method_entries(measured, said)
    own_entries = [
        entry
        for method_result, entry in zip(measured, entries, strict=True)
        if not method_result.method.external and method_result.method.kind != "baseline"
    ]
    best = find_best(own_entries, said.resampled)
    baseline = compare_with_baseline(entries, best, said.resampled)
    results: dict[str, Any] = {
        "dataset": _describe_table(table) | {"test_labels": describe_test_labels(table, rows)},
        "recipe": vectors.recipe,
        "extraction": vectors.extraction,
        "protocol": _describe_protocol(table, asked, split, averaged),
        "methods": entries,
        "best": best,
        "baseline": baseline,
        "subset_accuracy_by_label_count": accuracy_by_label_count(method_results, judged),
        "mistakes": find_confident_errors(method_results, judged),
        "skipped_images": vectors.skipped,
        "leakage": leakage,
        "dropped_duplicates": copies,
        "detectors": [one.describe() for one in aligned],
        "average_precisions": named_precisions(method_results, judged, averaged)
        if asked.protocol == "vissl"
        else None,
    }
    results["verdicts"] = _verdicts(results, table)
    results |= run_further_analyses(
        method_results, entries, X, table, split, asked, progress=progress
    )
    with show_progress("costs", show=progress):
        results["cost"] = {"features": time_features(table, asked)}
        results["recommended"] = recommend(results)
        results["cost"] |= measure_cost(method_results, worth_timing(results), X, table, seed=seed)
    results["answer"] = answer(results)
    results["details"] = details(results)
    results["command"] = asked.command(dataset)
    results["next_command"] = _next_command(results, dataset, asked)
    return results


def _verdicts(results: dict[str, Any], table: LabelTable) -> dict[str, Any]:
    """Derive the verdict codes and the cautions about the test set."""
    dataset, protocol = results["dataset"], results["protocol"]
    left_out = protocol["labels_not_averaged"]
    positives = (table.Y & table.known).sum(axis=0).tolist()
    return derive_verdicts(
        results["methods"], results["best"], results["baseline"], n_labels=table.n_labels
    ) | {
        "cautions": find_cautions(
            dataset["test_labels"],
            test_images=protocol["images_judged"],
            images=table.n_images,
            averaged=[label for label in table.labels if label not in left_out],
            positives=dict(zip(table.labels, positives, strict=True)),
        )
    }


def _next_command(results: dict[str, Any], dataset: str | Path, asked: BenchOptions) -> str:
    """Return what to type next: fit the recommended method, or look at the data."""
    recommended = list(results["recommended"].values())
    if not recommended:
        return asked.data_command(dataset)
    return asked.fit_command(dataset, recommended[0]["take"])


def _describe_protocol(
    table: LabelTable, asked: BenchOptions, split: Sequence[Fold], averaged: NDArray[np.bool_]
) -> dict[str, Any]:
    return describe(table, asked.folds, asked.seed, asked.repeats) | {
        "images_trained_on": int(np.mean([len(fold.train) for fold in split])),
        "images_judged": len(np.unique(scored_rows(split))),
        "labels_not_learned": _not_learned(table, split),
        "labels_not_averaged": [
            label for label, enough in zip(table.labels, averaged, strict=True) if not enough
        ],
    }


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
        "notes": list(table.notes),
        "files_left_out": unused_files(table.source),
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
