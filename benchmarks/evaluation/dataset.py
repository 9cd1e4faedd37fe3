"""The first two steps of a comparison: load a data set, evaluate every method on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import (
    DataLike,
    Regions,
    load_dataset,
    load_regions,
    load_vectors,
    sample_rows,
    scorable_labels,
    table_in_memory,
    with_min_positives,
)
from ..data.tables import LabelTable
from ..options import BenchOptions
from ..utils import show_progress, use_scheduler
from .constant_baseline import constant_baseline
from .cross_validation import (
    MethodResult,
    PooledPredictions,
    compare,
    pool_predictions,
    scored_rows,
)
from .detectors.external_predictions import AlignedPredictions, read_external_predictions
from .leakage import handle_leakage
from .methods import Method, is_selectable, select_methods
from .splits import Fold, outer_folds, planned_test_rows
from .vissl import VISSL_METHOD, evaluate_vissl
from .zero_shot import run_zero_shot


@dataclass(frozen=True)
class Dataset:
    """Everything that the methods are fitted to and scored on.

    Attributes
    ----------
    name : str
        Name or path, as on the command line; of data in memory the kind.
    has_path : bool
        False for data in memory, which no command can read.
    table : LabelTable
        The readable images and their labels.
    X : array, shape (n_images, n_features)
        Feature vectors, one row for each row of `table`.
    regions : Regions or None
        Feature vectors of image regions, if a method uses them.
    folds : list of Fold
        Training and test rows of each fold.
    averaged : array of bool, shape (n_labels,)
        Labels that are frequent enough for macro averages.
    methods : list of Method
        Methods to fit.
    detectors : list of AlignedPredictions
        Predictions of detectors, to be scored next to the methods.
    recipe, extraction : dict
        Description of the features and of their extraction.
    skipped : list of dict
        Images that could not be read.
    leakage : dict
        Versions of one image among training and test images.
    dropped_duplicates : list of dict or None
        Images left out as duplicates; None if that was not requested.
    """

    name: str
    has_path: bool
    table: LabelTable
    X: NDArray[np.float32]
    regions: Regions | None
    folds: list[Fold]
    averaged: NDArray[np.bool_]
    methods: list[Method]
    detectors: list[AlignedPredictions]
    recipe: dict[str, Any]
    extraction: dict[str, Any]
    skipped: list[dict[str, str]]
    leakage: dict[str, Any]
    dropped_duplicates: list[dict[str, Any]] | None

    @cached_property
    def test_rows(self) -> NDArray[np.intp]:
        """Rows of `table` that are tested, fold after fold."""
        return scored_rows(self.folds)

    @cached_property
    def test_table(self) -> LabelTable:
        """Test images in the order of `test_rows`."""
        return self.table.take(self.test_rows)


@dataclass(frozen=True)
class CrossValidatedPredictions:
    """Predictions of every method for the test images of all folds.

    Attributes
    ----------
    methods : list of MethodResult
        Methods, then detectors and zero-shot models.
    baseline : MethodResult
        The constant baseline. It is scored like a method but compared with none.
    rankings : list of MethodResult
        Similarities of zero-shot models, which rank images but predict no labels. They are scored
        like methods, but are in no further analysis.
    """

    methods: list[MethodResult]
    baseline: MethodResult
    rankings: list[MethodResult]

    @property
    def scored(self) -> list[MethodResult]:
        """All methods, the rankings and the baseline."""
        return [*self.methods, *self.rankings, self.baseline]

    @property
    def candidates(self) -> list[MethodResult]:
        """Methods that can be the best and be recommended, see `is_selectable`."""
        compared = [result.method for result in self.methods]
        return [result for result in self.methods if is_selectable(result.method, compared)]

    def pooled(self, dataset: Dataset) -> PooledPredictions:
        """Return the mean probabilities of each test image over the folds that test it."""
        return pool_predictions(self.methods, dataset.table, dataset.folds)


def load(dataset: DataLike, config: BenchOptions, *, progress: bool = False) -> Dataset:
    """Read a data set, extract its features, and divide it into folds.

    Parameters
    ----------
    dataset : str, path, LabelTable, DataFrame or pair (X, Y)
        See `catnocat.benchmarks.bench`.
    config : BenchOptions
    progress : bool
        Show progress bars.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError, catnocat.features.FeatureError
        In one line: what is wrong, where, and what to do.
    """
    methods = select_methods(config.methods)
    names = [*(method.name for method in methods), VISSL_METHOD]
    detectors = read_external_predictions(config.detections, config.detection_names, names)
    table = _read_table(dataset, config, progress)
    aligned = [
        detector.align(table, planned_test_rows(table, config.folds)) for detector in detectors
    ]
    vectors = load_vectors(table, **config.features, progress=progress)
    name = str(dataset) if isinstance(dataset, str | Path) else table.name
    with show_progress("versions", show=progress):
        vectors, leakage, dropped = handle_leakage(vectors, config, name)
    table = vectors.table
    averaged = scorable_labels(table, config.folds)
    regions = None
    if any(method.features == "regions" for method in methods):
        regions = load_regions(table, n_jobs=config.n_jobs, **config.features, progress=progress)
    return Dataset(
        name=name,
        has_path=isinstance(dataset, str | Path),
        table=table,
        X=vectors.X,
        regions=regions,
        folds=outer_folds(table, config.folds, config.seed, config.repeats),
        averaged=averaged,
        methods=methods,
        detectors=aligned,
        recipe=vectors.recipe,
        extraction=vectors.extraction,
        skipped=vectors.skipped,
        leakage=leakage,
        dropped_duplicates=dropped,
    )


def evaluate(
    dataset: Dataset, config: BenchOptions, *, progress: bool = False
) -> CrossValidatedPredictions:
    """Fit every method in every fold and predict the test images.

    A method that fails is reported with its reason; the others are evaluated all the same.

    Parameters
    ----------
    dataset : Dataset
    config : BenchOptions
    progress : bool
        Show progress bars.
    """
    table, folds = dataset.table, dataset.folds
    features = {name: config.features[name] for name in ("store", "engine", "precision")}
    zero_shot = [  # first, because it checks the prompts
        run_zero_shot(
            table,
            name,
            prompts=config.prompts,
            progress=progress,
            scheduler=config.scheduler,
            **features,
        )
        for name in config.zero_shot
    ]
    with (
        show_progress("methods", show=progress) as report_progress,
        use_scheduler(config.scheduler),
    ):
        results = compare(
            dataset.X,
            table,
            dataset.methods,
            folds,
            regions=dataset.regions,
            seed=config.seed,
            n_jobs=config.n_jobs,
            progress=report_progress,
        )
    if config.protocol == "vissl":
        results.append(evaluate_vissl(dataset.X, table, folds, n_jobs=config.n_jobs))
    results += [detector.method_result(table, folds) for detector in dataset.detectors]
    rankings = []
    for model in zero_shot:
        ranking, *others = model.method_results(
            table, folds, seed=config.seed, n_jobs=config.n_jobs
        )
        rankings.append(ranking)
        results += others
    return CrossValidatedPredictions(results, constant_baseline(table, folds), rankings)


def labels_not_learned(table: LabelTable, folds: Sequence[Fold]) -> list[str]:
    """Return the labels without a positive, or a negative, training image in some fold."""
    constant = np.zeros(table.n_labels, dtype=bool)
    for fold in folds:
        part = table.take(fold.train)
        constant |= ~part.Y.any(axis=0) | ~(part.known & (part.Y == 0)).any(axis=0)
    return [label for label, is_constant in zip(table.labels, constant, strict=True) if is_constant]


def _read_table(dataset: DataLike, config: BenchOptions, progress: bool) -> LabelTable:
    in_memory = table_in_memory(dataset, config, needs_split=config.folds is None)
    if in_memory is not None:
        table = in_memory
    else:
        table = load_dataset(
            str(dataset),
            format=config.format,
            data=config.data,
            n_jobs=config.n_jobs,
            progress=progress,
            needs_split=config.folds is None,
            **config.reading(),
        )
    if config.min_positives:
        table = with_min_positives(table, config.min_positives)
    if config.limit is not None and config.limit < table.n_images:
        table = table.take(sample_rows(table, config.limit, config.seed))
    return table
