"""What each method said of each judged image, once per image, for those who look closer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .comparison import Outcome, judged_rows
from .methods import Method
from .protocol import Fold
from .tables import LabelTable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judgements:
    """The judged images and the probabilities that methods gave them.

    Attributes
    ----------
    table : LabelTable
        Each judged image once.
    scores : dict of str to array, shape (n_images, n_labels)
        By method; the mean where an image was judged more than once. Without those that failed.
    methods : dict of str to Method
        The same ones, in the same order.
    """

    table: LabelTable
    scores: dict[str, Floats]
    methods: dict[str, Method]

    @property
    def reference(self) -> str | None:
        """The independent method that stands first, which others are held against."""
        return next(
            (
                name
                for name, method in self.methods.items()
                if method.kind == "independent" and not method.rival
            ),
            None,
        )


def gather_judgements(
    outcomes: Sequence[Outcome], table: LabelTable, folds: Sequence[Fold]
) -> Judgements:
    """Bring the answers of all folds together.

    Parameters
    ----------
    outcomes : sequence of Outcome
    table : LabelTable
        The images that the folds divide.
    folds : sequence of Fold
    """
    images, place = np.unique(judged_rows(folds), return_inverse=True)
    times = np.bincount(place)[:, None]
    fitted = [outcome for outcome in outcomes if not outcome.failed]
    scores = {}
    for outcome in fitted:
        total = np.zeros((len(images), table.n_labels))
        np.add.at(total, place, outcome.scores)
        scores[outcome.method.name] = total / times
    return Judgements(
        table.take(images), scores, {outcome.method.name: outcome.method for outcome in fitted}
    )
