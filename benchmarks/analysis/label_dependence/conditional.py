"""Whether labels depend on one another beyond what the features tell of each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from ....classifiers import MultilabelGroupKFold, MultilabelKFold
from ...significance import Resamples, difference_interval, holm
from .pairwise import Pairs, correlate_residuals, count_together

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]

FOLDS = 5

_SURE = 1e-4  # nearer to 0 and 1 a probability is not taken at its word
_OWN = 10.0  # the label's own log-odds is all but unpenalised
_PENALTY = 0.1  # C of the others: a prior of a third of a unit of log-odds per standard deviation
_HEARD = 0.05  # p up to which another label is worth hearing


def held_out_probabilities(
    Y: Floats,
    probabilities: Floats,
    known: Floats,
    groups: ArrayLike | None = None,
    *,
    n_folds: int = FOLDS,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Floats, Floats]:
    """Predict each label held out, without and with the other labels known.

    Without: a logistic regression on the log-odds that an independent model gives to all the
    labels. With: one that is also told which other labels are there, of those that in its training
    images have something to say; to listen to all of them would cost more than a few can give.
    Both have the same penalty and the same folds, so that the second is better only by what the
    truth about other labels tells beyond the features.

    Parameters
    ----------
    Y, known : arrays of float, shape (n_images, n_labels)
        The truth, 0 or 1, and 1 where it is known. Another label that is unknown counts as its
        probability.
    probabilities : array of float, shape (n_images, n_labels)
        By an independent model that did not learn from the image.
    groups : array, shape (n_images,), optional
        Images that stay in one fold.
    n_folds : int
        At most as many as there are images or groups.
    seed : int
        Of the folds.
    n_jobs : int, optional
        Processes, as joblib counts them; one label is one task.

    Returns
    -------
    without, with_others : arrays of float, shape (n_images, n_labels)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Y = np.repeat(rng.random((400, 1)) < 0.5, 2, axis=1).astype(float)
    >>> without, told = held_out_probabilities(Y, np.full_like(Y, 0.5), np.ones_like(Y))
    >>> bool(np.abs(without - 0.5).max() < 0.1), bool(np.abs(told - Y).max() < 0.1)
    (True, True)
    """
    odds = _standardised(logit(np.clip(probabilities, _SURE, 1 - _SURE)))
    truth = _standardised(np.where(known > 0, Y, probabilities))
    if groups is None:
        splitter = MultilabelKFold(n_folds, random_state=seed)
    else:
        splitter = MultilabelGroupKFold(n_folds, random_state=seed)
    folds = list(splitter.split(Y, Y.astype(np.uint8), groups))
    names = None if groups is None else np.asarray(groups)

    def predict(heard: list[Bools]) -> Floats:
        tasks = (
            delayed(_out_of_fold)(j, odds, truth, Y[:, j], known[:, j] > 0, folds, heard)
            for j in range(Y.shape[1])
        )
        return np.column_stack(Parallel(n_jobs=n_jobs)(tasks))

    nobody = np.zeros((Y.shape[1], Y.shape[1]), dtype=np.bool_)
    without = predict([nobody] * len(folds))
    heard = []
    for train, _ in folds:
        part = None if names is None else names[train]
        _, p = correlate_residuals(Y[train], without[train], known[train], part)
        heard.append((p < _HEARD) & ~np.eye(len(p), dtype=np.bool_))
    return without, predict(heard)


def _out_of_fold(
    label: int,
    odds: Floats,
    truth: Floats,
    y: Floats,
    known: Bools,
    folds: Folds,
    heard: list[Bools],
) -> Floats:
    weights = np.ones(odds.shape[1])
    weights[label] = _OWN
    probability = np.empty(len(y))
    for (train, test), listens in zip(folds, heard, strict=True):
        X = np.column_stack([odds * weights, truth[:, listens[label]]])
        rows = train[known[train]]
        seen = y[rows]
        if seen.min(initial=1) == seen.max(initial=0):
            # One kind only, by the make of the groups: as sure as so many images allow.
            probability[test] = (seen.sum() + 0.5) / (len(seen) + 1)
            continue
        model = LogisticRegression(C=_PENALTY, solver="newton-cholesky", max_iter=100)
        probability[test] = model.fit(X[rows], seen).predict_proba(X[test])[:, 1]
    return np.clip(probability, _SURE, 1 - _SURE)


def _standardised(X: Floats) -> Floats:
    spread = X.std(axis=0)
    result: Floats = (X - X.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0)
    return result


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
