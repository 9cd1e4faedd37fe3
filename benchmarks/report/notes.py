"""What is to be said of the data before its figures are believed; the same in every rendering."""

from collections.abc import Sequence
from typing import Any

_MOST_NAMED = 10


def notes(results: dict[str, Any]) -> list[str]:
    """Give the sentences about labels and pictures that count otherwise than expected.

    Parameters
    ----------
    results : dict
        The content of `results.json`.

    Examples
    --------
    >>> notes({"protocol": {"labels_not_averaged": ["lynx"], "folds": 5}})
    ['Too rare to be judged, and in no macro average: lynx.']
    """
    told = []
    if rare := results["protocol"].get("labels_not_averaged"):
        told.append(f"Too rare to be judged, and in no macro average: {_named(rare)}.")
    copies = results.get("dropped_duplicates")
    if copies:
        one = copies[0]
        told.append(
            f"{len(copies)} pictures were left out as copies of others,"
            f" {sum(copy['cosine'] is None for copy in copies)} of them to the last byte; the first"
            f" is {one['image']}, like {one['copy_of']}."
        )
    elif copies is not None:
        told.append("No picture is a copy of a judged one.")
    return told


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
