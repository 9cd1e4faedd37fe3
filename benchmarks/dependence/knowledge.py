"""What the other labels say of a label beyond what the features say."""

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from ...classifiers import MultilabelGroupKFold, MultilabelKFold
from .residuals import correlate_residuals

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
