"""Every metric of every method on the same resamples, and the differences between methods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from ..metrics import METRICS, PREDICTION_METRICS, Scorecard
from .blocks import BlockFigures, block_figures, divide
from .confidence_intervals import difference_interval, metric_interval
from .fold_variance import Spread, spread_of
from .multiple_testing import holm
from .resampling import Resamples
from .selection_bias import selection_bias
from .support import TOO_FEW, effective_positives, too_few_for_difference, too_few_for_interval

Floats = NDArray[np.float64]

TRAINING_SHARE = {False: 0.2, True: 0.6}
"""Variance of one method's figure due to its training images, as a share of what as many test
images add: of scores, and (True) of decisions, which also depend on the chosen thresholds. Below 1:
unlike in a difference, most of the noise is that of the test images."""

UNSEEN_SIZE = 0.5  # of the difference on one image, where no image shows any

BETTER, WORSE, EQUAL = "better", "worse", "no difference"


def resample_metrics(
    cards: Mapping[str, Scorecard],
    *,
    units: ArrayLike | None = None,
    folds: ArrayLike | None = None,
    relative_test_size: float = 0.0,
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    n_jobs: int | None = None,
) -> "ResampledMetrics":
    """Measure every method on the same resamples and in the same folds.

    Parameters
    ----------
    cards, units, folds, relative_test_size, n_resamples, level, seed, n_jobs
        As for `compare_with_references`, which compares everything at once.

    Raises
    ------
    ValueError
        If the cards, `units` or `folds` differ in the number of rows.
    """
    judged = sorted({card.n_images for card in cards.values()})
    rows = np.arange(judged[0] if judged else 0) if units is None else np.asarray(units)
    if cards and judged != [len(rows)]:
        raise ValueError(f"the methods judge {judged} rows, the units are of {len(rows)}")
    if folds is not None and len(np.asarray(folds)) != len(rows):
        raise ValueError(f"the folds are of {len(np.asarray(folds))} rows, not of {len(rows)}")
    resamples = Resamples(rows, n_resamples, seed)
    partitions = divide(rows, folds, seed)
    tasks = (delayed(_measure)(card, resamples, rows, partitions) for card in cards.values())
    measured = dict(zip(cards, Parallel(n_jobs=n_jobs)(tasks), strict=True))
    in_folds = folds is not None and len(np.unique(np.asarray(folds), axis=0)) > 1
    return ResampledMetrics(measured, resamples.n_units, relative_test_size, level, in_folds)


@dataclass(frozen=True)
class Measured:
    """Every metric of one method.

    Attributes
    ----------
    values : array of float, shape (n_metrics,)
        On all test images.
    resampled : array of float, shape (n_resamples, n_metrics)
        On each resample of them.
    blocks : BlockFigures
        In each fold, or in random blocks of a single test set, and outside it.
    unbiased_ap : dict of str to float
        Estimates of those metrics that are biased on few images.
    pieces : dict of str to (array of float of shape (n_judged,), float)
        See `Scorecard.image_terms`.
    positives : float
        See `effective_positives`.
    """

    values: Floats
    resampled: Floats
    blocks: BlockFigures
    unbiased_ap: Mapping[str, float]
    pieces: Mapping[str, tuple[Floats, float]]
    positives: float


@dataclass(frozen=True)
class ResampledMetrics:
    """Every metric of every method, on all test images, on resamples of them and in the folds.

    Attributes
    ----------
    measured : dict of str to Measured
        By method.
    n_units : int
        How many units were drawn from.
    relative_test_size : float
        Test images of a fit for each training image.
    level : float
        Of the intervals, and of all verdicts that are given together.
    in_folds : bool
        Whether the blocks are folds, each with models of its own.

    Examples
    --------
    >>> Y = np.tile([[1, 0], [0, 1], [0, 0]], (40, 1))
    >>> noise = np.random.default_rng(0).normal(size=Y.shape)
    >>> cards = {"good": Scorecard(Y, Y + 0.2 * noise, Y), "bad": Scorecard(Y, Y + 2 * noise, Y)}
    >>> resampled = resample_metrics(cards, n_resamples=200)
    >>> resampled.against({"bad": "good"})["bad"]["macro_ap"]["verdict"]
    'worse'
    >>> round(resampled.standard_error("bad", "good", "macro_ap"), 3)
    0.043
    """

    measured: Mapping[str, Measured]
    n_units: int
    relative_test_size: float
    level: float
    in_folds: bool = False

    def intervals(self, name: str) -> dict[str, dict[str, Any]]:
        """Return the interval of each metric of a method, as `compare_with_references` does."""
        one = self.measured[name]
        df = max(1.0, min(self.n_units - 1.0, one.positives - 1.0))
        unbiased = np.sqrt(1 + 1 / df)
        intervals: dict[str, dict[str, Any]] = {}
        for key, value, column in zip(METRICS, one.values, one.resampled.T, strict=True):
            if too_few_for_interval(key, one.positives):
                intervals[key] = {"low": None, "high": None, "reason": TOO_FEW}
                continue
            centre = one.unbiased_ap.get(key)
            spread = self._spread(one.blocks.inside, key, column, self._training_share(key))
            wider = spread.stretch * (1.0 if centre is None else unbiased)
            column = value + wider * (column - value)
            low, high = metric_interval(value, column, self.level, centre=centre, df=spread.df)
            most = np.inf if key == "coverage" else 1.0
            intervals[key] = {"low": _plain(max(low, 0.0)), "high": _plain(min(high, most))}
        return intervals

    def against(
        self,
        references: Mapping[str, str],
        luck: Mapping[str, float] | None = None,
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the verdict on each metric of each method against another.

        All of one call hold together: their p-values are adjusted together.

        Parameters
        ----------
        references : mapping of str to str
            The method that each one is compared with.
        luck : mapping of str to float, optional
            By metric, what to subtract from the differences before they are tested. It is an
            estimate from a few blocks: it counts as uncertain by as much as itself.
        """
        figures = []
        for name, reference in references.items():
            for key, value, resampled in self._differences(name, reference):
                lucky = (luck or {}).get(key, 0.0)
                value -= lucky
                interval = (np.nan, np.nan, np.nan)
                if not self._too_few(key, name, reference):
                    share = max(1.0, self._training_share(key))
                    spread = self._spread(self._inside(name, reference), key, resampled, share)
                    interval = difference_interval(
                        value,
                        resampled,
                        self.n_units,
                        stretch=spread.stretch,
                        df=spread.df,
                        extra=float(np.hypot(self._unseen_error(name, reference, key), lucky)),
                        level=self.level,
                    )
                figures.append((name, key, value, *interval))
        verdicts: dict[str, dict[str, Any]] = {name: {} for name in references}
        adjusted = holm([p for *_, p in figures])
        for (name, key, difference, low, high, _), p in zip(figures, adjusted, strict=True):
            verdicts[name][key] = {
                "difference": _plain(difference),
                "low": _plain(low),
                "high": _plain(high),
                "p": _plain(p),
                "verdict": _verdict(METRICS[key].gain(difference), p, self.level),
            }
            if self._too_few(key, name, references[name]):
                verdicts[name][key]["reason"] = TOO_FEW
        return verdicts

    def standard_error(self, name: str, other: str, key: str) -> float:
        """Return the standard error of a difference; 0 where no resample has both figures."""
        differences = {k: column for k, _, column in self._differences(name, other)}[key]
        defined = differences[~np.isnan(differences)]
        if not len(defined):
            return 0.0
        share = max(1.0, self._training_share(key))
        spread = self._spread(self._inside(name, other), key, differences, share)
        return spread.stretch * float(defined.std())

    def selection_bias(self, names: Sequence[str], key: str) -> float:
        """Estimate by how much the best of several methods looks better than it is."""
        return selection_bias([self.measured[name].blocks for name in names], key)

    def _too_few(self, key: str, *names: str) -> bool:
        positives = min(self.measured[name].positives for name in names)
        return too_few_for_difference(key, positives)

    def _unseen_error(self, name: str, other: str, key: str) -> float:
        """Return the standard error of two images more on which the methods differ, either way.

        Where two methods differ on few images, or on none, the resamples differ little or not at
        all, though other images would. Two pseudo-observations, one in favour of each method, are
        the correction for two paired proportions [1]_.

        References
        ----------
        .. [1] A. Agresti and Y. Min, "Simple improved confidence intervals for comparing matched
           proportions", Statistics in Medicine 24, 2005.
        """
        pieces = self.measured[name].pieces
        if key not in pieces:
            return 0.0
        one, below = pieces[key]
        two, its_below = self.measured[other].pieces[key]
        size = np.abs(one - two)
        typical = float(size[size > 0].mean()) if size.any() else UNSEEN_SIZE
        total = (below + its_below) / 2 * self.n_units / max(1, len(one))
        return typical * float(np.sqrt(2)) / total if total > 0 else 0.0

    def _training_share(self, key: str) -> float:
        """Return `TRAINING_SHARE` as a multiple of the test images of one fit."""
        folds = next(iter(self.measured.values())).blocks.inside.shape[1] if self.in_folds else 1
        return TRAINING_SHARE[key in PREDICTION_METRICS] * folds

    def _inside(self, name: str, other: str) -> Floats:
        """Return the differences in each fold."""
        return self.measured[name].blocks.inside - self.measured[other].blocks.inside

    def _spread(self, inside: Floats, key: str, resampled: Floats, share: float) -> Spread:
        """Return what to allow for the training images, in a figure or a difference."""
        by_fold = np.empty((0, 0))
        if self.in_folds:
            by_fold = inside[..., list(METRICS).index(key)]
        defined = resampled[~np.isnan(resampled)]
        variance = float(defined.var()) if len(defined) else 0.0
        return spread_of(by_fold, variance, share * self.relative_test_size)

    def _differences(self, name: str, other: str) -> Iterator[tuple[str, float, Floats]]:
        one, two = self.measured[name], self.measured[other]
        for column, key in enumerate(METRICS):
            yield (
                key,
                float((one.values - two.values)[column]),
                (one.resampled - two.resampled)[:, column],
            )


def _measure(
    card: Scorecard,
    resamples: Resamples,
    units: ArrayLike,
    partitions: Sequence[Sequence[NDArray[np.bool_]]],
) -> Measured:
    def stack(measured: Mapping[str, Floats]) -> Floats:
        return np.stack([measured[key] for key in METRICS], axis=-1)

    blocks = [stack(card.measure(weights)) for weights in resamples]
    return Measured(
        stack(card.measure()),
        np.concatenate(blocks),
        block_figures(card, partitions),
        card.unbiased_ap(units),
        card.image_terms(),
        effective_positives(card, units),
    )


def _verdict(gain: float, p: float, level: float) -> str | None:
    if np.isnan(p):
        return None
    if p >= 1 - level:
        return EQUAL
    return BETTER if gain > 0 else WORSE


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
