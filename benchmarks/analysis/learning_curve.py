"""Learning curve: macro AP against the number of training images, and its extrapolation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.preprocessing import StandardScaler

from ...classifiers import LogisticBinaryRelevance, LogisticBinaryRelevanceCV
from ..data import sample_rows
from ..data.tables import LabelTable
from ..metrics import macro_aps
from ..significance import Resamples

FRACTIONS = (0.1, 0.2, 0.4, 0.7, 1.0)
DRAWS = 3
N_RESAMPLES = 200

_CS = (1e-4, 1e-3, 1e-2, 1e-1)
_TOL = 1e-5
_EXPONENTS = np.linspace(0.05, 1.5, 59)

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class TrainTest(Protocol):
    """Rows to train on and rows to test on."""

    @property
    def train(self) -> Rows:
        """Row numbers."""

    @property
    def test(self) -> Rows:
        """Row numbers."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CurvePoint:
    """Macro AP after training on a part of the images.

    Attributes
    ----------
    fraction : float
        Share of the training images.
    train_images : int
    macro_ap : Estimate
    label_ap : dict of str to float
        AP of each label that has positive and negative test images.
    """

    fraction: float
    train_images: int
    macro_ap: Estimate
    label_ap: dict[str, float]


@dataclass(frozen=True)
class PowerLaw:
    """A power law ``limit - scale * n ** -exponent`` of the number n of training images."""

    limit: Estimate
    scale: Estimate
    exponent: Estimate


@dataclass(frozen=True)
class MethodCurve:
    """The learning curve of one method.

    Attributes
    ----------
    method : str
    points : list of CurvePoint
        From few to all training images.
    power_law : PowerLaw
    doubling : Estimate
        Expected gain in macro AP from twice as many training images.
    label_gains : dict of str to Estimate
        The same in the AP of each label, the largest gain first.
    """

    method: str
    points: list[CurvePoint]
    power_law: PowerLaw
    doubling: Estimate
    label_gains: dict[str, Estimate]


