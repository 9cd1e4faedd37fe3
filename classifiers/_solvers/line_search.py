"""How far to go along the directions of many convex functions at once."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, Mask

SUFFICIENT = 1e-4  # share of the promised decrease that a step must bring
LEVEL = 0.3  # share of the first slope that may be left: steps cost more than looking again
LOOKS, LOOKS_FOR_LEVEL = 16, 2


class Fit(Protocol):
    """Convex functions of predictors, one per column or one of all columns."""

    joint: bool

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Give the values, (n_columns,) or (1,) if joint, and their derivative by `Z`."""

    def keep(self, columns: Mask) -> Self:
        """Give the functions of some of the columns."""


@dataclass(frozen=True)
class Line:
    """Functions along lines: a fit of predictors and a parabola, which is the penalty.

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
        self, step: Floats, picked: Mask
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], Floats]:
        """Give value, slope along the line and derivative by the predictors, of some functions."""
        joint = self.functions.joint
        columns = slice(None) if joint or picked.all() else picked
        functions = self.functions if picked.all() else self.functions.keep(picked)
        change, step = self.change[:, columns], step[picked]
        value, slope = functions.fit(self.Z[:, columns] + step.astype(change.dtype) * change)
        start, rise, bend = self.parabola[:, picked]
        along = sum_product(slope, change, joint) + rise + step * bend
        return value + start + step * rise + step**2 * bend / 2, along, slope


@dataclass(frozen=True)
class Place:
    """Where a search ended.

    Attributes
    ----------
    step : ndarray of shape (n_functions,)
    value : ndarray of shape (n_functions,)
    slope : ndarray of shape (n_rows, n_columns)
        Derivative by the predictors.
    stuck : ndarray of bool of shape (n_functions,)
        No decrease that these floats could show: the step is 0.
    """

    step: NDArray[np.float64]
    value: NDArray[np.float64]
    slope: Floats
    stuck: Mask


def search(line: Line, value: NDArray[np.float64], slope: NDArray[np.float64]) -> Place:
    """Go until the slope along each line is all but level.

    The slope of a convex function only rises, so where it crosses 0 is found by secants between
    a point where it falls and one where it rises.

    Parameters
    ----------
    line : Line
    value, slope : ndarray of shape (n_functions,)
        At the start; no slope is above 0.
    """
    noise = 4 * np.finfo(line.Z.dtype).eps * np.abs(value)
    step = np.ones(len(value))
    low, fall = np.zeros(len(value)), slope  # the farthest step known to be short, the slope there
    high = np.full(len(value), np.inf)  # the nearest step known to be long
    found, along, by_predictor = line.at(step, np.ones(len(value), dtype=bool))
    stuck = ~(found <= value + SUFFICIENT * step * slope + noise)
    for look in range(LOOKS):
        again = stuck.copy()
        if look < LOOKS_FOR_LEVEL:
            again |= np.abs(along) > LEVEL * np.abs(slope)
        if not again.any():
            break
        short = (along < 0) & ~stuck
        high = np.where(short, high, step)
        rise = along - fall
        turn = np.where(rise > 0, step - along * (step - low) / np.where(rise > 0, rise, 1), np.inf)
        low, fall = np.where(short, step, low), np.where(short, along, fall)
        # The secant may be far off: not too near to an end, nor far beyond what is known.
        end = np.where(np.isfinite(high), high, 4 * step)
        turn = np.clip(turn, low + 0.1 * (end - low), low + 0.9 * (end - low))
        step = np.where(again, turn, step)
        there = line.at(step, again)
        found[again], along[again] = there[:2]
        by_predictor[:, slice(None) if line.functions.joint else again] = there[2]
        stuck = ~(found <= value + SUFFICIENT * step * slope + noise)
    return Place(np.where(stuck, 0, step), np.where(stuck, value, found), by_predictor, stuck)


def sum_product(A: Floats, B: Floats, joint: bool) -> NDArray[np.float64]:
    """Give the scalar products of columns, or of all columns together, of shape (1,)."""
    if joint:
        return np.atleast_1d(np.vdot(A, B)).astype(np.float64)
    products: NDArray[np.float64] = np.einsum("ij,ij->j", A, B).astype(np.float64)
    return products
