"""A detector's file as an entry of the comparison."""

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
from ..cross_validation import Outcome, judged_rows
from ..methods import Method
from ..model_selection import Choice
from ..splits import Fold
from ..thresholding import choose_set_rule, choose_thresholds, decide
from .category_matching import labels_of_categories, read_names
from .coco_results import Key, best_scores, rows_of_pictures


@dataclass(frozen=True)
class Placed:
    """What a rival says of the pictures of a table.

    Attributes
    ----------
    name : str
    file : Path
    about : dict
        As those of the rival.
    images : tuple of str
        The table's pictures.
    scores : array, shape (n_images, n_labels)
    detected : array of bool, shape (n_images,)
        Whether there is any detection.
    told : dict
        What did not fit.
    """

    name: str
    file: Path
    about: dict[str, Any]
    images: tuple[str, ...]
    scores: NDArray[np.float64]
    detected: NDArray[np.bool_]
    told: dict[str, Any]

    def outcome(self, table: LabelTable, folds: Sequence[Fold]) -> Outcome:
        """Answer for the judged pictures as a fitted method does.

        Thresholds are chosen on the training pictures of each fold, as those of other methods are;
        if most of these have no detection, since the detector was shown the judged pictures only,
        0.5 is a yes.

        Parameters
        ----------
        table : LabelTable
            Pictures of the table that this was placed in.
        folds : sequence of Fold
        """
        place = {image: row for row, image in enumerate(self.images)}
        at = np.array([place[image] for image in table.images])
        scores, detected = self.scores[at], self.detected[at]
        answers, rules = [], []
        for fold in folds:
            train = fold.train[detected[fold.train]]
            if 2 * len(train) < len(fold.train):
                train = train[:0]
            seen = Choice({}, scores[train], table.known[train])
            thresholds = choose_thresholds(seen, table.Y[train])
            rules.append(choose_set_rule(seen, thresholds, table.Y[train], table.known[train]))
            answers.append(decide(scores[fold.test], thresholds, rule=rules[-1]))
        rows = judged_rows(folds)
        cost = self.about.get("ms_per_image")
        return Outcome(
            Method(
                self.name,
                "independent",
                _cannot_be_fitted,
                f"the best detection of each label, from {self.file.name}",
                "detector",
                rival=True,
            ),
            rows,
            scores[rows],
            {aim: np.concatenate([part[aim] for part in answers]) for aim in answers[0]},
            set_rules=rules,
            choose_seconds=np.nan,
            fit_seconds=np.nan,
            predict_seconds=np.nan if cost is None else cost * len(rows) / 1000,
        )

    def describe(self) -> dict[str, Any]:
        """Tell for `results.json` where the detections come from and what did not fit."""
        return {
            "name": self.name,
            "file": str(self.file),
            "detector": self.about.get("detector"),
            "ms_per_image": self.about.get("ms_per_image"),
        } | self.told


def _cannot_be_fitted(seed: int) -> BaseEstimator:
    raise InputError("a detector's answers come from its file; it cannot be fitted here")


ABOUT = ".about.json"
"""What stands for ``.json`` in the name of the file that says how detections came about."""