def measure_learning_curve(
    X: ArrayLike,
    table: LabelTable,
    folds: Sequence[TrainTest],
    *,
    estimators: Mapping[str, BaseEstimator] | None = None,
    fractions: Sequence[float] = FRACTIONS,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[MethodCurve]:
    """Measure macro AP after training on parts of the training images.

    Draw d trains on stratified parts of the training images of fold d (modulo the number of folds),
    each part inside the next larger one, and is scored on that fold's test images. The intervals
    combine a bootstrap of the test images with the variance between draws. The power law is fitted
    again to each resample, so that its interval, and that of its extrapolation, contains both.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    table : LabelTable
    folds : sequence of objects with `train` and `test`
        Row numbers.
    estimators : mapping of str to estimator, optional
        Multi-label classifiers with their parameters set, by name; features are standardised for
        them. Default: "logistic", with C selected on a part of the training images.
    fractions : sequence of float
        In ascending order; the last one is 1.
    draws : int, default=3
    seed : int, default=0

    Returns
    -------
    list of MethodCurve
        One per estimator.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rng = np.random.default_rng(0)
    >>> Y = (rng.random((400, 2)) < 0.4).astype(int)
    >>> names = [f"{row}.jpg" for row in range(400)]
    >>> table = LabelTable("made", "made.csv", names, names, ["cat", "dog"], Y, np.ones_like(Y))
    >>> X = np.hstack([Y, np.zeros((400, 30))]) + rng.normal(size=(400, 32))
    >>> rows = np.arange(400)
    >>> folds = [SimpleNamespace(train=rows[:200], test=rows[200:])]
    >>> (curve,) = measure_learning_curve(X, table, folds)
    >>> [point.train_images for point in curve.points], curve.doubling.value > 0
    ([20, 40, 80, 140, 200], True)
    """
    X = np.asarray(X, dtype=np.float32)
    if estimators is None:
        estimators = {"logistic": _logistic(X, table, folds[0].train, seed)}
    parts = [
        _nested_parts(table, folds[draw % len(folds)].train, fractions, seed + draw)
        for draw in range(draws)
    ]
    sizes = np.array([np.mean([len(part[k]) for part in parts]) for k in range(len(fractions))])
    weights = _test_weights(folds, draws, seed)
    curves = []
    for name, estimator in estimators.items():
        ap = np.stack(
            [
                _label_aps(estimator, X, table, part, folds[draw % len(folds)].test, weights[draw])
                for draw, part in enumerate(parts)
            ]
        )
        curves.append(_summarise(name, table.labels, np.array(fractions), sizes, ap, seed))
    return curves


def _logistic(X: NDArray[np.float32], table: LabelTable, train: Rows, seed: int) -> BaseEstimator:
    """Return logistic regressions with C selected on a stratified part of the training images."""
    training = table.take(train)
    rows = train[sample_rows(training, max(min(len(train), 50), int(0.4 * len(train))), seed)]
    search = LogisticBinaryRelevanceCV(_CS, cv=3, tol=_TOL)
    scaled = StandardScaler().fit_transform(X[rows])
    search.fit(scaled, table.Y[rows], known=table.known[rows])
    return LogisticBinaryRelevance(float(search.C_), tol=_TOL)


def _nested_parts(
    table: LabelTable, train: Rows, fractions: Sequence[float], seed: int
) -> list[Rows]:
    """Return stratified parts of the training rows, each inside the next; in ascending order."""
    parts, rows = [], train
    for fraction in sorted(fractions, reverse=True):
        size = max(2, round(fraction * len(train)))
        if size < len(rows):
            rows = rows[sample_rows(table.take(rows), size, seed)]
        parts.append(rows)
    return parts[::-1]


def _test_weights(folds: Sequence[TrainTest], draws: int, seed: int) -> list[Floats]:
    """Return how often each test image counts: once, then in each resample; for each draw."""
    weights = []
    for draw in range(draws):
        number = draw % len(folds)
        n_test = len(folds[number].test)
        resamples = Resamples(np.arange(n_test), N_RESAMPLES, seed=seed + number)
        weights.append(np.vstack([np.ones(n_test), *resamples]))
    return weights


def _label_aps(
    estimator: BaseEstimator,
    X: NDArray[np.float32],
    table: LabelTable,
    parts: Sequence[Rows],
    test: Rows,
    weights: Floats,
) -> Floats:
    """Return AP of shape (n_parts, 1 + n_resamples, n_labels)."""
    values = []
    for rows in parts:
        scaler = StandardScaler().fit(X[rows])
        model = clone(estimator)
        known = {} if table.known[rows].all() else {"known": table.known[rows]}
        model.fit(scaler.transform(X[rows]), table.Y[rows], **known)
        P = model.predict_proba(scaler.transform(X[test]))
        Y, answered = table.Y[test], table.known[test]
        columns = ([label] for label in range(table.n_labels))
        values.append(
            np.column_stack([macro_aps(Y[:, c], P[:, c], answered[:, c], weights) for c in columns])
        )
    return np.stack(values)


def _summarise(
    name: str,
    labels: Sequence[str],
    fractions: Floats,
    sizes: Floats,
    ap: Floats,
    seed: int,
) -> MethodCurve:
    """Fit the power law to AP of shape (n_draws, n_parts, 1 + n_resamples, n_labels)."""
    scored: NDArray[np.bool_] = np.asarray(np.isfinite(ap[:, :, 0]).all(axis=(0, 1)))
    per_label = _mean_ignoring_nan(ap[..., scored], axis=0)  # over draws
    macro = _mean_ignoring_nan(ap[..., scored], axis=3)  # over labels: (draws, parts, resamples)
    per_label, macro = _without_bootstrap_bias(per_label, 1), _without_bootstrap_bias(macro, 2)
    noise = _draw_errors(macro[:, :, 0], fractions, seed, macro.shape[2])
    mean = macro.mean(axis=0) + noise  # (parts, 1 + resamples); the first column has no noise
    limit, scale, exponent = fit_power_law(sizes, mean.T)
    n = sizes[-1]
    gain = scale * (n**-exponent - (2 * n) ** -exponent)
    points = [
        CurvePoint(
            float(fraction),
            round(float(size)),
            _estimate(mean[k]),
            dict(
                zip(
                    (label for label, is_scored in zip(labels, scored, strict=True) if is_scored),
                    per_label[k, 0].tolist(),
                    strict=True,
                )
            ),
        )
        for k, (fraction, size) in enumerate(zip(fractions, sizes, strict=True))
    ]
    gains = {}
    for column, label in enumerate(points[0].label_ap):
        # The exponent of the macro average: five points of one label do not determine it.
        slope = _slope(sizes, per_label[:, :, column].T, exponent)
        gains[label] = _estimate(slope * (n**-exponent - (2 * n) ** -exponent))
    order = sorted(gains, key=lambda label: -gains[label].value)
    law = PowerLaw(_estimate(limit), _estimate(scale), _estimate(exponent))
    return MethodCurve(name, points, law, _estimate(gain), {label: gains[label] for label in order})


def fit_power_law(sizes: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Fit ``limit - scale * n ** -exponent`` by least squares, for many curves at once.

    The limit is at most 1, the scale is not negative, and the exponent is one of a grid from 0.05
    to 1.5.

    Parameters
    ----------
    sizes : array of shape (n_points,)
    values : array of shape (n_curves, n_points)

    Returns
    -------
    limit, scale, exponent : ndarray of shape (n_curves,)

    Examples
    --------
    >>> sizes = np.array([100, 200, 400, 800])
    >>> limit, scale, exponent = fit_power_law(sizes, [0.9 - 2 * sizes**-0.5])
    >>> f"{limit[0]:.3f} {scale[0]:.3f} {exponent[0]:.3f}"
    '0.900 2.000 0.500'
    """
    n, Y = np.asarray(sizes, dtype=np.float64), np.asarray(values, dtype=np.float64)
    best = np.full(len(Y), np.inf)
    limit, scale, exponent = (np.zeros(len(Y)) for _ in range(3))
    for candidate in _EXPONENTS:
        z = n**-candidate
        slope = np.maximum(_slope(n, Y, np.full(len(Y), candidate)), 0)
        height = Y.mean(axis=1) + slope * z.mean()
        above = height > 1
        slope = np.where(above, ((1 - Y) @ z) / (z @ z), slope)
        height = np.minimum(height, 1)
        error = ((Y - height[:, None] + slope[:, None] * z) ** 2).sum(axis=1)
        better = error < best
        best = np.where(better, error, best)
        limit, scale = np.where(better, height, limit), np.where(better, slope, scale)
        exponent = np.where(better, candidate, exponent)
    return limit, scale, exponent


def _slope(n: Floats, values: Floats, exponent: Floats) -> Floats:
    """Return the least-squares scale of each curve, given its exponent."""
    z = n[None, :] ** -exponent[:, None]
    z = z - z.mean(axis=1, keepdims=True)
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(-(z * centred).sum(axis=1) / (z**2).sum(axis=1))


def _draw_errors(values: Floats, fractions: Floats, seed: int, n_resamples: int) -> Floats:
    """Return random errors of the mean of the draws, of shape (n_parts, n_resamples).

    The variance between draws is taken as proportional to 1 / n, by its mean over the parts. The
    training images are themselves a sample, whose error all parts share.
    """
    n_draws = len(values)
    errors = np.zeros((len(fractions), n_resamples))
    if n_draws < 2:
        return errors
    part = fractions < 1
    # Parts of the same images agree more than independent samples: finite population correction.
    rate = np.mean(values[:, part].var(axis=0, ddof=1) * fractions[part] / (1 - fractions[part]))
    own = np.sqrt(rate * (1 / fractions - 1) / n_draws)
    rng = np.random.default_rng(seed)
    errors[:, 1:] = own[:, None] * rng.normal(size=(len(fractions), n_resamples - 1))
    errors[:, 1:] += np.sqrt(rate) * rng.normal(size=n_resamples - 1)
    return errors


def _without_bootstrap_bias(values: Floats, axis: int) -> Floats:
    """Shift the resamples, all entries but the first along an axis, to the mean of the first.

    AP of a resample is larger on average: repeated images are ranked next to each other.
    """
    first, others = np.split(values, [1], axis=axis)
    shifted = others - others.mean(axis=axis, keepdims=True) + first
    return np.concatenate([first, shifted], axis=axis)


def _mean_ignoring_nan(values: Floats, axis: int) -> Floats:
    counted = np.isfinite(values)
    total = np.where(counted, values, 0.0).sum(axis=axis)
    return np.asarray(total / np.maximum(counted.sum(axis=axis), 1))


def _estimate(values: Floats) -> Estimate:
    """Return the first value with the 2.5 and 97.5 percentiles of the others."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Estimate(float(values[0]), float(min(low, values[0])), float(max(high, values[0])))
