"""Flag of images that are unlike the training images, by distance in feature space.

A classifier gives probabilities for any image, also for one of a kind that it never saw. This
detector compares the feature vector of an image with a sample of the training images: the score is
the cosine distance to the fifth nearest of them, as in Y. Sun et al., "Out-of-Distribution
Detection with Deep Nearest Neighbors", ICML 2022.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

N_NEIGHBORS = 5
MAX_REFERENCES = 500
MAX_CALIBRATION = 2000
#: Share of images like the training images that are flagged nevertheless.
FALSE_FLAG_RATE = 0.01


@dataclass(frozen=True)
class NoveltyDetector:
    """Detector of images that are unlike the training images.

    Attributes
    ----------
    references : ndarray of float16 of shape (n_references, n_features)
        Feature vectors of training images, normalised to length 1.
    threshold : float
        Images at a larger distance are flagged.
    false_flag_rate : float
        Maximum share of images that are flagged although they come from the same source as the
        training images.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(1, 0.1, (400, 8)).astype(np.float32)
    >>> detector = fit_novelty_detector(X)
    >>> detector.flag(np.array([[1.0] * 8, [1.0, -1.0] * 4])).tolist()
    [False, True]
    """

    references: NDArray[np.float16]
    threshold: float
    false_flag_rate: float

    def distances(self, X: Floats) -> NDArray[np.float32]:
        """Return the cosine distance to the fifth nearest reference; shape (n_images,)."""
        k = min(N_NEIGHBORS, len(self.references)) - 1
        similarities = _unit_rows(X) @ self.references.astype(np.float32).T
        nearest: NDArray[np.float32] = 1 + np.partition(-similarities, k, axis=1)[:, k]
        return nearest

    def flag(self, X: Floats) -> NDArray[np.bool_]:
        """Return whether images are unlike the training images; shape (n_images,)."""
        flags: NDArray[np.bool_] = self.distances(X) > self.threshold
        return flags


def fit_novelty_detector(
    X: Floats, *, false_flag_rate: float = FALSE_FLAG_RATE, seed: int = 0
) -> NoveltyDetector | None:
    """Sample references from training images, and calibrate the threshold on the other ones.

    The threshold is the conformal quantile of the distances of calibration images, which are not
    references. A new image of the same source is therefore flagged with a probability of at most
    `false_flag_rate`.

    Parameters
    ----------
    X : ndarray of shape (n_images, n_features)
        Feature vectors of the training images; or (n_images, n_regions, n_features).
    false_flag_rate : float
    seed : int

    Returns
    -------
    NoveltyDetector or None
        None if there are too few images to calibrate.
    """
    order = np.random.default_rng(seed).permutation(len(X))
    n_references = min(MAX_REFERENCES, len(X) // 2)
    calibration = order[n_references:][:MAX_CALIBRATION]
    rank = int(np.ceil((len(calibration) + 1) * (1 - false_flag_rate)))
    if not 0 < rank <= len(calibration) or not n_references:
        return None
    references = _unit_rows(X[np.sort(order[:n_references])]).astype(np.float16)
    uncalibrated = NoveltyDetector(references, np.inf, false_flag_rate)
    distances = np.sort(uncalibrated.distances(X[np.sort(calibration)]))
    return NoveltyDetector(references, float(distances[rank - 1]), false_flag_rate)


def _unit_rows(X: Floats) -> NDArray[np.float32]:
    rows = np.asarray(X, dtype=np.float32).reshape(len(X), -1)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = rows / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit
