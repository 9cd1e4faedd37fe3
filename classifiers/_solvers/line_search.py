"""Line search along the directions of many convex functions at once."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, Mask

SUFFICIENT = 1e-4  # Armijo condition: fraction of the expected decrease
MAX_SLOPE_RATIO = 0.3  # curvature condition: remaining fraction of the initial slope
MAX_EVALUATIONS, MAX_FOR_SLOPE = 16, 2


class Fit(Protocol):
    """Convex loss functions of predictors, one per column or one of all columns."""

    joint: bool

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Compute the values, (n_columns,) or (1,) if joint, and the gradient by `Z`."""

    def keep(self, columns: Mask) -> Self:
        """Return the functions of a subset of the columns."""


@dataclass(frozen=True)
class Line:
    """Functions along lines: the loss of the predictors plus a parabola, the penalty.

    Attributes
    ----------
    functions : Fit
    Z, change : ndarray of shape (n_rows, n_columns)
        The predictors at the start and their change per step.
    parabola : ndarray of shape (3, n_functions)
        Value, slope and second derivative of the penalty at the start.
    """

    functions: Fit
    Z: Floats
    change: Floats
    parabola: NDArray[np.float64]

    def at(
        self, step: Floats, selected: Mask
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], Floats]:
        """Compute value, slope along the line and gradient by the predictors of some functions."""
        joint = self.functions.joint
        columns = slice(None) if joint or selected.all() else selected
        functions = self.functions if selected.all() else self.functions.keep(selected)
        change, step = self.change[:, columns], step[selected]
        value, slope = functions.fit(self.Z[:, columns] + step.astype(change.dtype) * change)
        start, rise, bend = self.parabola[:, selected]
        along = sum_product(slope, change, joint) + rise + step * bend
        return value + start + step * rise + step**2 * bend / 2, along, slope


@dataclass(frozen=True)
class LinePoint:
    """Result of a line search.

    Attributes
    ----------
    step : ndarray of shape (n_functions,)
    value : ndarray of shape (n_functions,)
    slope : ndarray of shape (n_rows, n_columns)
        Gradient by the predictors.
    stuck : ndarray of bool of shape (n_functions,)
        No decrease was found at this precision; the step is 0.
    """

    step: NDArray[np.float64]
    value: NDArray[np.float64]
    slope: Floats
    stuck: Mask


def line_search(line: Line, value: NDArray[np.float64], slope: NDArray[np.float64]) -> LinePoint:
    """Search along each line until the slope is small, by safeguarded secant steps.

    The slope of a convex function is non-decreasing, so its zero is bracketed by a point of
    negative and a point of positive slope.

    Parameters
    ----------
    line : Line
    value, slope : ndarray of shape (n_functions,)
        At the start; slopes are at most 0.
    """
    noise = 4 * np.finfo(line.Z.dtype).eps * np.abs(value)
    step = np.ones(len(value))
    low, fall = np.zeros(len(value)), slope  # lower bound of the bracket and its slope
    high = np.full(len(value), np.inf)  # upper bound of the bracket
    values, along, by_predictor = line.at(step, np.ones(len(value), dtype=bool))
    stuck = ~(values <= value + SUFFICIENT * step * slope + noise)
    for evaluation in range(MAX_EVALUATIONS):
        again = stuck.copy()
        if evaluation < MAX_FOR_SLOPE:
            again |= np.abs(along) > MAX_SLOPE_RATIO * np.abs(slope)
        if not again.any():
            break
        short = (along < 0) & ~stuck
        high = np.where(short, high, step)
        rise = along - fall
        turn = np.where(rise > 0, step - along * (step - low) / np.where(rise > 0, rise, 1), np.inf)
        low, fall = np.where(short, step, low), np.where(short, along, fall)
        # Safeguard: keep the secant step inside the bracket and away from its ends.
        end = np.where(np.isfinite(high), high, 4 * step)
        turn = np.clip(turn, low + 0.1 * (end - low), low + 0.9 * (end - low))
        step = np.where(again, turn, step)
        result = line.at(step, again)
        values[again], along[again] = result[:2]
        by_predictor[:, slice(None) if line.functions.joint else again] = result[2]
        stuck = ~(values <= value + SUFFICIENT * step * slope + noise)
    return LinePoint(np.where(stuck, 0, step), np.where(stuck, value, values), by_predictor, stuck)


def sum_product(A: Floats, B: Floats, joint: bool) -> NDArray[np.float64]:
    """Compute the dot product of each pair of columns, or of all together, of shape (1,)."""
    if joint:
        return np.atleast_1d(np.vdot(A, B)).astype(np.float64)
    products: NDArray[np.float64] = np.einsum("ij,ij->j", A, B).astype(np.float64)
    return products
