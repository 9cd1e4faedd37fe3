"""Label errors: rank the (image, label) pairs of a data set by the probability of an error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from sklearn.preprocessing import StandardScaler

from ...classifiers import (
    LogisticBinaryRelevance,
    LogisticBinaryRelevanceCV,
    LogisticPowerset,
    MultilabelGroupKFold,
    MultilabelKFold,
)
from ..data.tables import LabelTable
from ..utils import InputError

MIN_EXAMPLES = 5
"""A label with fewer positive, or fewer negative, images gets no scores."""

MAX_LABEL_SETS = 1000
"""The powerset is fitted as a second model unless there are more distinct label sets."""

PRIOR_RATE = 0.05
"""Expected share of the positives that the table misses; as many labels may be superfluous."""

PRIOR_WEIGHT = 400.0
"""Number of images that the expected error rates count for."""

_CS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1)
_TOL = 1e-5  # sufficient to rank images
_CLIP = 1e-6
_MAX_ITERATIONS = 100
_CONVERGED = 1e-4
_MIN_SLOPE = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelQuality:
    """Probabilities that the labels of a table are wrong, and the error rates of each label.

    Attributes
    ----------
    error_probability : ndarray of shape (n_images, n_labels)
        Probability that the given label is wrong; NaN where the label is unknown, or has too few
        positive or negative images.
    missing_rate : ndarray of shape (n_labels,)
        Estimated share of the images with a label for which the table says that it is absent.
    superfluous_rate : ndarray of shape (n_labels,)
        Estimated share of the images without a label for which the table says that it is present.
    """

    error_probability: Floats
    missing_rate: Floats
    superfluous_rate: Floats


@dataclass(frozen=True)
class LabelSuspect:
    """A label that looks wrong.

    Attributes
    ----------
    row : int
        Position of the image in the table.
    image, label : str
    given, suggested : int
        0: absent, 1: present.
    error_probability : float
        Probability that the given value is wrong.
    """

    row: int
    image: str
    label: str
    given: int
    suggested: int
    error_probability: float


def find_label_errors(
    X: ArrayLike,
    table: LabelTable,
    *,
    min_probability: float = 0.5,
    limit: int | None = None,
    seed: int = 0,
) -> list[LabelSuspect]:
    """Find the labels of a table that are probably wrong.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
        Feature vectors of the images of `table`.
    table : LabelTable
    min_probability : float, default=0.5
        Leave out pairs with a smaller probability of an error.
    limit : int, optional
        Maximum number of pairs.
    seed : int, default=0
        Seed of the folds.

    Returns
    -------
    list of LabelSuspect
        The most probable error first.

    See Also
    --------
    estimate_label_quality : The same from given out-of-fold probabilities.
    """
    probabilities = predict_out_of_fold(X, table, seed=seed)
    quality = estimate_label_quality(table.Y, probabilities, table.known)
    return rank_suspects(table, quality, min_probability=min_probability, limit=limit)


def predict_out_of_fold(
    X: ArrayLike, table: LabelTable, *, folds: int = 5, seed: int = 0, joint: bool = True
) -> Floats:
    """Predict the probability of each label with models that did not see the image.

    The log-odds of an independent and of a joint model are averaged: `LogisticBinaryRelevance` and
    `LogisticPowerset`, with the C that has the lowest log-loss of the former. Groups of the table
    are kept whole.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    table : LabelTable
    folds : int, default=5
    seed : int, default=0
        Seed of the folds.
    joint : bool, default=True
        False: use the independent model only.

    Returns
    -------
    ndarray of shape (n_images, n_labels)

    Raises
    ------
    InputError
        If there are too few images, or groups, for the folds.
    """
    X = np.asarray(X, dtype=np.float32)
    units = table.n_images if table.group is None else len(np.unique(table.group))
    if units < 2 * folds:
        raise InputError(
            f"{table.source}: {units} {'images' if table.group is None else 'groups'} are too few"
            f" for {folds} folds; label errors need at least {2 * folds}."
        )
    splitter = (
        MultilabelKFold(folds, random_state=seed)
        if table.group is None
        else MultilabelGroupKFold(folds, random_state=seed)
    )
    Y, known = table.Y, table.known
    parts = list(splitter.split(Y, Y, table.group))
    search = LogisticBinaryRelevanceCV(_CS, cv=parts, scoring="log_loss", tol=_TOL)
    C = float(search.fit(StandardScaler().fit_transform(X), Y, known=known).C_)
    joint = joint and bool(known.all()) and len(np.unique(Y, axis=0)) <= MAX_LABEL_SETS
    log_odds = np.empty(Y.shape)
    for train, test in parts:
        scaler = StandardScaler().fit(X[train])
        X_train, X_test = scaler.transform(X[train]), scaler.transform(X[test])
        model = LogisticBinaryRelevance(C, tol=_TOL).fit(X_train, Y[train], known=known[train])
        log_odds[test] = _log_odds(model.predict_proba(X_test))
        if joint:
            powerset = LogisticPowerset(C=C).fit(X_train, Y[train])
            log_odds[test] = (log_odds[test] + _log_odds(powerset.predict_proba(X_test))) / 2
    return np.asarray(expit(log_odds))


def estimate_label_quality(
    Y: ArrayLike, probabilities: ArrayLike, known: ArrayLike | None = None
) -> LabelQuality:
    """Estimate the probability that each given label is wrong.

    As in confident learning [1]_, applied to each label as a binary problem [2]_, the errors are
    assumed to depend on the true label only. For each label a model with two error rates is fitted
    by expectation-maximisation to the out-of-fold log-odds z: the label is truly present with
    probability ``expit(a + b z)``, the table misses it at one rate, and has it without reason at
    another. The map ``a + b z`` calibrates the classifier for the true labels; it is not drawn
    towards 0.5 by the errors, as a calibration curve for the given labels is. The error rates
    of a label with few images are close to the expected ones, which count for 400 images: 5 % of
    the positives are missing, and as many are superfluous.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
        Labels as given.
    probabilities : array of float, shape (n_images, n_labels)
        Out-of-fold probabilities: of models that did not see the image.
    known : array of bool, shape (n_images, n_labels), optional
        False where a label is unknown.

    Returns
    -------
    LabelQuality

    References
    ----------
    .. [1] C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset
       Labels", Journal of Artificial Intelligence Research 70, 2021.
    .. [2] A. Thyagarajan, E. Snorrason, C. Northcutt, J. Mueller, "Identifying Incorrect
       Annotations in Multi-Label Classification Data", 2022, arXiv:2211.13895.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> log_odds = rng.normal(scale=4, size=(1000, 1))
    >>> Y = rng.random((1000, 1)) < expit(log_odds)
    >>> Y[np.argmax(log_odds)] = 0
    >>> quality = estimate_label_quality(Y, expit(log_odds))
    >>> int(np.nanargmax(quality.error_probability)) == int(np.argmax(log_odds))
    True
    """
    Y = np.asarray(Y).astype(bool)
    weight = np.ones(Y.shape) if known is None else np.asarray(known).astype(np.float64)
    prevalence = (weight * Y).sum(axis=0) / np.maximum(weight.sum(axis=0), 1)
    model = _NoiseModel(_log_odds(probabilities), Y, weight, PRIOR_RATE, PRIOR_RATE * prevalence)
    model.fit()
    truly_present = model.truly_present()
    error = np.where(Y, 1 - truly_present, truly_present)
    positives = (weight * Y).sum(axis=0)
    too_few = np.minimum(positives, weight.sum(axis=0) - positives) < MIN_EXAMPLES
    error[(weight == 0) | too_few] = np.nan
    return LabelQuality(error, model.missing, model.superfluous)


def rank_suspects(
    table: LabelTable,
    quality: LabelQuality,
    *,
    min_probability: float = 0.5,
    limit: int | None = None,
) -> list[LabelSuspect]:
    """List the labels that are probably wrong, the most probable error first.

    Parameters
    ----------
    table : LabelTable
    quality : LabelQuality
    min_probability, limit
        As for `find_label_errors`.

    Returns
    -------
    list of LabelSuspect
    """
    error = np.nan_to_num(quality.error_probability, nan=-1.0)
    order = np.argsort(-error.ravel(), kind="stable")[: (error >= min_probability).sum()]
    suspects = []
    for position in order[:limit].tolist():
        row, column = divmod(position, table.n_labels)
        given = int(table.Y[row, column])
        suspects.append(
            LabelSuspect(
                row,
                table.images[row],
                table.labels[column],
                given,
                1 - given,
                round(float(error[row, column]), 4),
            )
        )
    return suspects


class _NoiseModel:
    """Calibrated binary classifiers with a rate of missing and a rate of superfluous labels.

    All labels are fitted together; each array has one entry, or one column, per label.
    """

    def __init__(
        self,
        z: Floats,
        given: NDArray[np.bool_],
        weight: Floats,
        missing: float,
        superfluous: Floats,
    ) -> None:
        self.z, self.given, self.weight = z, given, weight
        self.offset, self.slope = np.zeros(z.shape[1]), np.ones(z.shape[1])
        self.prior_missing = np.full(z.shape[1], missing)
        self.prior_superfluous = superfluous
        self.missing, self.superfluous = self.prior_missing, self.prior_superfluous

    def truly_present(self) -> Floats:
        """Return the probability that each label is truly present, given the table's value."""
        p = expit(self.offset + self.slope * self.z)
        present = np.where(self.given, 1 - self.missing, self.missing) * p
        absent = np.where(self.given, self.superfluous, 1 - self.superfluous) * (1 - p)
        return np.asarray(present / np.maximum(present + absent, np.finfo(float).tiny))

    def fit(self) -> None:
        """Run expectation-maximisation until the parameters stay the same."""
        for _ in range(_MAX_ITERATIONS):
            before = np.array([self.offset, self.slope, self.missing, self.superfluous])
            target = self.truly_present()
            self._calibrate(target)
            self._count_errors(target)
            after = np.array([self.offset, self.slope, self.missing, self.superfluous])
            if np.abs(after - before).max(initial=0) < _CONVERGED:
                break

    def _calibrate(self, target: Floats) -> None:
        """Take a Newton step towards the logistic regression of the expected labels on z."""
        p = expit(self.offset + self.slope * self.z)
        residual, curvature = self.weight * (target - p), self.weight * p * (1 - p)
        gradient = residual.sum(axis=0), (residual * self.z).sum(axis=0)
        a = curvature.sum(axis=0) + 1e-3
        b = (curvature * self.z).sum(axis=0)
        c = (curvature * self.z**2).sum(axis=0) + 1e-3
        determinant = a * c - b * b
        self.offset = self.offset + (c * gradient[0] - b * gradient[1]) / determinant
        step = (a * gradient[1] - b * gradient[0]) / determinant
        self.slope = np.maximum(self.slope + step, _MIN_SLOPE)

    def _count_errors(self, target: Floats) -> None:
        present, absent = self.weight * target, self.weight * (1 - target)
        missing = (present * ~self.given).sum(axis=0)
        superfluous = (absent * self.given).sum(axis=0)
        self.missing = (missing + PRIOR_WEIGHT * self.prior_missing) / (
            present.sum(axis=0) + PRIOR_WEIGHT
        )
        self.superfluous = (superfluous + PRIOR_WEIGHT * self.prior_superfluous) / (
            absent.sum(axis=0) + PRIOR_WEIGHT
        )


def _log_odds(probabilities: ArrayLike) -> Floats:
    p = np.asarray(probabilities, dtype=np.float64)
    return np.asarray(logit(np.clip(p, _CLIP, 1 - _CLIP)))
