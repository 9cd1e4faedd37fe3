"""Minimise many penalised convex functions at once, or one of many parameters, by L-BFGS.

Where that is slow and the problem knows its curvature, by Newton's method.
"""

import warnings
from collections import deque
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from .._base import Floats, Mask
from .line_search import Fit, Line, search, sum_product
from .newton_cg import NewtonStep
from .preconditioner import Curvature

MEMORY = 10
WINDOW = 5  # steps over which convergence is told
FIRST_RENEWAL, RENEWAL_FACTOR = 4, 3  # the curvature is guessed anew after 4, 12, 36, ... steps
PATIENCE = 12  # steps before curvatures are found for every one
MAX_UNPROVED = 1e-3  # share of the value that a stuck search may still promise without a warning
STALL = 25  # steps after which a search that brought no decrease is given up
MAX_IDLE = 5  # Newton steps without a decrease before a search is given up
ROUNDING = 4  # units in the last place of a value that are no decrease
WORTH_DROPPING = 0.1  # share of columns done that pays for copying the others


class Problem(Fit, Protocol):
    """A fit of predictors that are linear in parameters, plus half the parameters' squared norm."""

    @property
    def newton(self) -> bool:
        """Tell whether the curvature is exact, and finding it for every step can be afforded."""

    @property
    def n_free(self) -> int:
        """Give how many of the parameters' last rows are not penalised."""

    def scores(self, P: Floats) -> Floats:
        """Give the predictors."""

    def gradient(self, slope: Floats) -> Floats:
        """Turn the fit's derivative by the predictors into that by the parameters."""

    def curvature(self, Z: Floats, P: Floats) -> Curvature:
        """Guess the second derivatives, penalty included."""

    @property
    def kinked(self) -> bool:
        """Return whether the slope has kinks, so that past steps mislead about the curvature."""

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> NewtonStep | None:
        """Compute truncated Newton steps, or return None where there are none."""


class Step(NamedTuple):
    """What a step taught about the curvature."""

    moved: Floats
    turned: Floats  # the change of the gradient
    inverse: Floats  # of the product of both


def minimise(
    problem: Problem, P: Floats, tol: float, max_iter: int
) -> tuple[Floats, NDArray[np.intp]]:
    """Minimise until the decrease still to come is below `tol` of each function's value.

    Steps are searched along the predictors, so each takes one product with the features and one
    with their transpose. Columns that are done are dropped along the way.

    A promise of small decrease is believed where the curvature changes slowly. Where the slope has
    kinks, or a search found no decrease, it is checked against the decrement of a Newton step with
    exact second derivatives, and the search goes on along that step if the check fails.

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
        Above `max_iter` where that was too few, or the search stopped far from a minimum.

    References
    ----------
    Nocedal, J., Wright, S. (2006). Numerical Optimization. Springer, chapter 7.
    """
    joint, penalised = problem.joint, slice(-problem.n_free)
    tol = max(tol, float(np.finfo(P.dtype).eps) ** 1.5)  # less is promised by rounding alone
    solution = P.copy()
    Z = problem.scores(P)
    F, G = problem.fit(Z)
    F, G = F + sum_product(P[penalised], P[penalised], joint) / 2, problem.gradient(G)
    G[penalised] += P[penalised]
    curvature = problem.curvature(Z, P)
    active, n_iter = np.arange(len(F)), np.full(len(F), max_iter + 1)
    finished, stuck, failed = (np.zeros(len(F), dtype=bool) for _ in range(3))
    steps: deque[Step] = deque(maxlen=MEMORY)
    promised: deque[NDArray[np.float64]] = deque(maxlen=2 * WINDOW)
    renewal = FIRST_RENEWAL
    before, idle, mark = np.full(len(F), np.inf), np.zeros(len(F)), F
    confirmed = np.zeros(len(F), dtype=bool)
    for iteration in range(max_iter + 1):
        newton = problem.newton and iteration >= PATIENCE
        renewed = newton or iteration == renewal
        if renewed:
            curvature = problem.curvature(Z, P)
            renewal = iteration * RENEWAL_FACTOR
        if newton:
            steps.clear()
        D = _direction(G, steps, curvature, joint, rescale=not renewed)
        slope = np.minimum(sum_product(G, D, joint), 0)
        promised.append(-slope / 2)
        claimed = (_remaining_decrease(promised) <= tol * np.abs(F)) & ~finished
        if not problem.kinked:  # curvature changes slowly: past steps are good witnesses
            finished |= claimed & ~stuck
        rounding = ROUNDING * float(np.finfo(P.dtype).eps) * np.abs(F)
        stalled = np.zeros(len(F), dtype=bool)
        if iteration and iteration % STALL == 0:
            stalled, mark = (mark - F <= rounding) & ~finished, F
        checked = (claimed | stuck | stalled) & ~finished
        if checked.any():
            check = _check(problem, Z, P, G, checked)
            if check is None:  # no Newton steps: forget the past, guess the curvature again
                steps.clear()
                curvature = problem.curvature(Z, P)
                D = _direction(G, steps, curvature, joint, rescale=False)
                slope = np.minimum(sum_product(G, D, joint), 0)
                left = -slope / 2
            else:
                D[:, checked] = check.direction
                left = np.zeros(len(F))
                left[checked] = check.decrement
                slope = np.where(checked, np.minimum(sum_product(G, D, joint), 0), slope)
            low = checked & (left <= np.maximum(tol * np.abs(F), rounding))
            # A kink may hide a decrease from one Newton step, hardly from two in a row.
            proved = low & (confirmed if problem.kinked else True)
            idle = np.where(checked, np.where(before - F <= rounding, idle + 1, 0), idle)
            given_up = checked & ~low & ((idle > MAX_IDLE) | stalled)
            failed[active[given_up & (left > MAX_UNPROVED * np.abs(F))]] = True
            finished |= proved | given_up
            confirmed, before = low, np.where(checked, F, before)
        if finished.all() or finished.mean() > WORTH_DROPPING:
            done = slice(None) if joint else finished
            solution[:, done if joint else active[done]] = P[:, done]
            n_iter[active[finished]] = iteration
            if finished.all():
                n_iter[failed] = max_iter + 1
                return solution, n_iter
            on = ~finished
            problem, curvature = problem.keep(on), curvature.keep(on)
            P, Z, G, D = P[:, on], Z[:, on], G[:, on], D[:, on]
            active, finished, F, slope = active[on], finished[on], F[on], slope[on]
            before, idle, mark, confirmed = before[on], idle[on], mark[on], confirmed[on]
            steps = deque((Step(m[:, on], t[:, on], i[on]) for m, t, i in steps), maxlen=MEMORY)
            promised = deque((part[on] for part in promised), maxlen=2 * WINDOW)
        if iteration == max_iter:
            break

        if finished.any():  # and not dropped yet
            D[:, finished], slope[finished] = 0, 0
        dZ = problem.scores(D)
        parabola = [
            sum_product(A[penalised], B[penalised], joint) * half
            for A, B, half in ((P, P, 0.5), (P, D, 1), (D, D, 1))
        ]
        place = search(Line(problem, Z, dZ, np.array(parabola)), F, slope)
        stuck = place.stuck & ~finished
        step = place.step.astype(P.dtype)
        D *= step
        dZ *= step
        P = P + D
        Z += dZ
        F, turned = place.value, -G
        G = problem.gradient(place.slope)
        G[penalised] += P[penalised]
        turned += G
        bent = sum_product(D, turned, joint)
        inverse = np.where(bent > 0, 1 / np.where(bent > 0, bent, 1), 0)
        steps.append(Step(D, turned, inverse.astype(P.dtype)))
    solution[:, slice(None) if joint else active] = P
    n_iter[failed] = max_iter + 1
    return solution, n_iter


