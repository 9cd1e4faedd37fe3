"""Many tests, one error rate."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values so that all claims made at a level are right together at that level.

    Holm's step-down procedure [1]_: whatever the dependence between the tests, the chance of even
    one false claim is at most the level.

    Parameters
    ----------
    p : array of float, any shape
        NaN where there was nothing to test; it stays NaN and does not count as a test.

    Returns
    -------
    array of float, same shape
        To be compared with the level directly.

    References
    ----------
    .. [1] S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian
       Journal of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    given = np.asarray(p, dtype=np.float64)
    adjusted = np.full(given.shape, np.nan)
    tested = ~np.isnan(given)
    order = np.argsort(given[tested])
    steps = np.arange(len(order), 0, -1) * given[tested][order]
    stepped = np.empty(len(order))
    stepped[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    adjusted[tested] = stepped
    return adjusted
