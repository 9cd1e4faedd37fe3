"""Multiple-instance learning: score the regions of an image, then pool the scores."""

from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, logsumexp

from ._base import (
    Floats,
    GroupedMissingLabelsClassifier,
    Mask,
    TrainingSet,
    accepts_fit_param,
    check_choice,
    check_count,
)
from ._meta import fit_inner, label_probabilities
from .linear import LogisticBinaryRelevance

POOLINGS = ("max", "mean", "logsumexp")
BLOCK_CELLS = 1 << 23  # values of region vectors scored at a time
PROBABILITY_MARGIN = 1e-6  # probabilities are clipped by this to keep log-odds finite


class RegionMaxClassifier(GroupedMissingLabelsClassifier):
    """Multiple-instance classifier that scores regions and pools them into image scores.

    Labels are known per image, not per region. The estimator is first fitted to the mean vector of
    each image. Then, in each round, an image that shows a label is represented by its
    highest-scoring region for that label, any other image by all its regions, and the estimator is
    fitted again. All labels are fitted together; for each label, the regions that were not chosen
    are masked as unknown.

    Parameters
    ----------
    estimator : estimator, default=None
        Classifier of regions: a multi-label classifier with `predict_proba`; None is
        `LogisticBinaryRelevance()`. Unless `rounds` is 0 its `fit` must take `known`.
    pooling : {"max", "mean", "logsumexp"}, default="max"
        Image score: the maximum probability, the mean, or the log-sum-exp of the log-odds, to
        which several moderately probable regions contribute.
    rounds : int, default=5
        Maximum number of rounds; stops when the chosen regions do not change. 0: fit to the mean
        vectors only.
    n_regions : int, default=None
        Number of region vectors concatenated in each row of a 2-D `X`; None: one. Not needed for
        a 3-D `X`.

    Attributes
    ----------
    estimator_ : estimator
        The fitted classifier of regions.
    n_regions_ : int
    n_rounds_ : int

    References
    ----------
    Andrews, S., Tsochantaridis, I., Hofmann, T. (2003). Support vector machines for
    multiple-instance learning. NIPS 15. Pinheiro, P., Collobert, R. (2015). From image-level to
    pixel-level labeling with convolutional networks. CVPR 2015: log-sum-exp.

    Examples
    --------
    Each label is in one of nine regions.

    >>> import numpy as np
    >>> from catnocat.classifiers import LogisticBinaryRelevance, RegionMaxClassifier
    >>> from sklearn.metrics import average_precision_score
    >>> rng = np.random.default_rng(0)
    >>> Y = rng.random((600, 3)) < 0.25
    >>> X = rng.normal(size=(600, 9, 16))
    >>> for image, label in np.argwhere(Y):
    ...     X[image, rng.integers(9), label] += 3
    >>> whole = LogisticBinaryRelevance().fit(X[:400].mean(axis=1), Y[:400])
    >>> P = whole.predict_proba(X[400:].mean(axis=1))
    >>> f"{average_precision_score(Y[400:], P):.2f}"
    '0.51'
    >>> model = RegionMaxClassifier().fit(X[:400], Y[:400])
    >>> f"{average_precision_score(Y[400:], model.predict_proba(X[400:])):.2f}"
    '0.81'
    """

    def __init__(
        self,
        estimator: Any = None,
        pooling: Literal["max", "mean", "logsumexp"] = "max",
        rounds: int = 5,
        n_regions: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.pooling = pooling
        self.rounds = rounds
        self.n_regions = n_regions

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "regions": {"estimator": LogisticBinaryRelevance(tol=1e-15)},
        }

    def _check_parameters(self) -> None:
        check_choice("pooling", self.pooling, POOLINGS)
        check_count("rounds", self.rounds, at_least=0)
        if (
            self.rounds
            and self.estimator is not None
            and not accepts_fit_param(self.estimator, "known")
        ):
            raise ValueError(
                f"{type(self.estimator).__name__}.fit takes no `known`, which is needed to "
                "mask regions; use an estimator that does, or rounds=0."
            )

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        known: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the classifier of regions.

        Parameters
        ----------
        X : array-like of shape (n_images, n_regions, n_features), or of (n_images, n_columns)
            May be a memory map.
        y : array-like of shape (n_images, n_labels)
        sample_weight : array-like of shape (n_images,), default=None
        known : array-like of bool of shape (n_images, n_labels), default=None
            Each label is fitted only to images where it is known.
        groups : array-like of shape (n_images,), default=None
            Passed to an estimator with inner folds; None: the regions of an image form a group.

        Returns
        -------
        self
        """
        self.n_regions_ = self._count_regions(X)
        return self._fit_checked(_one_row_per_image(X), y, sample_weight, known, groups)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Return the probability of each label.

        Parameters
        ----------
        X : array-like shaped as in `fit`

        Returns
        -------
        ndarray of shape (n_images, n_labels)
        """
        return super().predict_proba(self._like_fitted(X))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict for each label whether it is present.

        Parameters
        ----------
        X : array-like shaped as in `fit`

        Returns
        -------
        ndarray of int of shape (n_images, n_labels)
        """
        return super().predict(self._like_fitted(X))

    def _fit_labels(self, training: TrainingSet) -> None:
        regions = self._regions(training.X)
        self.estimator_ = fit_inner(self.estimator, replace(training, X=regions.mean(axis=1)))
        self.n_rounds_ = 0
        chosen = np.empty(0, dtype=np.intp)
        while self.n_regions_ > 1 and self.n_rounds_ < self.rounds:
            earlier, chosen = chosen, self._best_regions(regions, training.Y.shape[1])
            if np.array_equal(earlier, chosen):
                break
            self.n_rounds_ += 1
            self.estimator_ = fit_inner(self.estimator, _by_region(training, regions, chosen))

    def _label_probabilities(self, X: Floats) -> Floats:
        n_labels = int(self.label_varies_.sum())
        P = np.empty((len(X), n_labels), dtype=X.dtype)
        for rows, scores in self._scores(self._regions(X), n_labels):
            P[rows] = _pool(scores, self.pooling)
        return P

    def _best_regions(self, regions: Floats, n_labels: int) -> NDArray[np.intp]:
        """Return the index of the highest-scoring region, (n_images, n_labels)."""
        best = np.empty((len(regions), n_labels), dtype=np.intp)
        for rows, scores in self._scores(regions, n_labels):
            best[rows] = scores.argmax(axis=1)
        return best

    def _scores(self, regions: Floats, n_labels: int) -> Any:
        """Yield row slices and region probabilities of shape (n_rows, n_regions, n_labels)."""
        n_images, n_regions, n_features = regions.shape
        size = max(1, BLOCK_CELLS // (n_regions * n_features))
        for start in range(0, n_images, size):
            block = regions[start : start + size].reshape(-1, n_features)
            P = label_probabilities(self.estimator_, block, n_labels)
            yield slice(start, start + size), P.reshape(-1, n_regions, n_labels)

    def _regions(self, X: Floats) -> Floats:
        return X.reshape(len(X), self.n_regions_, -1)

    def _count_regions(self, X: Any) -> int:
        given = _shape(X)
        if len(given) == 3:
            if self.n_regions not in (None, given[1]):
                raise ValueError(
                    f"X of shape {given} has {given[1]} regions per image, n_regions is "
                    f"{self.n_regions}."
                )
            return int(given[1])
        if self.n_regions is None:
            return 1
        check_count("n_regions", self.n_regions)
        if len(given) == 2 and given[1] % self.n_regions:
            raise ValueError(
                f"X of shape {given} cannot be {self.n_regions} vectors one after the other: "
                f"{given[1]} columns do not divide by {self.n_regions}."
            )
        return self.n_regions

    def _like_fitted(self, X: Any) -> Any:
        given = _shape(X)
        if hasattr(self, "n_regions_") and len(given) == 3:
            fitted = (self.n_regions_, self.n_features_in_ // self.n_regions_)
            if given[1:] != fitted:
                raise ValueError(
                    f"X of shape {given}: expected (n_images, {fitted[0]}, {fitted[1]}) "
                    "as in fit: regions per image, features per region."
                )
        return _one_row_per_image(X)


def _shape(X: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = X.shape if hasattr(X, "shape") else np.asarray(X).shape
    return shape


def _one_row_per_image(X: Any) -> Any:
    if len(_shape(X)) != 3:
        return X
    regions = np.asarray(X)  # does not copy a memory map
    return regions.reshape(len(regions), -1)


def _by_region(training: TrainingSet, regions: Floats, chosen: NDArray[np.intp]) -> TrainingSet:
    """Build one row per region; for a label of the image only the chosen region is known."""
    n_images, n_regions, n_features = regions.shape
    counts: Mask = np.repeat(training.Y[:, None, :] == 0, n_regions, axis=1)
    np.put_along_axis(counts, chosen[:, None, :], True, axis=1)
    if training.known is not None:
        counts &= training.known[:, None, :]
    weight = training.sample_weight
    return TrainingSet(
        regions.reshape(-1, n_features),
        np.repeat(training.Y, n_regions, axis=0),
        None if weight is None else np.repeat(weight, n_regions),
        counts.reshape(n_images * n_regions, -1),
        np.repeat(np.arange(n_images) if training.groups is None else training.groups, n_regions),
    )


def _pool(P: Floats, pooling: str) -> Floats:
    pooled: Floats
    if pooling == "max":
        pooled = P.max(axis=1)
    elif pooling == "mean":
        pooled = P.mean(axis=1)
    else:
        odds = logit(np.clip(P.astype(np.float64), PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN))
        pooled = expit(logsumexp(odds, axis=1))
    return pooled