def warn_unless_converged(
    n_iter: NDArray[np.intp], max_iter: int, models: str = "logistic models"
) -> int:
    """Give the most iterations that were taken, and warn if they were too few."""
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
    G: Floats, steps: deque[Step], curvature: Curvature, joint: bool, *, rescale: bool
) -> Floats:
    """Apply the inverse curvature to the gradient, mended by what the last steps taught."""

    def dot(A: Floats, B: Floats) -> Floats:
        return sum_product(A, B, joint).astype(A.dtype)

    Q = G.copy()
    shares = []
    for moved, turned, inverse in reversed(steps):
        shares.append(inverse * dot(moved, Q))
        Q -= shares[-1] * turned
    Q = curvature.solve(Q)
    if steps and rescale:  # the last step tells how far the guess is off
        _, turned, inverse = steps[-1]
        guessed = inverse * dot(turned, curvature.solve(turned))
        Q *= np.where(guessed > 0, 1 / np.where(guessed > 0, guessed, 1), 1)
    for (moved, turned, inverse), share in zip(steps, reversed(shares), strict=True):
        Q += (share - inverse * dot(turned, Q)) * moved
    return np.negative(Q, out=Q)


def _check(problem: Problem, Z: Floats, P: Floats, G: Floats, on: Mask) -> NewtonStep | None:
    """Compute Newton steps of some functions, which prove or disprove that they are solved."""
    if problem.joint or on.all():
        return problem.newton_step(Z, P, G)
    return problem.keep(on).newton_step(Z[:, on], P[:, on], G[:, on])


def _remaining_decrease(promised: deque[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Estimate the decrease of all further steps, from how the promises of past steps shrink.

    The promise of the next step alone says little where each step brings a little less than the
    one before.
    """
    steps: NDArray[np.float64] = np.array(promised)
    half = len(steps) // 2
    if not half:
        return 100 * np.asarray(steps[-1])  # nothing to compare with yet
    late, early = steps[-half:].sum(axis=0), steps[-2 * half : -half].sum(axis=0)
    kept = np.clip(late / np.maximum(early, np.finfo(np.float64).tiny), 0, 0.999)
    rest: NDArray[np.float64] = steps[-1] + late * kept / (1 - kept)
    return rest
