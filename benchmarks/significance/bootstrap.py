"""Each method against its reference, image by image."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from ..metrics import Scorecard
from .resampled import resample_metrics


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
    """Say for every method and metric whether it differs from its reference by more than chance.

    The judged images are drawn again with replacement, the same ones for every method, and every
    metric is measured on each resample [1]_. A label without a positive image in a resample is left
    out of that resample's macro averages, of both methods alike.

    That tells how much of a difference is due to which images happened to be judged, and nothing of
    what the methods would have learned from other training images. For that the resampled
    differences are stretched by ``sqrt(1 + relative_test_size)``, which Nadeau and Bengio [2]_
    add to the variance; without it the verdict is about the very models that were fitted.

    The p-values of all methods and metrics are adjusted together by Holm's procedure: of a whole
    table of verdicts without any true difference, 95 in 100 hold no "better" and no "worse". An
    interval is about its own figure alone. So a verdict never contradicts its interval, but a "no
    difference" can stand beside an interval without zero.

    Parameters
    ----------
    cards : mapping of str to Scorecard
        The answers of each method, all on the same judged rows.
    references : mapping of str to str or None
        The method that each one is compared with; None, itself or no entry: with nothing.
    units : array, shape (n_judged,), optional
        Rows that belong together: the image where one is judged in several repetitions, or the
        group where the table has groups. Each row by itself by default.
    folds : array, shape (n_judged, 2), optional
        The repeat and the fold of each row; None for a single test set.
    relative_test_size : float
        How many images each fitted model judged for every one it learned from: 1 / (K - 1) with K
        folds, the test images by the training images of a split.
    n_resamples : int
        How many resamples to draw.
    level : float
        Of the intervals, and of all verdicts together.
    seed : int
        The same seed, the same resamples.
    n_jobs : int, optional
        Processes, as joblib counts them; one method is one task.

    Returns
    -------
    dict of str to dict
        For each method ``"intervals"``: {metric: {"low", "high"}}, its ``"reference"`` and
        ``"against_reference"``: {metric: {"difference", "low", "high", "p", "verdict"}}, or None
        where there is no reference. The difference is the method's value less the reference's, in
        the metric's own units; ``"p"`` is adjusted. None where a figure is not defined.

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
    >>> answers = {name: Y + noise * rng.normal(size=Y.shape) for name, noise in
    ...            [("cat/no-cat", 0.8), ("chain", 0.4)]}
    >>> cards = {name: Scorecard(Y, scores, scores > 0.5) for name, scores in answers.items()}
    >>> found = compare_with_references(cards, {"chain": "cat/no-cat"}, n_resamples=500)
    >>> entry = found["chain"]["against_reference"]["hamming_loss"]
    >>> entry["verdict"], round(entry["difference"], 2), round(entry["high"], 2)
    ('better', -0.17, -0.13)
    """
    against = {name: _reference(name, cards, references) for name in cards}
    found = resample_metrics(
        cards,
        units=units,
        folds=folds,
        relative_test_size=relative_test_size,
        n_resamples=n_resamples,
        level=level,
        seed=seed,
        n_jobs=n_jobs,
    )
    verdicts = found.against({name: other for name, other in against.items() if other is not None})
    return {
        name: {
            "intervals": found.intervals(name),
            "reference": against[name],
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
