"""AP and AUROC of many labels and many resamples at once."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .checks import Bools, Floats

_CELLS_AT_ONCE = 2**18  # a resample block that stays in the cache: three times faster


class Curves:
    """The order of the images under each label, made once and weighed as often as wanted.

    Resampling images changes how often each of them counts, never their order. So the cells are
    sorted once and cut into runs: a run holds the cells of one curve that tie with a positive one,
    or all negatives between two such groups. The counts of positives and negatives in the runs are
    then a product of a sparse matrix with the weights, and both areas are sums over runs.

    Parameters
    ----------
    positive : array of bool, shape (n_cells,)
        Whether the image of a cell carries its label.
    scores : array of float, shape (n_cells,)
        Higher means more likely.
    image : array of int, shape (n_cells,)
        The image of each cell.
    curve : array of int, shape (n_cells,)
        The curve of each cell: its label, or the same number everywhere for a micro average.
    n_images, n_curves : int
        How many there are of each.

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
        found = np.bincount(tie, weights=positive) > 0
        # A tie that holds no positive continues the run of negatives before it.
        new_run = new_curve[new_tie] | found | np.append(True, found[:-1])[: len(found)]
        run = (np.cumsum(new_run) - 1)[tie]
        n_runs = int(new_run.sum())
        self._positives = _counts(run[positive], image[positive], (n_runs, n_images))
        self._negatives = _counts(run[~positive], image[~positive], (n_runs, n_images))
        self._curve = curve[new_tie][new_run]
        self._sum = _counts(self._curve, np.arange(n_runs), (n_curves, n_runs))

    def areas(self, weights: Floats) -> tuple[Floats, Floats]:
        """Compute the areas under the precision-recall steps and under the ROC curve.

        Parameters
        ----------
        weights : array of float, shape (n_resamples, n_images)
            How often each image counts in each resample.

        Returns
        -------
        ap, auroc : arrays of float, shape (n_resamples, n_curves)
            Step AP and AUROC, ties counting half; NaN without a positive, AUROC also without a
            negative.
        """
        size = max(1, _CELLS_AT_ONCE // max(len(self._curve), 1))
        parts = [
            self._areas(np.ascontiguousarray(weights[i : i + size].T))
            for i in range(0, len(weights), size)
        ]
        ap, auroc = (np.concatenate(part, axis=1).T for part in zip(*parts, strict=True))
        return ap, auroc

    def _areas(self, weights: Floats) -> tuple[Floats, Floats]:
        positives, negatives = self._positives @ weights, self._negatives @ weights
        all_positives, all_negatives = self._sum @ positives, self._sum @ negatives
        above = self._down_to(positives, all_positives)
        wrong = self._down_to(negatives, all_negatives)
        seen = above + wrong
        precision = np.divide(above, seen, out=np.zeros_like(seen), where=seen > 0)
        ap = self._sum @ (positives * precision)
        beaten = all_negatives[self._curve] - wrong + negatives / 2
        auroc = self._sum @ (positives * beaten)
        return _ratio(ap, all_positives), _ratio(auroc, all_positives * all_negatives)

    def _down_to(self, counts: Floats, totals: Floats) -> Floats:
        """Sum the counts from the top of each curve down to and with each run."""
        before = np.cumsum(totals, axis=0) - totals
        result: Floats = np.cumsum(counts, axis=0) - before[self._curve]
        return result


def label_curves(
    positive: Bools, negative: Bools, scores: Floats, *, together: bool = False
) -> Curves:
    """Make one curve per label, or one of all labels together.

    Parameters
    ----------
    positive, negative : arrays of bool, shape (n_images, n_labels)
        The true cells and the false ones.
    scores : array of float, shape (n_images, n_labels)
        Higher means more likely.
    together : bool
        All cells in one curve, for the micro average.
    """
    seen = positive | negative
    image, label = seen.nonzero()
    n_images, n_labels = scores.shape
    curve, n_curves = (np.zeros_like(label), 1) if together else (label, n_labels)
    return Curves(positive[seen], scores[seen], image, curve, n_images, n_curves)


def _counts(
    rows: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]
) -> csr_array:
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
