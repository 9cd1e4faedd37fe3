"""L-BFGS for many penalised convex functions at once, or for one with many parameters.

Where L-BFGS is slow and the exact Hessian is affordable, Newton's method is used.
"""

import warnings
from collections import deque
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from .._base import Floats, Mask
from .line_search import Fit, Line, line_search, sum_product
from .newton_cg import NewtonStep
from .preconditioner import Preconditioner

MEMORY = 10
WINDOW = 5  # steps over which convergence is estimated
FIRST_UPDATE, UPDATE_FACTOR = 4, 3  # the preconditioner is updated after 4, 12, 36, ... steps
NEWTON_START = 12  # steps before the Hessian is computed at every step
MAX_UNCONFIRMED = 1e-3  # relative expected decrease of a stopped search that is not warned about
STALL = 25  # steps without a decrease after which a search is stopped
MAX_IDLE = 5  # Newton steps without a decrease after which a search is stopped
ROUNDING = 4  # decreases up to this many units in the last place are rounding
MIN_FINISHED_SHARE = 0.1  # share of finished columns at which the others are copied


class Problem(Fit, Protocol):
    """Loss of predictors that are linear in the parameters, plus half their squared norm."""

    @property
    def newton(self) -> bool:
        """Return whether the preconditioner is the exact inverse Hessian, updated at every step."""

    @property
    def n_free(self) -> int:
        """Return the number of unpenalised parameters, which are the last rows."""

    def scores(self, P: Floats) -> Floats:
        """Compute the linear predictors."""

    def gradient(self, slope: Floats) -> Floats:
        """Convert the gradient by the predictors to that by the parameters."""

    def preconditioner(self, Z: Floats, P: Floats) -> Preconditioner:
        """Approximate the inverse Hessian, penalty included."""

    @property
    def kinked(self) -> bool:
        """Return whether the gradient has kinks, which makes curvature pairs unreliable."""

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> NewtonStep | None:
        """Compute truncated Newton steps; None if the problem does not support them."""


class Step(NamedTuple):
    """Curvature pair of a step, as used by L-BFGS."""

    moved: Floats  # change of the parameters, s
    turned: Floats  # change of the gradient, y
    inverse: Floats  # 1 / (s' y)


def minimize_lbfgs(
    problem: Problem, P: Floats, tol: float, max_iter: int
) -> tuple[Floats, NDArray[np.intp]]:
    """Minimise until the expected further decrease is below `tol` times each function's value.

    Line searches work on the predictors, so each step takes one product with the features and one
    with their transpose. Converged columns are dropped along the way.

    For smooth losses, convergence is decided from the expected decrease of L-BFGS steps. Where the
    gradient has kinks, or a line search found no decrease, it is confirmed by the Newton decrement
    with exact second derivatives; if this fails, the search continues along the Newton step.

    Parameters
    ----------
    problem : Problem
    P : ndarray of shape (n_parameters, n_columns)
        Starting point.
    tol : float
    max_iter : int

    Returns
    -------
    P : ndarray of shape (n_parameters, n_columns)
    n_iter : ndarray of int of shape (n_columns,), or (1,) if joint
        Greater than `max_iter` where the function did not converge.

    References
    ----------
    Nocedal, J., Wright, S. (2006). Numerical Optimization. Springer, chapter 7.
    """
    joint, penalised = problem.joint, slice(-problem.n_free)
    tol = max(tol, float(np.finfo(P.dtype).eps) ** 1.5)  # smaller expected decreases are rounding
    solution = P.copy()
    Z = problem.scores(P)
    F, G = problem.fit(Z)
    F, G = F + sum_product(P[penalised], P[penalised], joint) / 2, problem.gradient(G)
    G[penalised] += P[penalised]
    preconditioner = problem.preconditioner(Z, P)
    active, n_iter = np.arange(len(F)), np.full(len(F), max_iter + 1)
    finished, stuck, failed = (np.zeros(len(F), dtype=bool) for _ in range(3))
    steps: deque[Step] = deque(maxlen=MEMORY)
    expected: deque[NDArray[np.float64]] = deque(maxlen=2 * WINDOW)
    next_update = FIRST_UPDATE
    before, idle, mark = np.full(len(F), np.inf), np.zeros(len(F)), F
    confirmed = np.zeros(len(F), dtype=bool)
    for iteration in range(max_iter + 1):
        newton = problem.newton and iteration >= NEWTON_START
        updated = newton or iteration == next_update
        if updated:
            preconditioner = problem.preconditioner(Z, P)
            next_update = iteration * UPDATE_FACTOR
        if newton:
            steps.clear()
        D = _direction(G, steps, preconditioner, joint, rescale=not updated)
        slope = np.minimum(sum_product(G, D, joint), 0)
        expected.append(-slope / 2)
        converging = (_remaining_decrease(expected) <= tol * np.abs(F)) & ~finished
        if not problem.kinked:  # curvature pairs are reliable
            finished |= converging & ~stuck
        rounding = ROUNDING * float(np.finfo(P.dtype).eps) * np.abs(F)
        stalled = np.zeros(len(F), dtype=bool)
        if iteration and iteration % STALL == 0:
            stalled, mark = (mark - F <= rounding) & ~finished, F
        checked = (converging | stuck | stalled) & ~finished
        if checked.any():
            check = _check(problem, Z, P, G, checked)
            if check is None:  # no Newton steps: restart with an updated preconditioner
                steps.clear()
                preconditioner = problem.preconditioner(Z, P)
                D = _direction(G, steps, preconditioner, joint, rescale=False)
                slope = np.minimum(sum_product(G, D, joint), 0)
                decrease = -slope / 2
            else:
                D[:, checked] = check.direction
                decrease = np.zeros(len(F))
                decrease[checked] = check.decrement
                slope = np.where(checked, np.minimum(sum_product(G, D, joint), 0), slope)
            low = checked & (decrease <= np.maximum(tol * np.abs(F), rounding))
            # With kinks, one Newton step may miss a decrease; require two in a row.
            is_minimum = low & (confirmed if problem.kinked else True)
            idle = np.where(checked, np.where(before - F <= rounding, idle + 1, 0), idle)
            stopped = checked & ~low & ((idle > MAX_IDLE) | stalled)
            failed[active[stopped & (decrease > MAX_UNCONFIRMED * np.abs(F))]] = True
            finished |= is_minimum | stopped
            confirmed, before = low, np.where(checked, F, before)
        if finished.all() or finished.mean() > MIN_FINISHED_SHARE:
            done = slice(None) if joint else finished
            solution[:, done if joint else active[done]] = P[:, done]
            n_iter[active[finished]] = iteration
            if finished.all():
                n_iter[failed] = max_iter + 1
                return solution, n_iter
            on = ~finished
            problem, preconditioner = problem.keep(on), preconditioner.keep(on)
            P, Z, G, D = P[:, on], Z[:, on], G[:, on], D[:, on]
            active, finished, F, slope = active[on], finished[on], F[on], slope[on]
            before, idle, mark, confirmed = before[on], idle[on], mark[on], confirmed[on]
            steps = deque((Step(m[:, on], t[:, on], i[on]) for m, t, i in steps), maxlen=MEMORY)
            expected = deque((part[on] for part in expected), maxlen=2 * WINDOW)
        if iteration == max_iter:
            break

        if finished.any():  # but not dropped yet
            D[:, finished], slope[finished] = 0, 0
        dZ = problem.scores(D)
        parabola = [
            sum_product(A[penalised], B[penalised], joint) * half
            for A, B, half in ((P, P, 0.5), (P, D, 1), (D, D, 1))
        ]
        point = line_search(Line(problem, Z, dZ, np.array(parabola)), F, slope)
        stuck = point.stuck & ~finished
        step = point.step.astype(P.dtype)
        D *= step
        dZ *= step
        P = P + D
        Z += dZ
        F, turned = point.value, -G
        G = problem.gradient(point.slope)
        G[penalised] += P[penalised]
        turned += G
        sy = sum_product(D, turned, joint)
        inverse = np.where(sy > 0, 1 / np.where(sy > 0, sy, 1), 0)
        steps.append(Step(D, turned, inverse.astype(P.dtype)))
    solution[:, slice(None) if joint else active] = P
    n_iter[failed] = max_iter + 1
    return solution, n_iter


