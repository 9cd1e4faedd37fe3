"""Every figure of every method on the same resamples, and what two of them differ by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from ..metrics import METRICS, Scorecard
from .holm import holm
from .intervals import difference_interval, own_interval
from .resampling import Resamples

Floats = NDArray[np.float64]
Measured = tuple[Floats, Floats]  # on all judged images, and resample by resample

BETTER, WORSE, EQUAL = "better", "worse", "no difference"


def resample(
    cards: Mapping[str, Scorecard],
    *,
    units: ArrayLike | None = None,
    test_to_train: float = 0.0,
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    n_jobs: int | None = None,
) -> "Resampled":
    """Measure every method on the same resamples, for whatever is to be compared then.

    Parameters
    ----------
    cards, units, test_to_train, n_resamples, level, seed, n_jobs
        As for `compare_with_references`, which compares everything at once.

    Raises
    ------
    ValueError
        If the cards or `units` differ in the number of rows.
    """
    judged = sorted({card.n_images for card in cards.values()})
    rows = np.arange(judged[0] if judged else 0) if units is None else np.asarray(units)
    if cards and judged != [len(rows)]:
        raise ValueError(f"the methods judge {judged} rows, the units are of {len(rows)}")
    resamples = Resamples(rows, n_resamples, seed)
    tasks = (delayed(_measure)(card, resamples) for card in cards.values())
    measured = dict(zip(cards, Parallel(n_jobs=n_jobs)(tasks), strict=True))
    stretch = float(np.sqrt(1 + test_to_train))
    return Resampled(measured, resamples.n_units, stretch, level)


@dataclass(frozen=True)
class Resampled:
    """Every metric of every method, on all judged images and on each resample of them.

    Attributes
    ----------
    measured : dict of str to pair of arrays, shapes (n_metrics,) and (n_resamples, n_metrics)
        By method.
    n_units : int
        How many units were drawn from.
    stretch : float
        Factor of the resampled differences, for the training images.
    level : float
        Of the intervals, and of all verdicts that are given together.

    Examples
    --------
    >>> Y = np.tile([[1, 0], [0, 1], [0, 0]], (40, 1))
    >>> noise = np.random.default_rng(0).normal(size=Y.shape)
    >>> cards = {"good": Scorecard(Y, Y + 0.2 * noise, Y), "bad": Scorecard(Y, Y + 2 * noise, Y)}
    >>> found = resample(cards, n_resamples=200)
    >>> found.against({"bad": "good"})["bad"]["macro_ap"]["verdict"]
    'worse'
    >>> round(found.error("bad", "good", "macro_ap"), 3)
    0.043
    """

    measured: Mapping[str, Measured]
    n_units: int
    stretch: float
    level: float

    def intervals(self, name: str) -> dict[str, dict[str, float | None]]:
        """Give the interval of each metric of a method, as `compare_with_references` does."""
        values, resampled = self.measured[name]
        intervals = {}
        for key, value, column in zip(METRICS, values, resampled.T, strict=True):
            low, high = own_interval(value, column, self.level)
            intervals[key] = {"low": _plain(low), "high": _plain(high)}
        return intervals

    def against(self, references: Mapping[str, str]) -> dict[str, dict[str, dict[str, Any]]]:
        """Give the verdict on each metric of each method against another.

        All of one call hold together: their p-values are adjusted together.
        """
        figures = [
            (
                name,
                key,
                value,
                *difference_interval(
                    value, resampled, self.n_units, stretch=self.stretch, level=self.level
                ),
            )
            for name, reference in references.items()
            for key, value, resampled in self._differences(name, reference)
        ]
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
        return verdicts

    def error(self, name: str, other: str, key: str) -> float:
        """Give the standard error of a difference; 0 where no resample has both figures."""
        differences = {k: column for k, _, column in self._differences(name, other)}[key]
        defined = differences[~np.isnan(differences)]
        return self.stretch * float(defined.std()) if len(defined) else 0.0

    def _differences(self, name: str, other: str) -> Iterator[tuple[str, float, Floats]]:
        (value, resampled), (its, its_resampled) = self.measured[name], self.measured[other]
        for column, key in enumerate(METRICS):
            yield key, float((value - its)[column]), (resampled - its_resampled)[:, column]


def _measure(card: Scorecard, resamples: Resamples) -> Measured:
    """Give arrays of shape (n_metrics,) and (n_resamples, n_metrics)."""

    def stack(measured: Mapping[str, Floats]) -> Floats:
        return np.stack([measured[key] for key in METRICS], axis=-1)

    blocks = [stack(card.measure(weights)) for weights in resamples]
    return stack(card.measure()), np.concatenate(blocks)


def _verdict(gain: float, p: float, level: float) -> str | None:
    if np.isnan(p):
        return None
    if p >= 1 - level:
        return EQUAL
    return BETTER if gain > 0 else WORSE


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
