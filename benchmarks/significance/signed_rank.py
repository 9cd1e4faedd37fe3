"""Two methods over several data sets: how probable it is that one is the better."""

import numpy as np
from numpy.typing import ArrayLike

_AT_ONCE = 2**22  # cells of the work space


def bayesian_signed_rank(
    differences: ArrayLike,
    *,
    rope: float = 0.01,
    prior: float = 0.5,
    n_samples: int = 50_000,
    seed: int = 0,
) -> dict[str, float | int]:
    """Give the probabilities that a method is worse, practically the same, or better.

    The Bayesian signed-rank test [1]_: the data sets carry weights from a Dirichlet distribution,
    beside one imagined data set without a difference; under each draw of the weights it is seen
    whether the mean of two differences is more often left of, within or right of the region of
    practical equivalence.

    Parameters
    ----------
    differences : array of float, shape (n_data_sets,)
        The method's value less its reference's, turned so that positive is better.
    rope : float
        Differences up to this size count as practically none.
    prior : float
        Weight of the imagined data set; a real one has 1.
    n_samples : int
        Draws of the weights.
    seed : int
        Of the draws.

    Returns
    -------
    dict
        ``"left"`` (worse), ``"rope"`` (practically the same) and ``"right"`` (better), which sum to
        1, and ``"data_sets"``, how many differences were not NaN.

    Raises
    ------
    ValueError
        If there is no difference, or `rope` is negative.

    References
    ----------
    .. [1] A. Benavoli, G. Corani, J. Demšar and M. Zaffalon, "Time for a Change: a Tutorial for
       Comparing Multiple Classifiers Through Bayesian Analysis", Journal of Machine Learning
       Research 18, 2017, section 4.2.

    Examples
    --------
    >>> found = bayesian_signed_rank([0.03, 0.05, 0.02, 0.00, 0.04, 0.06])
    >>> {key: round(value, 2) for key, value in found.items()}
    {'left': 0.0, 'rope': 0.02, 'right': 0.98, 'data_sets': 6}
    """
    given = np.asarray(differences, dtype=np.float64)
    z = np.append(given[~np.isnan(given)], 0.0)
    if len(z) < 2 or rope < 0:
        raise ValueError(f"needs a difference and a rope of at least 0, not {given} and {rope}")
    alpha = np.append(np.ones(len(z) - 1), prior)
    sums = z[:, None] + z
    right, left = (sums > 2 * rope).astype(float), (sums < -2 * rope).astype(float)
    rng = np.random.default_rng(seed)
    wins = np.zeros(3)
    for first in range(0, n_samples, size := max(1, _AT_ONCE // len(z))):
        weights = rng.dirichlet(alpha, min(size, n_samples - first))
        is_left, is_right = (((weights @ side) * weights).sum(axis=1) for side in (left, right))
        shares = np.stack([is_left, 1 - is_left - is_right, is_right], axis=1)
        best = shares >= shares.max(axis=1, keepdims=True) - 1e-12
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    probabilities = dict(zip(("left", "rope", "right"), (wins / n_samples).tolist(), strict=True))
    return probabilities | {"data_sets": len(z) - 1}
