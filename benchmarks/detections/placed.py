"""What a detector says of the pictures of a table, answering as a fitted method does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ..choice import Choice
from ..comparison import Outcome, judged_rows
from ..decisions import choose_set_rule, choose_thresholds, decide
from ..errors import InputError
from ..methods import Method
from ..protocol import Fold
from ..tables import LabelTable


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
