"""The few directions in which features vary most, found from a sample of the rows."""

from dataclasses import dataclass

import numpy as np

from ._centred_rows import CentredRows
from ._targets import Floats

DIRECTIONS = 128  # more cost more than the steps they save
SPARE = 16  # directions sought beyond those kept: the last ones are found badly
SAMPLE_ROWS = 2048
LEAST = 1e-10  # of the largest square: smaller ones are rounding


@dataclass(frozen=True)
class LeadingDirections:
    """Where the features vary most.

    Attributes
    ----------
    axes : ndarray of shape (n_features, n_directions)
        Orthonormal.
    spread : ndarray of shape (n_directions,)
        Weighted mean of squares along each.
    beside : float, or ndarray of shape (n_features,)
        Mean of squares of a feature after they are taken away; one for all or one each.
    rows : ndarray of int of shape (n_sampled,)
        The rows they were found from.
    coordinates : ndarray of shape (n_sampled, n_directions)
        Of those rows.
    """

    axes: Floats
    spread: Floats
    beside: float | Floats
    rows: slice
    coordinates: Floats


def leading_directions(
    rows: CentredRows, row_weight: Floats | None, *, whole: bool = False
) -> LeadingDirections:
    """Find them by one step of subspace iteration from random mixtures of rows.

    Parameters
    ----------
    rows : CentredRows
    row_weight : ndarray of shape (n_rows,), or None
    whole : bool, default=False
        All directions, from all rows.

    References
    ----------
    Halko, N., Martinsson, P.-G., Tropp, J. (2011). Finding structure with randomness: probabilistic
    algorithms for constructing approximate matrix decompositions. SIAM Review 53(2).
    """
    n_rows, n_features = rows.shape
    n_directions = n_features if whole else min(DIRECTIONS, n_features)
    sampled = slice(None, None, 1 if whole else -(-n_rows // SAMPLE_ROWS))
    sample = rows.part(sampled)
    weight = np.ones(len(sample), sample.dtype) if row_weight is None else row_weight[sampled]
    root = np.sqrt(weight / max(weight.sum(), np.finfo(sample.dtype).tiny))[:, None]
    weighed = sample * root.astype(sample.dtype)
    if whole or n_features <= DIRECTIONS + SPARE:
        start = np.eye(n_features, dtype=sample.dtype)
    else:
        mixtures = np.random.default_rng(0).standard_normal(
            (len(sample), DIRECTIONS + SPARE), dtype=np.float32
        )
        start = _orthonormal(weighed.T @ mixtures.astype(sample.dtype, copy=False))
        start = _orthonormal(weighed.T @ (weighed @ start))
    n_directions = min(n_directions, start.shape[1])
    image = (weighed @ start).astype(np.float64)  # features may be of very different sizes
    spread, turn = np.linalg.eigh(image.T @ image)
    spread, turn = np.maximum(spread[::-1], 0), turn[:, ::-1]
    kept = slice(n_directions)
    axes = (start @ turn[:, kept]).astype(sample.dtype)
    left = float(np.einsum("ij,ij->", weighed, weighed)) - float(spread[kept].sum())
    beside = max(left, 0) / max(n_features - n_directions, 1)
    return LeadingDirections(axes, spread[kept], beside, sampled, sample @ axes)


def _orthonormal(A: Floats) -> Floats:
    """Give an orthonormal basis of what the columns span, but for what rounding could have made.

    Many times as fast as a QR decomposition, and as good for directions that matter.
    """
    columns = A.astype(np.float64)
    size, turn = np.linalg.eigh(columns.T @ columns)
    kept = size > max(size.max(initial=0) * LEAST, np.finfo(np.float64).tiny)
    basis: Floats = columns @ (turn[:, kept] / np.sqrt(size[kept]))
    return basis.astype(A.dtype)
