"""Whether labels depend on one another beyond what the features tell of each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..statistics import Resamples, difference_interval, holm
from .knowledge import FOLDS, held_out_probabilities
from .pairs import Pairs
from .residuals import correlate_residuals, count_together

Floats = NDArray[np.float64]


def measure_gain(
    Y: Floats,
    probabilities: Floats,
    known: Floats,
    labels: Sequence[str],
    groups: ArrayLike | None = None,
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[dict[str, Any], Pairs]:
    """Measure how much better each label is predicted once the other labels are known.

    Parameters
    ----------
    Y, known : arrays of float, shape (n_images, n_labels)
        The truth, 0 or 1, and 1 where it is known.
    probabilities : array of float, shape (n_images, n_labels)
        By an independent model that did not learn from the image.
    labels : sequence of str
        Their names.
    groups : array, shape (n_images,), optional
        Images that belong together.
    level, n_resamples, seed, n_jobs
        Of the intervals, the bootstrap over images or groups, the folds, and the processes.

    Returns
    -------
    gains : dict
        ``"gain"``: {"value", "low", "high", "p"}, the held-out log-loss without the other labels
        less that with them, in nats per image and label, mean over labels; ``"log_loss"`` without
        them; ``"share"``, the gain as a share of it; ``"labels"``: [{"label", "log_loss",
        "gain", "low", "high", "p"}] from the largest gain on, `p` adjusted.
    pairs : Pairs
        The correlations of what is left of each label when the features have told theirs.
    """
    without, told = held_out_probabilities(
        Y, probabilities, known, groups, seed=seed, n_jobs=n_jobs
    )
    before, after = (_log_loss(Y, p) * known for p in (without, told))
    loss, gain = (part.sum(axis=0) / known.sum(axis=0) for part in (before, before - after))

    resamples = Resamples(np.arange(len(Y)) if groups is None else groups, n_resamples, seed)
    resampled = np.concatenate(
        [_ratio(weights @ (before - after), weights @ known) for weights in resamples]
    )
    # A label that no image of a resample tells of is left out of its mean.
    told_of = ~np.isnan(resampled)
    means = _ratio(resampled.sum(axis=1, where=told_of), told_of.sum(axis=1).astype(float))
    # As in the comparison of methods: each fold judges so many images for one it learned from.
    stretch = float(np.sqrt(1 + 1 / (FOLDS - 1)))

    def test(value: float, column: Floats) -> tuple[float, float, float]:
        return difference_interval(value, column, resamples.n_units, stretch=stretch, level=level)

    tested = [test(float(value), column) for value, column in zip(gain, resampled.T, strict=True)]
    adjusted = holm([p for *_, p in tested])
    whole = test(float(gain.mean()), means)
    gains = {
        "gain": dict(zip(("value", "low", "high", "p"), (float(gain.mean()), *whole), strict=True)),
        "log_loss": float(loss.mean()),
        "share": float(gain.mean() / loss.mean()),
        "labels": [
            {
                "label": labels[j],
                "log_loss": float(loss[j]),
                "gain": float(gain[j]),
                "low": tested[j][0],
                "high": tested[j][1],
                "p": float(adjusted[j]),
            }
            for j in np.argsort(-gain)
        ],
    }
    correlation, p = correlate_residuals(Y, without, known, groups)
    together, expected = count_together(Y, known), count_together(without, known)
    return gains, Pairs(correlation, p, together, expected)


def _log_loss(Y: Floats, probability: Floats) -> Floats:
    loss: Floats = -np.log(np.where(Y > 0, probability, 1 - probability))
    return loss


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
