"""How figures are written in sentences and tables."""

from collections.abc import Mapping
from typing import Any


def signed(value: float, digits: int = 3) -> str:
    """Write a difference with its sign, and without one where nothing is left of it.

    Examples
    --------
    >>> signed(0.0312), signed(-0.25, 2), signed(-0.0001)
    ('+0.031', '-0.25', '0.000')
    """
    text = f"{value:+.{digits}f}"
    return text if text.strip("+-0.") else text[1:]


def counted(many: int, thing: str) -> str:
    """Write how many there are of something.

    Examples
    --------
    >>> counted(1, "label"), counted(1200, "picture")
    ('1 label', '1,200 pictures')
    """
    return f"{many:,} {thing}{'' if many == 1 else 's'}"


def thing_of(results: Mapping[str, Any]) -> str:
    """Name what is judged: a table of ready features need not be of pictures.

    Examples
    --------
    >>> thing_of({"recipe": {"backbone": "ready features"}}), thing_of({})
    ('row', 'picture')
    """
    return "row" if results.get("recipe", {}).get("backbone") == "ready features" else "picture"


def shortly(value: float) -> str:
    """Write a time in two digits.

    Examples
    --------
    >>> shortly(123.4), shortly(0.01234), shortly(5)
    ('123', '0.012', '5')
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def with_interval(found: Mapping[str, Any]) -> str:
    """Write a difference and how sure it is.

    Examples
    --------
    >>> with_interval({"difference": 0.02, "low": -0.01, "high": 0.05})
    '+0.020 (95 % interval -0.010 to +0.050)'
    """
    if found["low"] is None:
        return signed(found["difference"])
    low, high = signed(found["low"]), signed(found["high"])
    return f"{signed(found['difference'])} (95 % interval {low} to {high})"
