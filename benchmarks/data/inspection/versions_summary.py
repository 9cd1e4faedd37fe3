"""Summary of the versions in a data set, and the rows to leave out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..tables import LabelTable
from .versions import Link, Versions

_EXAMPLES = 10


def describe_versions(versions: Versions, table: LabelTable) -> dict[str, Any]:
    """Return a summary of the versions in a data set, for `results.json`.

    Parameters
    ----------
    versions : Versions
    table : LabelTable
        With the split that should not divide versions, if any.
    """
    groups = versions.groups
    across = None
    shown: Sequence[Link] = versions.links
    split = table.split
    if split is not None:
        divided = [group for group in groups if len(set(split[group].tolist())) > 1]
        rows = [row for group in divided for row in group]
        parts = Counter(split[rows].tolist())
        across = {"test_images": parts["test"], "train_images": parts["train"]}
        shown = sorted(versions.links, key=lambda link: split[link.first] == split[link.second])
    return {
        "action": "none",
        "images": sum(map(len, groups)),
        "share": round(sum(map(len, groups)) / max(table.n_images, 1), 4),
        "groups": len(groups),
        "largest_group": max(map(len, groups), default=0),
        "by_signal": dict(Counter(link.signal for link in versions.links)),
        "pairs_compared": versions.compared,
        "pairs_of_one_background": versions.background,
        "across_split": across,
        "examples": [
            {
                "images": [table.images[link.first], table.images[link.second]],
                "signal": link.signal,
                "score": link.score,
            }
            for link in shown[:_EXAMPLES]
        ],
        "remedy": None,
    }


@dataclass(frozen=True)
class Copy:
    """A row to leave out, and the version of the image that is kept.

    Attributes
    ----------
    row, of : int
    signal : str
        The signal of the link, see `SIGNALS`; "versions" if they are linked by a third version.
    score : float or None
        See `Link`.
    """

    row: int
    of: int
    signal: str
    score: float | None = None


def rows_to_drop(versions: Versions, split: NDArray[np.str_] | None = None) -> list[Copy]:
    """Return the rows to leave out so that no version of a test image is used for training.

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
