"""What the metrics ask of the arrays they are given."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def check_truth(
    Y: ArrayLike, scores: ArrayLike, known: ArrayLike | None
) -> tuple[Bools, Bools, Floats]:
    """Give the true cells, the false cells and the scores; an unknown cell is neither.

    Raises
    ------
    ValueError
        If the shapes differ, a score is NaN, or `Y` holds anything but 0 and 1.
    """
    score = np.asarray(scores, dtype=np.float64)
    if score.ndim != 2:
        raise ValueError(f"the scores must be images x labels, not of shape {score.shape}")
    if np.isnan(score).any():
        raise ValueError("a score is NaN; every image needs a score for every label")
    truth = check_binary("Y", Y, score.shape)
    seen = np.ones_like(truth) if known is None else check_binary("known", known, score.shape)
    return truth & seen, ~truth & seen, score


def check_binary(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Bools:
    """Give an array of 0 and 1 as booleans.

    Raises
    ------
    ValueError
        If it holds anything else or has another shape.
    """
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, the scores have {shape}")
    if not ((array == 0) | (array == 1)).all():
        raise ValueError(f"{name} must hold 0 and 1 only")
    return array.astype(np.bool_)
