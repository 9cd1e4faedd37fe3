"""Minimise many convex functions at once, or one of many parameters, by preconditioned L-BFGS."""

import warnings
from collections import deque
from collections.abc import Callable
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from ._targets import Floats, Mask

MEMORY = 10
SUFFICIENT = 1e-4  # share of the promised decrease that a step must bring
MAX_HALVINGS = 30


class Problem(Protocol):
    """Convex functions of linear predictors: one per column of the parameters, or one of all."""

    joint: bool

    def scores(self, P: Floats) -> Floats:
        """Give the linear predictors; linear in the parameters."""

    def value(self, Z: Floats, P: Floats) -> NDArray[np.float64]:
        """Give the functions' values, of shape (n_columns,), or (1,) if joint."""

    def gradient(self, Z: Floats, P: Floats) -> Floats:
        """Give the gradient, shaped as the parameters."""

    def inverse_curvature(self, Z: Floats) -> Floats:
        """Guess the inverse of the second derivatives: the preconditioner."""

    def keep(self, columns: Mask) -> Self:
        """Give the problem of some of the columns."""


def minimise(
    problem: Problem, P: Floats, tol: float, max_iter: int
) -> tuple[Floats, NDArray[np.intp]]:
    """Minimise until the decrease still expected is below `tol` of each function's value.

    The step is searched along the linear predictors, so each iteration takes one product with the
    features and one with their transpose. Columns that are done are dropped along the way.

    Parameters
    ----------
    problem : Problem
    P : ndarray of shape (n_parameters, n_columns)
        Where to start.
    tol : float
    max_iter : int

    Returns
    -------
    P : ndarray of shape (n_parameters, n_columns)
    n_iter : ndarray of int of shape (n_columns,), or (1,) if joint
        Above `max_iter` where that was too few.

    References
    ----------
    Nocedal, J., Wright, S. (2006). Numerical Optimization. Springer, chapter 7.
    """
    axes = None if problem.joint else 0

    def dot(A: Floats, B: Floats) -> Floats:
        return np.atleast_1d(np.sum(A * B, axis=axes, dtype=A.dtype))

    solution = P.copy()
    Z = problem.scores(P)
    F, G, scale = problem.value(Z, P), problem.gradient(Z, P), problem.inverse_curvature(Z)
    noise = 4 * np.finfo(P.dtype).eps
    active = np.arange(len(F))
    n_iter = np.full(len(F), max_iter + 1)
    finished = np.zeros(len(F), dtype=bool)
    pairs: deque[tuple[Floats, Floats, Floats]] = deque(maxlen=MEMORY)
    for iteration in range(max_iter + 1):
        D = -_two_loops(G, pairs, scale, dot)
        slope = dot(G, D)
        finished |= -slope / 2 <= tol * np.abs(F)
        if finished.all() or finished.mean() > 0.25:
            here = slice(None) if problem.joint else finished
            there = slice(None) if problem.joint else active[finished]
            solution[:, there] = P[:, here]
            n_iter[active[finished]] = iteration
            if finished.all():
                return solution, n_iter
            on = ~finished
            problem, active, finished = problem.keep(on), active[on], finished[on]
            P, Z, F, G, D, scale = P[:, on], Z[:, on], F[on], G[:, on], D[:, on], scale[:, on]
            slope = slope[on]
            pairs = deque(((s[:, on], y[:, on], r[on]) for s, y, r in pairs), maxlen=MEMORY)

        dZ = problem.scores(D)
        step = np.ones(len(F), dtype=P.dtype)
        for _ in range(MAX_HALVINGS):
            F_new = problem.value(Z + step * dZ, P + step * D)
            short = F_new > F + SUFFICIENT * step * slope + noise * np.abs(F)
            if not short.any():
                break
            excess = np.where(short, F_new - F - slope * step, 1)
            parabola = np.clip(-slope * step**2 / (2 * excess), 0.1 * step, 0.5 * step)
            step = np.where(short, parabola, step).astype(P.dtype)
        else:
            step[short] = 0  # no decrease that these floats could show
            finished |= short
            F_new = np.where(short, F, F_new)
        Z += step * dZ
        P_new = P + step * D
        G_new = problem.gradient(Z, P_new)
        moved, turned = P_new - P, G_new - G
        curvature = dot(moved, turned)
        rho = np.where(curvature > 0, 1 / np.where(curvature > 0, curvature, 1), 0)
        pairs.append((moved, turned, rho.astype(P.dtype)))
        P, G, F = P_new, G_new, F_new
    solution[:, slice(None) if problem.joint else active] = P
    return solution, n_iter


def warn_unless_converged(n_iter: NDArray[np.intp], max_iter: int) -> int:
    """Give the most iterations that were taken, and warn if they were too few."""
    late = int((n_iter > max_iter).sum())
    if late:
        warnings.warn(
            f"{late} of {len(n_iter)} logistic models did not converge in {max_iter} iterations; "
            "standardise the features, lower C or raise max_iter.",
            ConvergenceWarning,
            stacklevel=5,  # the caller of fit
        )
    return max(1, int(n_iter.clip(max=max_iter).max()))


def _two_loops(
    G: Floats,
    pairs: deque[tuple[Floats, Floats, Floats]],
    scale: Floats,
    dot: Callable[[Floats, Floats], Floats],
) -> Floats:
    """Apply the inverse curvature learned from the last steps to the gradient."""
    Q = G.copy()
    shares = []
    for moved, turned, rho in reversed(pairs):
        shares.append(rho * dot(moved, Q))
        Q -= shares[-1] * turned
    Q *= scale
    if pairs:  # the last step tells how far the preconditioner is off
        _, turned, rho = pairs[-1]
        guessed = rho * dot(turned, scale * turned)
        Q *= np.where(guessed > 0, 1 / np.where(guessed > 0, guessed, 1), 1)
    for (moved, turned, rho), share in zip(pairs, reversed(shares), strict=True):
        Q += (share - rho * dot(turned, Q)) * moved
    return Q
