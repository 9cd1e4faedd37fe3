"""Target weights from sample and class weights, and penalties per label."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from .base import TrainingSet
from .targets import Floats, Labels, Mask
from .validation import check_positive, read_positives

ClassWeight = Literal["balanced"] | Mapping[int, float] | None


def target_weights(training: TrainingSet, class_weight: ClassWeight) -> Floats | None:
    """Return the weight of each target.

    Returns
    -------
    ndarray of shape (n_rows, 1), or (n_rows, n_labels) if labels differ; None if all weights are 1
    """
    Y: Labels = training.Y
    weight: Floats | None = None
    if training.sample_weight is not None:
        weight = training.sample_weight[:, None]
    if training.known is not None:
        weight = training.known * (np.ones((1, 1)) if weight is None else weight)
    if class_weight is None:
        return weight
    weight = np.ones((len(Y), 1)) if weight is None else weight
    if isinstance(class_weight, str) and class_weight == "balanced":
        present, absent = (weight * Y).sum(axis=0), (weight * (1 - Y)).sum(axis=0)
        half = (present + absent) / 2
        if_present, if_absent = half / present, half / absent
    else:
        if_present, if_absent = _factors(class_weight)
    weighted: Floats = weight * np.where(Y, if_present, if_absent)
    return weighted


def _factors(class_weight: Any) -> tuple[Any, Any]:
    """Return the class weights of present and absent, each 1 by default."""
    if not isinstance(class_weight, Mapping) or not set(class_weight) <= {0, 1}:
        raise ValueError(
            f"class_weight must be None, 'balanced' or {{0: w, 1: w}}, got {class_weight!r}."
        )
    for value, factor in class_weight.items():
        check_positive(f"class_weight[{value}]", factor)
    return class_weight.get(1, 1.0), class_weight.get(0, 1.0)


def penalties(C: ArrayLike, varies: Mask) -> Floats:
    """Return C for each label that varies; `C` is one number or one per label.

    Raises
    ------
    ValueError
    """
    given = read_positives("C", C)
    if given.ndim and given.shape != varies.shape:
        raise ValueError(f"C must be a number or one per label ({len(varies)}), got {given.shape}.")
    each: Floats = np.broadcast_to(given, varies.shape)[varies]
    return each