def warn_unless_converged(
    n_iter: NDArray[np.intp], max_iter: int, models: str = "logistic models"
) -> int:
    """Return the largest number of iterations; warn about models that did not converge."""
    late = int((n_iter > max_iter).sum())
    if late:
        warnings.warn(
            f"{late} of {len(n_iter)} {models} did not converge in {max_iter} iterations; "
            "standardise the features, lower C or raise max_iter.",
            ConvergenceWarning,
            stacklevel=5,  # the caller of fit
        )
    return max(1, int(n_iter.clip(max=max_iter).max()))


def _direction(
    G: Floats, steps: deque[Step], preconditioner: Preconditioner, joint: bool, *, rescale: bool
) -> Floats:
    """Compute the L-BFGS direction by the two-loop recursion."""

    def dot(A: Floats, B: Floats) -> Floats:
        return sum_product(A, B, joint).astype(A.dtype)

    Q = G.copy()
    shares = []
    for moved, turned, inverse in reversed(steps):
        shares.append(inverse * dot(moved, Q))
        Q -= shares[-1] * turned
    Q = preconditioner.solve(Q)
    if steps and rescale:  # scale the preconditioner by the last curvature pair
        _, turned, inverse = steps[-1]
        approximate = inverse * dot(turned, preconditioner.solve(turned))
        Q *= np.where(approximate > 0, 1 / np.where(approximate > 0, approximate, 1), 1)
    for (moved, turned, inverse), share in zip(steps, reversed(shares), strict=True):
        Q += (share - inverse * dot(turned, Q)) * moved
    return np.negative(Q, out=Q)


def _check(problem: Problem, Z: Floats, P: Floats, G: Floats, on: Mask) -> NewtonStep | None:
    """Compute Newton steps of some functions, to confirm that they are at a minimum."""
    if problem.joint or on.all():
        return problem.newton_step(Z, P, G)
    return problem.keep(on).newton_step(Z[:, on], P[:, on], G[:, on])


def _remaining_decrease(expected: deque[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Estimate the decrease of all further steps by geometric extrapolation.

    With slow convergence, the expected decrease of the next step alone is a poor estimate.
    """
    steps: NDArray[np.float64] = np.array(expected)
    half = len(steps) // 2
    if not half:
        return 100 * np.asarray(steps[-1])  # no earlier steps to extrapolate from
    late, early = steps[-half:].sum(axis=0), steps[-2 * half : -half].sum(axis=0)
    kept = np.clip(late / np.maximum(early, np.finfo(np.float64).tiny), 0, 0.999)
    rest: NDArray[np.float64] = steps[-1] + late * kept / (1 - kept)
    return rest
