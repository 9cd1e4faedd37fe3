"""Losses of a margin: the score, turned so that larger is better for the true answer."""

from typing import Protocol

import numpy as np

from ._targets import Floats


class Loss(Protocol):
    """A convex function of the margin."""

    kinked: bool  # the slope has kinks: past steps mislead about the curvature

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Give the loss of each margin and its derivative by the margin."""

    def bend(self, M: Floats) -> Floats:
        """Give the second derivative."""

    def constant(self, share: Floats) -> Floats:
        """Give the best score where this share of the rows shows the label."""


class LogLoss:
    """The negative logarithm of the true answer's probability."""

    kinked = False

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Give log(1 + exp(-margin)), written so that no margin loses digits, and its slope."""
        odds = np.abs(M)
        np.negative(odds, out=odds)
        np.exp(odds, out=odds)
        value = np.log1p(odds)
        value -= np.minimum(M, 0)
        odds += 1
        slope = np.maximum(M, 0)
        np.negative(slope, out=slope)
        np.exp(slope, out=slope)
        slope /= odds
        return value, np.negative(slope, out=slope)

    def bend(self, M: Floats) -> Floats:
        """Give p(1 - p)."""
        odds = np.exp(-np.abs(M))
        bend: Floats = odds / np.square(1 + odds)
        return bend

    def constant(self, share: Floats) -> Floats:
        """Give the log-odds."""
        log_odds: Floats = np.log(share / (1 - share))
        return log_odds


class SquaredHinge:
    """The square of what a margin lacks to 1."""

    kinked = True

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Give max(0, 1 - margin)² and its slope."""
        short = np.maximum(1 - M, 0)
        return np.square(short), -2 * short

    def bend(self, M: Floats) -> Floats:
        """Give 2 where the margin is short, else 0."""
        bend: Floats = 2 * (M < 1).astype(M.dtype)
        return bend

    def constant(self, share: Floats) -> Floats:
        """Give the mean of 1 and -1."""
        return 2 * share - 1
