"""AP and AUROC of many labels and many bootstrap resamples at once."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MAX_CELLS = 2**18  # per block of resamples: fits into the cache, which is three times as fast


class Curves:
    """Precision-recall and ROC curves of several labels, sorted once for all resamples.

    Resampling changes how often an image counts, never the order of the scores. The cells (images
    x labels) are therefore sorted once and divided into runs: a run holds the cells of one curve
    that tie with a positive cell, or all negative cells between two such groups. The numbers of
    positives and negatives in the runs are then a product of a sparse matrix with the weights, and
    both areas are sums over runs.

    Parameters
    ----------
    positive : array of bool, shape (n_cells,)
        Whether the image of a cell has its label.
    scores : array of float, shape (n_cells,)
        Higher values mean that the label is more likely.
    image : array of int, shape (n_cells,)
        Image of each cell.
    curve : array of int, shape (n_cells,)
        Curve of each cell: its label, or the same number for all cells for a micro average.
    n_images, n_curves : int

    Examples
    --------
    >>> cells = np.arange(3)
    >>> positive, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.7])
    >>> curves = Curves(positive, scores, cells, cells * 0, n_images=3, n_curves=1)
    >>> ap, auroc = curves.areas(np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0]]))
    >>> ap.round(3).tolist(), auroc.tolist()
    ([[0.833], [0.667]], [[0.5], [0.0]])
    """

    def __init__(
        self,
        positive: Bools,
        scores: Floats,
        image: NDArray[np.integer],
        curve: NDArray[np.integer],
        n_images: int,
        n_curves: int,
    ) -> None:
        order = np.lexsort((-scores, curve))
        positive, scores = positive[order], scores[order]
        image, curve = image[order], curve[order]
        new_curve = np.diff(curve, prepend=-1) != 0
        new_tie = new_curve | np.append(True, scores[1:] != scores[:-1])[: len(scores)]
        tie = np.cumsum(new_tie) - 1
        has_positive = np.bincount(tie, weights=positive) > 0
        # A tie without a positive cell continues the run of negatives before it.
        new_run = (
            new_curve[new_tie]
            | has_positive
            | np.append(True, has_positive[:-1])[: len(has_positive)]
        )
        run = (np.cumsum(new_run) - 1)[tie]
        n_runs = int(new_run.sum())
        self._positives = _incidence(run[positive], image[positive], (n_runs, n_images))
        self._negatives = _incidence(run[~positive], image[~positive], (n_runs, n_images))
        self._curve = curve[new_tie][new_run]
        self._sum = _incidence(self._curve, np.arange(n_runs), (n_curves, n_runs))

    def areas(self, weights: Floats) -> tuple[Floats, Floats]:
        """Compute the areas under the precision-recall steps and under the ROC curve.

        Parameters
        ----------
        weights : array of float, shape (n_resamples, n_images)
            How often each image counts in each resample.

        Returns
        -------
        ap, auroc : arrays of float, shape (n_resamples, n_curves)
            Step AP, and AUROC with ties counted half; NaN without a positive, AUROC also without a
            negative.
        """
        size = max(1, _MAX_CELLS // max(len(self._curve), 1))
        parts = [
            self._areas(np.ascontiguousarray(weights[i : i + size].T))
            for i in range(0, len(weights), size)
        ]
        ap, auroc = (np.concatenate(part, axis=1).T for part in zip(*parts, strict=True))
        return ap, auroc

    def _areas(self, weights: Floats) -> tuple[Floats, Floats]:
        positives, negatives = self._positives @ weights, self._negatives @ weights
        n_positive, n_negative = self._sum @ positives, self._sum @ negatives
        true_positives = self._cumulative(positives, n_positive)
        false_positives = self._cumulative(negatives, n_negative)
        retrieved = true_positives + false_positives
        precision = np.divide(
            true_positives, retrieved, out=np.zeros_like(retrieved), where=retrieved > 0
        )
        ap = self._sum @ (positives * precision)
        below = n_negative[self._curve] - false_positives + negatives / 2
        auroc = self._sum @ (positives * below)
        return divide(ap, n_positive), divide(auroc, n_positive * n_negative)

    def _cumulative(self, counts: Floats, totals: Floats) -> Floats:
        """Return the sums from the top of each curve down to each run, inclusive."""
        before = np.cumsum(totals, axis=0) - totals
        result: Floats = np.cumsum(counts, axis=0) - before[self._curve]
        return result


def label_curves(
    positive: Bools, negative: Bools, scores: Floats, *, micro: bool = False
) -> Curves:
    """Build one curve per label, or one of all labels.

    Parameters
    ----------
    positive, negative : arrays of bool, shape (n_images, n_labels)
        Cells whose label is known to be present and known to be absent.
    scores : array of float, shape (n_images, n_labels)
        Higher values mean that the label is more likely.
    micro : bool
        Put all cells into one curve, for the micro average.
    """
    known = positive | negative
    image, label = known.nonzero()
    n_images, n_labels = scores.shape
    curve, n_curves = (np.zeros_like(label), 1) if micro else (label, n_labels)
    return Curves(positive[known], scores[known], image, curve, n_images, n_curves)


def divide(numerator: Floats, denominator: Floats, default: float = np.nan) -> Floats:
    """Divide element by element; `default` where the denominator is 0.

    Examples
    --------
    >>> divide(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    return np.divide(
        numerator,
        denominator,
        out=np.full_like(denominator, default),
        where=denominator > 0,
    )


def _incidence(
    rows: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]
) -> csr_array:
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
