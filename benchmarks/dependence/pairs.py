"""What was found of each pair of labels, as lists fit for JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..statistics import holm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Figures of all pairs of labels, each a symmetric array of shape (n_labels, n_labels).

    Attributes
    ----------
    correlation, p : array
        NaN where the pair cannot be judged; `p` is not adjusted yet.
    together, expected : array
        Images with both labels: as there are, and as many as there would be without dependence.
    information : array, optional
        Mutual information in nats.
    """

    correlation: Floats
    p: Floats
    together: Floats
    expected: Floats
    information: Floats | None = None

    def ranked(self, labels: Sequence[str], most: int, level: float) -> dict[str, Any]:
        """List the pairs from the most dependent to the least.

        Parameters
        ----------
        labels : sequence of str
        most : int
            How many to list; the tests are adjusted for all there are.
        level : float
            The chance that no independent pair at all is taken for dependent.

        Returns
        -------
        dict
            ``"pairs"``: [{"labels", "correlation", "together", "expected", "p"}] and, where it is
            there, "mutual_information"; ``"tested"`` and ``"dependent"``: how many pairs.
        """
        j, k = np.triu_indices(len(labels), 1)
        tested = ~np.isnan(self.p[j, k])
        j, k = j[tested], k[tested]
        p = holm(self.p[j, k])
        weight = np.abs(self.correlation) if self.information is None else self.information
        # Among pairs that are equally sure the stronger comes first.
        order = np.lexsort((-weight[j, k], p))[:most]
        return {
            "pairs": [self._entry(labels, int(j[i]), int(k[i]), float(p[i])) for i in order],
            "tested": len(p),
            "dependent": int((p < 1 - level).sum()),
        }

    def _entry(self, labels: Sequence[str], j: int, k: int, p: float) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "labels": [labels[j], labels[k]],
            "correlation": round(float(self.correlation[j, k]), 4),
            "together": int(self.together[j, k]),
            "expected": round(float(self.expected[j, k]), 2),
            "p": p,
        }
        if self.information is not None:
            entry["mutual_information"] = round(float(self.information[j, k]), 5)
        return entry

    def matrix(self, labels: Sequence[str], shown: NDArray[np.intp]) -> dict[str, Any]:
        """Give the correlations of some labels for a heat map; None where there is none."""
        part = self.correlation[np.ix_(shown, shown)]
        return {
            "labels": [labels[int(i)] for i in shown],
            "values": [
                [None if np.isnan(value) else round(float(value), 3) for value in row]
                for row in part
            ],
        }
