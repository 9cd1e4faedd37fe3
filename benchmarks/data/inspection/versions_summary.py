"""The figures of a data set's versions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..tables import LabelTable
from .versions import Link, Versions

_EXAMPLES = 10


def describe_versions(versions: Versions, table: LabelTable) -> dict[str, Any]:
    """Return the figures of a data set's versions, as `results.json` holds them.

    Parameters
    ----------
    versions : Versions
    table : LabelTable
        Its `split`, if any, is the one that must not divide versions.
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
