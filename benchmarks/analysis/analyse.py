"""Third step of a comparison: from the predictions to all figures and codes."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from ..data.formats import unused_files
from ..data.tables import LabelTable
from ..evaluation import (
    BenchOptions,
    CrossValidatedPredictions,
    Dataset,
    average_precision_variants,
    describe_protocol,
    labels_not_learned,
    relative_test_size,
)
from ..utils import limit_threads, show_progress
from .best_methods import PURPOSES, compare_with_baseline, find_best, find_reference
from .confident_errors import find_confident_errors
from .label_count import measure_crowding, score_interventions
from .label_dependence import measure_dependence
from .method_comparison import (
    ScoredPredictions,
    accuracy_by_label_count,
    build_method_entries,
    resample_results,
)
from .recommendation import recommend
from .results import Analysis, DatasetInfo, ProtocolInfo, Verdicts
from .timing import measure_cost, methods_to_time, time_features
from .verdicts import PurposeCode, derive_verdicts, describe_test_labels, find_cautions

MAX_CREDIT = 2000
"""Characters read of a data set's attribution."""


def analyse(
    dataset: Dataset,
    predictions: CrossValidatedPredictions,
    config: BenchOptions,
    *,
    progress: bool = False,
    on_scored: Callable[[ScoredPredictions], Any] | None = None,
) -> Analysis:
    """Compute all figures and codes of `results.json` from the predictions.

    Parameters
    ----------
    dataset : Dataset
    predictions : CrossValidatedPredictions
        Predictions of every method for the test images.
    config : BenchOptions
    progress : bool
        Show the current step.
    on_scored : callable, optional
        Called with the metrics of all methods on all resamples, which are not part of the results.
    """
    table, test_table = dataset.table, dataset.test_table
    parallel: dict[str, Any] = {"seed": config.seed, "n_jobs": config.n_jobs}
    with show_progress("intervals", show=progress):
        scored = resample_results(
            predictions.scored,
            test_table,
            averaged=dataset.averaged,
            folds=dataset.folds,
            relative_test_size=relative_test_size(dataset.folds),
            **parallel,
        )
        if on_scored is not None:
            on_scored(scored)
        entries = build_method_entries(predictions.scored, scored)
        by_name = {entry["name"]: entry for entry in entries}
        candidates = [by_name[result.method.name] for result in predictions.candidates]
        reference = find_reference(predictions.methods)
        best = find_best(candidates, scored.resampled)
        baseline = compare_with_baseline(entries, best, scored.resampled)
        headline, purposes = derive_verdicts(entries, best, baseline, n_labels=table.n_labels)
    protocol = _describe_protocol(dataset, config)
    description = _describe_table(dataset)
    interventions = None
    if config.crowding == "full":
        interventions = score_interventions(table, dataset.folds, config, progress=progress)
    pooled = predictions.pooled(dataset)
    n_values = dataset.X.size * table.n_labels
    with show_progress("dependence", show=progress), limit_threads(n_values):
        dependence = measure_dependence(
            pooled.table, pooled.scores.get(reference or ""), method=reference, **parallel
        )
    with show_progress("crowding", show=progress), limit_threads(n_values):
        crowding = measure_crowding(
            pooled,
            dataset.X,
            table,
            dataset.folds,
            reference=reference,
            best_joint=best[PURPOSES[0]]["joint"],
            interventions=interventions,
            **parallel,
        )
    with show_progress("costs", show=progress):
        feature_cost = time_features(table, config)
        recommended = recommend(
            entries,
            best,
            [key for key in PURPOSES if purposes[key]["code"] != PurposeCode.USELESS],
            n_train=protocol["train_images"],
            n_test=protocol["test_images"],
            cpu_ms_per_image=feature_cost["cpu_ms_per_image"] if feature_cost else 0.0,
        )
        with limit_threads(n_values):
            cost = measure_cost(
                predictions.methods,
                methods_to_time(entries, best, recommended),
                dataset.X,
                table,
                features=feature_cost,
                seed=config.seed,
            )
    average_precisions = None
    if config.protocol == "vissl":
        average_precisions = average_precision_variants(
            predictions.methods, test_table, dataset.averaged
        )
    verdicts = {
        "headline": headline,
        **purposes,
        "cautions": _cautions(description, protocol, table),
    }
    return {
        "dataset": description,
        "recipe": dataset.recipe,
        "extraction": cast(Any, dataset.extraction),
        "protocol": protocol,
        "methods": entries,
        "reference": reference,
        "best": best,
        "baseline": baseline,
        "verdicts": cast(Verdicts, verdicts),
        "recommended": recommended,
        "subset_accuracy_by_label_count": accuracy_by_label_count(predictions.methods, test_table),
        "confident_errors": find_confident_errors(predictions.methods, test_table, reference),
        "crowding": crowding,
        "dependence": dependence,
        "cost": cost,
        "skipped_images": cast(Any, dataset.skipped),
        "leakage": dataset.leakage,
        "dropped_duplicates": dataset.dropped_duplicates,
        "detectors": [detector.describe() for detector in dataset.detectors],
        "average_precisions": average_precisions,
    }


def _describe_table(dataset: Dataset) -> DatasetInfo:
    table = dataset.table
    counts = (table.Y & table.known).sum(axis=0)
    return {
        "name": table.name,
        "source": str(table.source),
        "images": table.n_images,
        "labels": list(table.labels),
        "cardinality": round(table.cardinality, 4),
        "credit": _read_credit(table) if dataset.has_path else "",
        "notes": list(table.notes),
        "files_left_out": unused_files(table.source) if dataset.has_path else {},
        "label_sets": len(np.unique(np.packbits(table.Y, axis=1), axis=0)),
        "prevalence": {
            label: round(float(count) / table.n_images, 5)
            for label, count in zip(table.labels, counts, strict=True)
        },
        "test_labels": describe_test_labels(table, dataset.test_rows),
    }


def _read_credit(table: LabelTable) -> str:
    """Return the attribution that must be shown with the images of a data set."""
    try:
        text = (table.folder / "CREDITS.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    return " ".join(text[:MAX_CREDIT].split())


def _describe_protocol(dataset: Dataset, config: BenchOptions) -> ProtocolInfo:
    table, folds = dataset.table, dataset.folds
    protocol = describe_protocol(table, config.folds, config.seed, config.repeats) | {
        "train_images": int(np.mean([len(fold.train) for fold in folds])),
        "test_images": len(np.unique(dataset.test_rows)),
        "labels_not_learned": labels_not_learned(table, folds),
        "labels_not_averaged": [
            label
            for label, frequent in zip(table.labels, dataset.averaged, strict=True)
            if not frequent
        ],
    }
    return cast(ProtocolInfo, protocol)


def _cautions(description: DatasetInfo, protocol: ProtocolInfo, table: LabelTable) -> Any:
    left_out = protocol["labels_not_averaged"]
    positives = (table.Y & table.known).sum(axis=0).tolist()
    return find_cautions(
        description["test_labels"],
        test_images=protocol["test_images"],
        images=table.n_images,
        averaged=[label for label in table.labels if label not in left_out],
        positives=dict(zip(table.labels, positives, strict=True)),
    )
