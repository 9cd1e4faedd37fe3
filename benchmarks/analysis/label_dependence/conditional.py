"""Conditional dependence: dependence between labels given the features."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from ....classifiers import MultilabelGroupKFold, MultilabelKFold
from ...significance import Resamples, difference_interval, holm
from ...utils import limit_threads
from .pairwise import Pairs, correlate_residuals, count_together

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]

N_FOLDS = 5

_MIN_PROBABILITY = 1e-4  # probabilities are clipped to this distance from 0 and 1
_OWN_WEIGHT = 10.0  # makes the log-odds of the label itself almost unpenalised
_C = 0.1  # for the other inputs: a prior of a third of a unit of log-odds per standard deviation
_MAX_P = 0.05  # largest p-value of another label that is used as an input


def held_out_probabilities(
    Y: Floats,
    probabilities: Floats,
    known: Floats,
    groups: ArrayLike | None = None,
    *,
    n_folds: int = N_FOLDS,
    seed: int = 0,
    n_jobs: int | None = None,
) -> tuple[Floats, Floats]:
    """Predict each label out of fold, without and with the true other labels as inputs.

    Without: a logistic regression on the log-odds of all labels from an independent model. With:
    the other labels are additional inputs, if their residuals correlate with the label in the
    training images (unrelated inputs would only add variance). Both have the same penalty and
    folds, so that the difference is the information in the other labels beyond the features.

    Parameters
    ----------
    Y, known : arrays of float, shape (n_images, n_labels)
        Ground truth (0 or 1), and 1 where it is known. An unknown other label is replaced by its
        probability.
    probabilities : array of float, shape (n_images, n_labels)
        Out-of-sample probabilities of an independent model.
    groups : array, shape (n_images,), optional
        Images of a group stay in one fold.
    n_folds : int
        At most the number of images or groups.
    seed : int
        Random seed of the folds.
    n_jobs : int, optional
        Number of processes, as in joblib; one task per label.

    Returns
    -------
    without, with_others : arrays of float, shape (n_images, n_labels)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Y = np.repeat(rng.random((400, 1)) < 0.5, 2, axis=1).astype(float)
    >>> without, with_others = held_out_probabilities(Y, np.full_like(Y, 0.5), np.ones_like(Y))
    >>> bool(np.abs(without - 0.5).max() < 0.1), bool(np.abs(with_others - Y).max() < 0.1)
    (True, True)
    """
    odds = _standardize(logit(np.clip(probabilities, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)))
    truth = _standardize(np.where(known > 0, Y, probabilities))
    if groups is None:
        splitter = MultilabelKFold(n_folds, random_state=seed)
    else:
        splitter = MultilabelGroupKFold(n_folds, random_state=seed)
    folds = list(splitter.split(Y, Y.astype(np.uint8), groups))
    names = None if groups is None else np.asarray(groups)

    def predict(inputs: list[Bools]) -> Floats:
        tasks = (
            delayed(_out_of_fold)(j, odds, truth, Y[:, j], known[:, j] > 0, folds, inputs)
            for j in range(Y.shape[1])
        )
        return np.column_stack(Parallel(n_jobs=n_jobs)(tasks))

    no_inputs = np.zeros((Y.shape[1], Y.shape[1]), dtype=np.bool_)
    without = predict([no_inputs] * len(folds))
    inputs = []
    for train, _ in folds:
        part = None if names is None else names[train]
        _, p = correlate_residuals(Y[train], without[train], known[train], part)
        inputs.append((p < _MAX_P) & ~np.eye(len(p), dtype=np.bool_))
    return without, predict(inputs)


@limit_threads(0)  # many small regressions: threads would only wait for each other
def _out_of_fold(
    label: int,
    odds: Floats,
    truth: Floats,
    y: Floats,
    known: Bools,
    folds: Folds,
    inputs: list[Bools],
) -> Floats:
    weights = np.ones(odds.shape[1])
    weights[label] = _OWN_WEIGHT
    probability = np.empty(len(y))
    for (train, test), selected in zip(folds, inputs, strict=True):
        X = np.column_stack([odds * weights, truth[:, selected[label]]])
        rows = train[known[train]]
        observed = y[rows]
        if observed.min(initial=1) == observed.max(initial=0):
            # The training part has one class only: use the smoothed prevalence.
            probability[test] = (observed.sum() + 0.5) / (len(observed) + 1)
            continue
        model = LogisticRegression(C=_C, solver="newton-cholesky", max_iter=100)
        probability[test] = model.fit(X[rows], observed).predict_proba(X[test])[:, 1]
    return np.clip(probability, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)


def _standardize(X: Floats) -> Floats:
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
    """Compute how much knowing the other labels improves the prediction of each label.

    Parameters
    ----------
    Y, known : arrays of float, shape (n_images, n_labels)
        Ground truth (0 or 1), and 1 where it is known.
    probabilities : array of float, shape (n_images, n_labels)
        Out-of-sample probabilities of an independent model.
    labels : sequence of str
        Names of the labels.
    groups : array, shape (n_images,), optional
        Groups of dependent images.
    level, n_resamples, seed, n_jobs
        Confidence level, number of resamples, random seed and number of processes.

    Returns
    -------
    gains : dict
        ``"gain"``: {"value", "low", "high", "p"}, the out-of-fold log-loss without the other
        labels minus that with them, in nats per image and label, mean over labels; ``"log_loss"``
        without them; ``"share"``, the gain as a share of it; ``"labels"``: [{"label", "log_loss",
        "gain", "low", "high", "p"}] in descending order of gain, `p` adjusted.
    pairs : Pairs
        Correlations of the residuals of the labels given the features.
    """
    without, with_others = held_out_probabilities(
        Y, probabilities, known, groups, seed=seed, n_jobs=n_jobs
    )
    before, after = (_log_loss(Y, p) * known for p in (without, with_others))
    loss, gain = (part.sum(axis=0) / known.sum(axis=0) for part in (before, before - after))

    resamples = Resamples(np.arange(len(Y)) if groups is None else groups, n_resamples, seed)
    resampled = np.concatenate(
        [_divide(weights @ (before - after), weights @ known) for weights in resamples]
    )
    # A label without a known image in a resample is left out of its mean.
    defined = ~np.isnan(resampled)
    means = _divide(resampled.sum(axis=1, where=defined), defined.sum(axis=1).astype(float))
    # Ratio of test to training images, as in the comparison of methods.
    stretch = float(np.sqrt(1 + 1 / (N_FOLDS - 1)))

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


def _divide(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
