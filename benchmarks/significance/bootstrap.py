"""Paired bootstrap: every metric of every method on the same resamples, and their differences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from ..metrics import METRICS, PREDICTION_METRICS, Scorecard
from ..utils import limit_threads
from .confidence_intervals import (
    TOO_FEW_POSITIVES,
    VarianceInflation,
    difference_interval,
    effective_positives,
    inflate_variance,
    metric_interval,
    too_few_for_difference,
    too_few_for_interval,
)
from .multiple_testing import holm, selection_bias
from .resampling import BlockMetrics, Resamples, block_metrics, partition_rows, stack_metrics

Floats = NDArray[np.float64]

TRAINING_SHARE = {False: 0.2, True: 0.6}
"""Variance of one method's metric due to its training images, as a share of the variance due to the
same number of test images: for metrics of scores (False) and of predictions (True), which also
depend on the chosen thresholds. Below 1 because most of the noise comes from the test images,
unlike in a difference."""

DEFAULT_DIFFERENCE = 0.5  # difference on one image, if the methods agree on all test images

BETTER, WORSE, EQUAL = "better", "worse", "no difference"


def compare_with_references(
    cards: Mapping[str, Scorecard],
    references: Mapping[str, str | None],
    *,
    units: ArrayLike | None = None,
    folds: ArrayLike | None = None,
    relative_test_size: float = 0.0,
    n_resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    n_jobs: int | None = None,
) -> dict[str, dict[str, Any]]:
    """Test for every method and metric whether it differs significantly from its reference.

    The test images are resampled with replacement, with the same resamples for every method, and
    every metric is computed on each resample [1]_. A label without a positive image in a resample
    is left out of the macro averages of that resample, for both methods.

    This measures the variance due to the test images, but not the variance due to the training
    images. For the latter the resampled differences are stretched by
    ``sqrt(1 + relative_test_size)``, following Nadeau and Bengio [2]_; without it the verdict is
    about the fitted models instead of the methods.

    The p-values of all methods and metrics are adjusted together by Holm's procedure: of 100 tables
    without any true difference, 95 contain no "better" and no "worse". An interval refers to one
    difference alone. A verdict therefore never contradicts its interval, but "no difference" is
    possible with an interval that excludes zero.

    Parameters
    ----------
    cards : mapping of str to Scorecard
        Predictions of each method, for the same test rows.
    references : mapping of str to str or None
        Method with which each one is compared; None, itself or no entry: no comparison.
    units : array, shape (n_rows,), optional
        Dependent rows: the image in repeated cross-validation, or the group where the table has
        groups. Rows are independent by default.
    folds : array, shape (n_rows, 2), optional
        Repeat and fold of each row; None for a single test set.
    relative_test_size : float
        Test images per training image of a fit: 1 / (K - 1) for K folds.
    n_resamples : int
    level : float
        Confidence level of each interval, and of all verdicts together.
    seed : int
        Seed of the resamples.
    n_jobs : int, optional
        Number of processes, as in joblib; one method is one task.

    Returns
    -------
    dict of str to dict
        For each method ``"intervals"``: {metric: {"low", "high"}}, its ``"reference"`` and
        ``"against_reference"``: {metric: {"difference", "low", "high", "p", "verdict"}}, or None
        without a reference. The difference is the value of the method minus that of the reference,
        in units of the metric; ``"p"`` is adjusted. None where a value is undefined.

    Raises
    ------
    ValueError
        If the cards or `units` differ in the number of rows, or a reference has no card.

    References
    ----------
    .. [1] B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    .. [2] C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning 52,
       2003.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> Y = rng.random((300, 3)) < 0.3
    >>> scores = {name: Y + noise * rng.normal(size=Y.shape) for name, noise in
    ...           [("logistic", 0.8), ("chain", 0.4)]}
    >>> cards = {name: Scorecard(Y, score, score > 0.5) for name, score in scores.items()}
    >>> comparisons = compare_with_references(cards, {"chain": "logistic"}, n_resamples=500)
    >>> entry = comparisons["chain"]["against_reference"]["hamming_loss"]
    >>> entry["verdict"], round(entry["difference"], 2), round(entry["high"], 2)
    ('better', -0.17, -0.13)
    """
    compared_with = {name: _reference(name, cards, references) for name in cards}
    resampled = resample_metrics(
        cards,
        units=units,
        folds=folds,
        relative_test_size=relative_test_size,
        n_resamples=n_resamples,
        level=level,
        seed=seed,
        n_jobs=n_jobs,
    )
    verdicts = resampled.against(
        {name: reference for name, reference in compared_with.items() if reference is not None}
    )
    return {
        name: {
            "intervals": resampled.intervals(name),
            "reference": compared_with[name],
            "against_reference": verdicts.get(name),
        }
        for name in cards
    }


def _reference(
    name: str, cards: Mapping[str, Scorecard], references: Mapping[str, str | None]
) -> str | None:
    reference = references.get(name)
    if reference is not None and reference not in cards:
        raise ValueError(f"{name} is to be compared with {reference}, which has no card")
    return None if reference == name else reference


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
    """Compute the metrics of every method on the same resamples and in the same folds.

    Parameters
    ----------
    cards, units, folds, relative_test_size, n_resamples, level, seed, n_jobs
        As in `compare_with_references`, which makes all comparisons at once.

    Raises
    ------
    ValueError
        If the cards, `units` or `folds` differ in the number of rows.
    """
    n_rows = sorted({card.n_images for card in cards.values()})
    row_units = np.arange(n_rows[0] if n_rows else 0) if units is None else np.asarray(units)
    if cards and n_rows != [len(row_units)]:
        raise ValueError(f"the methods predict {n_rows} rows, the units have {len(row_units)}")
    if folds is not None and len(np.asarray(folds)) != len(row_units):
        raise ValueError(f"the folds have {len(np.asarray(folds))} rows, not {len(row_units)}")
    resamples = Resamples(row_units, n_resamples, seed)
    partitions = partition_rows(row_units, folds, seed)
    tasks = (
        delayed(_compute_metrics)(card, resamples, row_units, partitions) for card in cards.values()
    )
    metrics = dict(zip(cards, Parallel(n_jobs=n_jobs)(tasks), strict=True))
    in_folds = folds is not None and len(np.unique(np.asarray(folds), axis=0)) > 1
    return ResampledMetrics(metrics, resamples.n_units, relative_test_size, level, in_folds)


@dataclass(frozen=True)
class MethodMetrics:
    """All metrics of one method.

    Attributes
    ----------
    values : array of float, shape (n_metrics,)
        On all test images.
    resampled : array of float, shape (n_resamples, n_metrics)
        On each resample.
    blocks : BlockMetrics
        Inside and outside each fold, or each random block of a single test set.
    unbiased : dict of str to float
        Unbiased estimates of the metrics that are biased on few images.
    image_terms : dict of str to (array of float of shape (n_rows,), float)
        See `Scorecard.image_terms`.
    positives : float
        See `catnocat.benchmarks.significance.confidence_intervals.effective_positives`.
    """

    values: Floats
    resampled: Floats
    blocks: BlockMetrics
    unbiased: Mapping[str, float]
    image_terms: Mapping[str, tuple[Floats, float]]
    positives: float


@dataclass(frozen=True)
class ResampledMetrics:
    """All metrics of every method, on all test images, on resamples of them and in the folds.

    Attributes
    ----------
    by_method : dict of str to MethodMetrics
    n_units : int
        Number of units that were resampled.
    relative_test_size : float
        Test images per training image of a fit.
    level : float
        Confidence level of each interval, and of all verdicts of one call.
    in_folds : bool
        Whether the blocks are folds, each with its own models.

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

    by_method: Mapping[str, MethodMetrics]
    n_units: int
    relative_test_size: float
    level: float
    in_folds: bool = False

    def intervals(self, name: str) -> dict[str, dict[str, Any]]:
        """Return the confidence interval of each metric of a method."""
        metrics = self.by_method[name]
        df = max(1.0, min(self.n_units - 1.0, metrics.positives - 1.0))
        few_positives = np.sqrt(1 + 1 / df)
        intervals: dict[str, dict[str, Any]] = {}
        for key, value, resampled in zip(METRICS, metrics.values, metrics.resampled.T, strict=True):
            if too_few_for_interval(key, metrics.positives):
                intervals[key] = {"low": None, "high": None, "reason": TOO_FEW_POSITIVES}
                continue
            centre = metrics.unbiased.get(key)
            inflation = self._inflation(
                metrics.blocks.inside, key, resampled, self._training_share(key)
            )
            stretch = inflation.stretch * (1.0 if centre is None else few_positives)
            stretched = value + stretch * (resampled - value)
            low, high = metric_interval(
                value, stretched, self.level, centre=centre, df=inflation.df
            )
            maximum = np.inf if key == "coverage" else 1.0
            intervals[key] = {
                "low": _none_if_nan(max(low, 0.0)),
                "high": _none_if_nan(min(high, maximum)),
            }
        return intervals

    def against(
        self,
        references: Mapping[str, str],
        bias: Mapping[str, float] | None = None,
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """Compare methods with other methods, metric by metric.

        The p-values of one call are adjusted together.

        Parameters
        ----------
        references : mapping of str to str
            Method with which each one is compared.
        bias : mapping of str to float, optional
            By metric, the selection bias to subtract from the differences before they are tested.
            It is estimated from few blocks, so its standard error is assumed to be as large as the
            bias.
        """
        comparisons = []
        for name, reference in references.items():
            for key, value, resampled in self._differences(name, reference):
                key_bias = (bias or {}).get(key, 0.0)
                value -= key_bias
                interval = (np.nan, np.nan, np.nan)
                if not self._too_few_positives(key, name, reference):
                    share = max(1.0, self._training_share(key))
                    inflation = self._inflation(
                        self._block_differences(name, reference), key, resampled, share
                    )
                    interval = difference_interval(
                        value,
                        resampled,
                        self.n_units,
                        stretch=inflation.stretch,
                        df=inflation.df,
                        extra=float(
                            np.hypot(self._pseudo_image_error(name, reference, key), key_bias)
                        ),
                        level=self.level,
                    )
                comparisons.append((name, key, value, *interval))
        verdicts: dict[str, dict[str, Any]] = {name: {} for name in references}
        adjusted = holm([p for *_, p in comparisons])
        for (name, key, difference, low, high, _), p in zip(comparisons, adjusted, strict=True):
            verdicts[name][key] = {
                "difference": _none_if_nan(difference),
                "low": _none_if_nan(low),
                "high": _none_if_nan(high),
                "p": _none_if_nan(p),
                "verdict": _verdict(METRICS[key].gain(difference), p, self.level),
            }
            if self._too_few_positives(key, name, references[name]):
                verdicts[name][key]["reason"] = TOO_FEW_POSITIVES
        return verdicts

    def standard_error(self, name: str, reference: str, key: str) -> float:
        """Return the standard error of a difference; 0 if no resample has both values."""
        differences = {k: resampled for k, _, resampled in self._differences(name, reference)}[key]
        defined = differences[~np.isnan(differences)]
        if not len(defined):
            return 0.0
        share = max(1.0, self._training_share(key))
        inflation = self._inflation(
            self._block_differences(name, reference), key, differences, share
        )
        return inflation.stretch * float(defined.std())

    def selection_bias(self, names: Sequence[str], key: str) -> float:
        """Estimate by how much the best of several methods looks better than it is."""
        return selection_bias([self.by_method[name].blocks for name in names], key)

    def _too_few_positives(self, key: str, *names: str) -> bool:
        positives = min(self.by_method[name].positives for name in names)
        return too_few_for_difference(key, positives)

    def _pseudo_image_error(self, name: str, reference: str, key: str) -> float:
        """Return the standard error due to two further images on which the methods differ.

        If two methods differ on few images, or on none, the resamples differ little or not at all,
        although other images would. Two pseudo-observations, one in favour of each method, are the
        correction for two paired proportions [1]_.

        References
        ----------
        .. [1] A. Agresti and Y. Min, "Simple improved confidence intervals for comparing matched
           proportions", Statistics in Medicine 24, 2005.
        """
        terms = self.by_method[name].image_terms
        if key not in terms:
            return 0.0
        numerator, denominator = terms[key]
        reference_numerator, reference_denominator = self.by_method[reference].image_terms[key]
        size = np.abs(numerator - reference_numerator)
        typical = float(size[size > 0].mean()) if size.any() else DEFAULT_DIFFERENCE
        total = (denominator + reference_denominator) / 2 * self.n_units / max(1, len(numerator))
        return typical * float(np.sqrt(2)) / total if total > 0 else 0.0

    def _training_share(self, key: str) -> float:
        """Return `TRAINING_SHARE` as a multiple of the number of test images of one fit."""
        n_folds = 1
        if self.in_folds:
            n_folds = next(iter(self.by_method.values())).blocks.inside.shape[1]
        return TRAINING_SHARE[key in PREDICTION_METRICS] * n_folds

    def _block_differences(self, name: str, reference: str) -> Floats:
        """Return the differences in each fold."""
        return self.by_method[name].blocks.inside - self.by_method[reference].blocks.inside

    def _inflation(
        self, inside: Floats, key: str, resampled: Floats, share: float
    ) -> VarianceInflation:
        """Return the correction for the training images, for a metric or a difference."""
        by_fold = np.empty((0, 0))
        if self.in_folds:
            by_fold = inside[..., list(METRICS).index(key)]
        defined = resampled[~np.isnan(resampled)]
        variance = float(defined.var()) if len(defined) else 0.0
        return inflate_variance(by_fold, variance, share * self.relative_test_size)

    def _differences(self, name: str, reference: str) -> Iterator[tuple[str, float, Floats]]:
        """Generate each metric's key, difference and resampled differences."""
        first, second = self.by_method[name], self.by_method[reference]
        for column, key in enumerate(METRICS):
            yield (
                key,
                float((first.values - second.values)[column]),
                (first.resampled - second.resampled)[:, column],
            )


def _compute_metrics(
    card: Scorecard,
    resamples: Resamples,
    units: ArrayLike,
    partitions: Sequence[Sequence[NDArray[np.bool_]]],
) -> MethodMetrics:
    with limit_threads(card.n_images * card.n_labels):
        return MethodMetrics(
            stack_metrics(card),
            np.concatenate([stack_metrics(card, weights) for weights in resamples]),
            block_metrics(card, partitions),
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


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
