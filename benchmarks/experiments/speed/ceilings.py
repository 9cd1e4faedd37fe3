"""How measured speeds of features stand beside the obvious loop, the ceilings and the aims."""

from typing import Any

OBVIOUS = "obvious loop"
Ways = dict[str, dict[str, Any]]

#: Stored features that are read.
KNOWN = 100_000
#: What is wanted of the features: the figure's name, how much of it, and whether more is better.
AIMS = (
    ("ours in float32, times the obvious loop", 5, True),
    ("ours in bfloat16, times the obvious loop", 10, True),
    ("ours in float32, share of the ceiling", 0.8, True),
    ("ours in bfloat16, share of the ceiling", 0.8, True),
    ("seconds to read 100,000 stored features", 2, False),
    ("memory for it, times the array", 1.1, False),
    ("seconds to open the store without reading", 0.1, False),
)


def compare(ways: Ways) -> Ways:
    """Add to every way how it stands beside the obvious loop, and to ours beside the ceiling.

    The ceiling is what decoding alone and the network alone allow together on shared processors:
    1 / (1 / decoding + 1 / network) images per second.

    Parameters
    ----------
    ways : dict
        By label; ``"way"`` says what it is.

    Returns
    -------
    dict
        The same with ``"times_obvious"``, ``"ceiling_per_second"`` and ``"of_ceiling"`` where they
        can be told.

    Examples
    --------
    >>> network = {"way": "network_only", "engine": "e", "precision": "p", "per_second": 300}
    >>> ours = {"way": "ours", "engine": "e", "precision": "p", "per_second": 180}
    >>> ways = {"a": {"way": "decoding", "per_second": 600}, "b": network, "c": ours}
    >>> found = compare(ways)["c"]
    >>> round(found["ceiling_per_second"]), round(found["of_ceiling"], 2)
    (200, 0.9)
    """
    obvious = ways.get(OBVIOUS, {}).get("per_second")
    compared = {}
    for label, found in ways.items():
        ratios = {}
        if obvious and "per_second" in found:
            ratios["times_obvious"] = found["per_second"] / obvious
        ceiling = _ceiling(found, ways)
        if ceiling is not None:
            ratios["ceiling_per_second"] = ceiling
            ratios["of_ceiling"] = found["per_second"] / ceiling
        compared[label] = {**found, **ratios}
    return compared


def aims_reached(ways: Ways, known: dict[str, Any]) -> list[dict[str, Any]]:
    """Say of each aim what was measured, and whether that is enough.

    Parameters
    ----------
    ways : dict
        What `compare` gave.
    known : dict
        What reading stored features took.

    Returns
    -------
    list of dict
        ``aim``, ``wanted``, ``more_is_better``, ``measured`` and ``reached``; the last two are None
        where nothing was measured.
    """
    if known.get("images", 0) < KNOWN:  # a short run says nothing about the long one
        known = {}
    of_array = known["added_mb"] / known["array_mb"] if known else None
    measured = [
        _best(ways, "float32", "times_obvious"),
        _best(ways, "bfloat16", "times_obvious"),
        _best(ways, "float32", "of_ceiling"),
        _best(ways, "bfloat16", "of_ceiling"),
        known.get("seconds"),
        of_array,
        known.get("open_seconds"),
    ]
    return [
        {
            "aim": name,
            "wanted": wanted,
            "more_is_better": more,
            "measured": figure,
            "reached": None if figure is None else _reached(figure, wanted, more),
        }
        for (name, wanted, more), figure in zip(AIMS, measured, strict=True)
    ]


def _reached(figure: float, wanted: float, more_is_better: bool) -> bool:
    return figure >= wanted if more_is_better else figure <= wanted


def _ceiling(found: dict[str, Any], ways: Ways) -> float | None:
    if found["way"] != "ours" or "per_second" not in found:
        return None
    alone = [
        other["per_second"]
        for other in ways.values()
        if "per_second" in other
        and other["way"] in ("decoding", "network_only")
        and other.get("engine", found["engine"]) == found["engine"]
        and other.get("precision", found["precision"]) == found["precision"]
    ]
    return 1 / sum(1 / one for one in alone) if len(alone) == 2 else None


def _best(ways: Ways, precision: str, figure: str) -> float | None:
    """Give a figure of our faster engine in a precision: the one that is used by default."""
    ours = [
        found
        for found in ways.values()
        if found["way"] == "ours" and found["precision"] == precision and "per_second" in found
    ]
    fastest = max(ours, key=lambda found: found["per_second"], default={})
    best: float | None = fastest.get(figure)
    return best
