"""Images with the same bytes, and rows to leave out because another version is tested."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..tables import LabelTable

if TYPE_CHECKING:
    from .versions import Versions

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Copy:
    """A row to leave out: another version of an image that stays.

    Attributes
    ----------
    row, of : int
    signal : str
        How the versions were found, see `SIGNALS`; "versions" where they are linked by a third.
    score : float or None
        See `Link`.
    """

    row: int
    of: int
    signal: str
    score: float | None = None


def content_digests(X: NDArray[Any]) -> list[str]:
    """Return a digest of each row of features, for data sets without images."""
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in np.ascontiguousarray(X)]


def identical_groups(digests: Sequence[str | None]) -> list[list[int]]:
    """Return the rows of each content that occurs more than once.

    Examples
    --------
    >>> identical_groups(["a", "b", "a", None, None])
    [[0, 2]]
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row, digest in enumerate(digests):
        if digest is not None:
            rows[digest].append(row)
    return [group for group in rows.values() if len(group) > 1]


def rows_to_drop(versions: "Versions", split: NDArray[np.str_] | None = None) -> list[Copy]:
    """Return the rows that would give a test image away.

    With a split these are the training images that have a version in the test part; the test part
    stays as it is, so that figures remain comparable. Without one they are all but the first
    version of each image.

    Parameters
    ----------
    versions : Versions
    split : array of {"train", "test"}, optional

    Returns
    -------
    list of Copy
        By row.
    """
    direct = {}
    for link in versions.links:
        direct[link.first, link.second] = direct[link.second, link.first] = link
    copies = []
    for group in versions.groups:
        kept = group[:1] if split is None else [row for row in group if split[row] == "test"]
        if not kept:
            continue
        for row in group:
            if row in kept:
                continue
            known = next((direct[row, other] for other in kept if (row, other) in direct), None)
            if known is None:
                copies.append(Copy(row, kept[0], "versions"))
            else:
                of = known.first if known.second == row else known.second
                copies.append(Copy(row, of, known.signal, known.score))
    return sorted(copies, key=lambda copy: copy.row)


def drop_duplicates_across_splits(
    table: LabelTable,
    X: NDArray[Any],
    digests: Sequence[str | None] | None = None,
    *,
    n_jobs: int = -1,
) -> Rows:
    """Return the rows to keep so that no version of a test image is learned.

    Parameters
    ----------
    table, X, digests, n_jobs
        As `find_versions` takes them.

    Returns
    -------
    array of int
        The rows to keep, in order: all that `rows_to_drop` does not name.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 6))
    >>> X[39] = X[0]
    >>> names = [str(row) for row in range(40)]
    >>> table = LabelTable(
    ...     "t", "t.csv", names, names, ["cat"], np.ones((40, 1)), np.ones((40, 1)), X=X,
    ...     split=["train"] * 30 + ["test"] * 10,
    ... )
    >>> drop_duplicates_across_splits(table, X)[:3].tolist()
    [1, 2, 3]
    """
    from .versions import find_versions

    versions = find_versions(table, X, digests, n_jobs=n_jobs)
    copies = [copy.row for copy in rows_to_drop(versions, table.split)]
    return np.setdiff1d(np.arange(table.n_images), np.array(copies, dtype=np.intp))
