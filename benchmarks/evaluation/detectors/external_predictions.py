"""Results of a detector as an entry of the comparison."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ...data.tables import LabelTable, shown
from ...utils import InputError
from ..cross_validation import MethodResult, scored_rows
from ..methods import Method
from ..model_selection import SearchResult
from ..splits import Fold
from ..thresholding import apply_thresholds, choose_set_rule, choose_thresholds
from .coco_results import (
    Identifier,
    match_categories,
    match_image_ids,
    read_best_scores,
    read_category_names,
)


@dataclass(frozen=True)
class AlignedPredictions:
    """Scores of a detector for the images of a table.

    Attributes
    ----------
    name : str
    file : Path
    metadata : dict
        As in `ExternalPredictions`.
    images : tuple of str
        Images of the table.
    scores : array, shape (n_images, n_labels)
    detected : array of bool, shape (n_images,)
        Whether the image has any detection.
    mismatches : dict
        Images, categories and labels without a match.
    """

    name: str
    file: Path
    metadata: dict[str, Any]
    images: tuple[str, ...]
    scores: NDArray[np.float64]
    detected: NDArray[np.bool_]
    mismatches: dict[str, Any]

    def method_result(self, table: LabelTable, folds: Sequence[Fold]) -> MethodResult:
        """Return the predictions for the test images in the form of a fitted method.

        Thresholds are chosen on the training images of each fold, as for other methods. If most of
        these have no detection, because the detector was run on the test images only, the threshold
        is 0.5.

        Parameters
        ----------
        table : LabelTable
            Images of the table to which the predictions were aligned.
        folds : sequence of Fold
        """
        row_of = {image: row for row, image in enumerate(self.images)}
        table_rows = np.array([row_of[image] for image in table.images])
        scores, detected = self.scores[table_rows], self.detected[table_rows]
        predictions, rules = [], []
        for fold in folds:
            train = fold.train[detected[fold.train]]
            if 2 * len(train) < len(fold.train):
                train = train[:0]
            search = SearchResult({}, scores[train], table.known[train])
            thresholds = choose_thresholds(search, table.Y[train])
            rules.append(choose_set_rule(search, thresholds, table.Y[train], table.known[train]))
            predictions.append(apply_thresholds(scores[fold.test], thresholds, rule=rules[-1]))
        rows = scored_rows(folds)
        ms_per_image = self.metadata.get("ms_per_image")
        return MethodResult(
            Method(
                self.name,
                "independent",
                _raise_unfittable,
                f"best detection of each label, from {self.file.name}",
                "detector",
                external=True,
            ),
            rows,
            scores[rows],
            {aim: np.concatenate([part[aim] for part in predictions]) for aim in predictions[0]},
            set_rules=rules,
            choose_seconds=np.nan,
            fit_seconds=np.nan,
            predict_seconds=np.nan if ms_per_image is None else ms_per_image * len(rows) / 1000,
            choose_cpu_seconds=np.nan,
            fit_cpu_seconds=np.nan,
            predict_cpu_seconds=np.nan,
        )

    def describe(self) -> dict[str, Any]:
        """Return the source of the detections and the mismatches, for `results.json`."""
        return {
            "name": self.name,
            "file": str(self.file),
            "detector": self.metadata.get("detector"),
            "ms_per_image": self.metadata.get("ms_per_image"),
        } | self.mismatches


def _raise_unfittable(seed: int) -> BaseEstimator:
    raise InputError("the predictions of a detector come from its file; it cannot be fitted")


METADATA_SUFFIX = ".about.json"
"""Replaces ``.json`` in the name of the file with the metadata of the detections."""


@dataclass(frozen=True)
class ExternalPredictions:
    """Best scores of a detector by image and category.

    Attributes
    ----------
    name : str
        Name of the entry in the comparison.
    file : Path
    best : dict
        Maps image to category to the score of the best detection.
    names : dict
        Names of the categories, as far as they are known.
    metadata : dict
        Content of the metadata file: "detector", "ms_per_image" and more.
    """

    name: str
    file: Path
    best: dict[Identifier, dict[Identifier, float]]
    names: dict[Identifier, str]
    metadata: dict[str, Any]

    def align(self, table: LabelTable, rows: NDArray[np.intp]) -> AlignedPredictions:
        """Score each label of each image by its best detection; 0 without a detection.

        Parameters
        ----------
        table : LabelTable
        rows : array of int
            Rows of the test images.

        Raises
        ------
        InputError
            If no test image, or no category, matches the table.
        """
        categories = dict.fromkeys(c for scores in self.best.values() for c in scores)
        columns = match_categories([*categories, *self.names], self.names, table)
        image_rows = match_image_ids(self.best, table, rows)
        self._check_matches(table, rows, categories, columns, image_rows)
        scores = np.zeros((table.n_images, table.n_labels))
        for image, row in image_rows.items():
            for category, score in self.best[image].items():
                if (column := columns.get(category)) is not None:
                    scores[row, column] = max(scores[row, column], score)
        detected = np.zeros(table.n_images, dtype=np.bool_)
        detected[list(image_rows.values())] = True
        matched_labels = set(columns.values())
        return AlignedPredictions(
            self.name,
            self.file,
            self.metadata,
            table.images,
            scores,
            detected,
            {
                "images_without_detection": int((~detected[rows]).sum()),
                "images_unknown": len(self.best) - len(image_rows),
                "categories_without_label": [
                    str(self.names.get(category, category))
                    for category in categories
                    if category not in columns
                ],
                "labels_without_category": [
                    label for j, label in enumerate(table.labels) if j not in matched_labels
                ],
            },
        )

    def _check_matches(
        self,
        table: LabelTable,
        rows: NDArray[np.intp],
        categories: dict[Identifier, None],
        columns: dict[Identifier, int],
        image_rows: dict[Identifier, int],
    ) -> None:
        if not np.isin(rows, list(image_rows.values())).any():
            raise InputError(
                f"{self.file}: none of its {len(self.best)} images ({_abbreviate(self.best)}) is a"
                f" test image; {table.source} has {_abbreviate(table.images[i] for i in rows)};"
                " image_id must be the id of the image or its file name"
            )
        if not columns:
            names = [self.names.get(category, category) for category in categories]
            raise InputError(
                f"{self.file}: none of its {len(categories)} categories ({_abbreviate(names)}) is a"
                f" label of {table.source} ({_abbreviate(table.labels)}); name the categories with"
                " --detection-names FILE"
            )


def read_external_predictions(
    detections: Sequence[str | Path], names: str | Path | None, reserved: Sequence[str] = ()
) -> list[ExternalPredictions]:
    """Read files of detections.

    Parameters
    ----------
    detections : sequence of str or Path
        Each is ``FILE`` or ``NAME=FILE``. The default name is that of the detector, or else of the
        file.
    names : path or None
        File with the names of the categories, see `read_category_names`.
    reserved : sequence of str
        Names of other methods.

    Raises
    ------
    InputError
        If a file is invalid or two entries would have the same name.
    """
    given_names = {} if names is None else read_category_names(Path(names))
    predictions: list[ExternalPredictions] = []
    for argument in map(str, detections):
        name, file = _split_name(argument)
        metadata = _read_metadata(file)
        name = name or str(metadata.get("detector") or file.stem)
        if name in [*reserved, *(entry.name for entry in predictions)]:
            raise InputError(
                f"--detections {argument}: another method has the name {name!r}; write"
                f" OTHERNAME={file}"
            )
        categories = metadata.get("categories") or {}
        file_names: dict[Identifier, str] = {
            int(key): str(category) for key, category in categories.items() if str(key).isdigit()
        }
        predictions.append(
            ExternalPredictions(
                name, file, read_best_scores(file), file_names | given_names, metadata
            )
        )
    return predictions


def _split_name(argument: str) -> tuple[str, Path]:
    name, equals, file = argument.partition("=")
    if equals and file and not Path(argument).exists():
        return name.strip(), Path(file)
    return "", Path(argument)


def _read_metadata(file: Path) -> dict[str, Any]:
    """Read the metadata file next to the detections; return {} if there is none."""
    path = file.with_suffix(METADATA_SUFFIX)
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    if not isinstance(metadata, dict):
        raise InputError(f"{path}: must be a JSON object")
    ms = metadata.get("ms_per_image")
    if not (ms is None or (isinstance(ms, int | float) and 0 <= ms < float("inf"))):
        raise InputError(f"{path}: ms_per_image is {shown(ms)}, not a time")
    if not isinstance(metadata.get("categories", {}), dict):
        raise InputError(f"{path}: categories must be an object from ids to names")
    return metadata


def _abbreviate(values: Any) -> str:
    texts = [str(value) for value, _ in zip(values, range(4), strict=False)]
    return ", ".join(texts[:3]) + (", ..." if len(texts) > 3 else "")