@dataclass(frozen=True)
class Rival:
    """A detector: what it found, by picture and category.

    Attributes
    ----------
    name : str
        What the comparison calls it.
    file : Path
    best : dict
        From picture to category to the score of the best detection.
    names : dict
        What categories are called, as far as files say it.
    about : dict
        What the file beside the detections says: "detector", "ms_per_image" and more.
    """

    name: str
    file: Path
    best: dict[Key, dict[Key, float]]
    names: dict[Key, str]
    about: dict[str, Any]

    def placed(self, table: LabelTable, rows: NDArray[np.intp]) -> Placed:
        """Score each label of a picture by its best detection; 0 where there is none.

        Parameters
        ----------
        table : LabelTable
        rows : array of int
            The rows that are judged.

        Raises
        ------
        InputError
            If no judged picture, or no category, is one of the table's.
        """
        categories = dict.fromkeys(c for found in self.best.values() for c in found)
        columns = labels_of_categories([*categories, *self.names], self.names, table)
        places = rows_of_pictures(self.best, table, rows)
        self._check(table, rows, categories, columns, places)
        scores = np.zeros((table.n_images, table.n_labels))
        for picture, row in places.items():
            for category, score in self.best[picture].items():
                if (column := columns.get(category)) is not None:
                    scores[row, column] = max(scores[row, column], score)
        detected = np.zeros(table.n_images, dtype=np.bool_)
        detected[list(places.values())] = True
        shown_labels = set(columns.values())
        return Placed(
            self.name,
            self.file,
            self.about,
            table.images,
            scores,
            detected,
            {
                "images_without_detection": int((~detected[rows]).sum()),
                "images_unknown": len(self.best) - len(places),
                "categories_without_label": [
                    str(self.names.get(category, category))
                    for category in categories
                    if category not in columns
                ],
                "labels_without_category": [
                    label for j, label in enumerate(table.labels) if j not in shown_labels
                ],
            },
        )

    def _check(
        self,
        table: LabelTable,
        rows: NDArray[np.intp],
        categories: dict[Key, None],
        columns: dict[Key, int],
        places: dict[Key, int],
    ) -> None:
        if not np.isin(rows, list(places.values())).any():
            raise InputError(
                f"{self.file}: none of its {len(self.best)} pictures ({_some(self.best)}) is"
                f" judged; {table.source} has {_some(table.images[i] for i in rows)}; image_id must"
                " be the picture's number or its file's name"
            )
        if not columns:
            called = [self.names.get(category, category) for category in categories]
            raise InputError(
                f"{self.file}: none of its {len(categories)} categories ({_some(called)}) is a"
                f" label of {table.source} ({_some(table.labels)}); say what they are called with"
                " --detection-names FILE"
            )


def read_rivals(
    detections: Sequence[str | Path], names: str | Path | None, taken: Sequence[str] = ()
) -> list[Rival]:
    """Read files of detections.

    Parameters
    ----------
    detections : sequence of str or Path
        Each a file, or ``NAME=FILE``; without a name it is the detector's, else the file's.
    names : path or None
        What the categories are called, see `read_names`.
    taken : sequence of str
        Names that other methods have.

    Raises
    ------
    InputError
        If a file is broken or two methods would be called the same.
    """
    called = {} if names is None else read_names(Path(names))
    rivals: list[Rival] = []
    for given in map(str, detections):
        name, file = _name_and_file(given)
        about = _about(file)
        name = name or str(about.get("detector") or file.stem)
        if name in [*taken, *(rival.name for rival in rivals)]:
            raise InputError(
                f"--detections {given}: another method is called {name!r}; write OTHERNAME={file}"
            )
        own = about.get("categories") or {}
        known: dict[Key, str] = {int(key): str(own[key]) for key in own if str(key).isdigit()}
        rivals.append(Rival(name, file, best_scores(file), known | called, about))
    return rivals


def _name_and_file(given: str) -> tuple[str, Path]:
    name, equals, file = given.partition("=")
    if equals and file and not Path(given).exists():
        return name.strip(), Path(file)
    return "", Path(given)


def _about(file: Path) -> dict[str, Any]:
    """Read what stands beside the detections; nothing where nothing does."""
    beside = file.with_suffix(ABOUT)
    try:
        about = json.loads(beside.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{beside}: not readable ({' '.join(str(error).split())})") from None
    cost = about.get("ms_per_image") if isinstance(about, dict) else "nothing"
    if not (cost is None or (isinstance(cost, int | float) and 0 <= cost < float("inf"))):
        raise InputError(f"{beside}: ms_per_image is {shown(cost)}, not a time")
    if not isinstance(about.get("categories", {}), dict):
        raise InputError(f"{beside}: categories is no object from numbers to names")
    return dict(about)


def _some(values: Any) -> str:
    texts = [str(value) for value, _ in zip(values, range(4), strict=False)]
    return ", ".join(texts[:3]) + (", ..." if len(texts) > 3 else "")
