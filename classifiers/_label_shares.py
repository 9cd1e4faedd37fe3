"""Make one distribution over the labels of each image, for labels that compete."""

from dataclasses import dataclass

import numpy as np

from ._base import TrainingSet
from ._targets import Floats, Mask


@dataclass(frozen=True)
class LabelShares:
    """What a softmax is to say of each row.

    Attributes
    ----------
    shares : ndarray of shape (n_rows, n_labels or one more)
        1/k for each of a row's k labels. The last column, "none", is there where some row has no
        label, and takes all of such a row. All zero where nothing can be said: no label is known
        to be present, but some may be.
    known : ndarray of bool as `shares`, or None
    labels_per_image : float
        Weighted mean over the rows that have labels.
    """

    shares: Floats
    known: Mask | None
    labels_per_image: float

    @classmethod
    def of(cls, training: TrainingSet) -> "LabelShares":
        """Share out one among each row's labels."""
        present, known = training.Y > 0, training.known
        if known is not None:
            present = present & known
        counts = present.sum(axis=1)
        weight = np.where(counts > 0, 1.0, 0.0)
        if training.sample_weight is not None:
            weight *= training.sample_weight
        none = counts == 0
        if known is not None:
            none &= known.all(axis=1)
        if none.any():
            present = np.column_stack([present, none])
            if known is not None:
                known = np.column_stack([known, np.ones(len(known), dtype=bool)])
        shares = (present / np.maximum(counts, 1)[:, None]).astype(training.X.dtype)
        return cls(shares, known, float(weight @ counts / weight.sum()))
