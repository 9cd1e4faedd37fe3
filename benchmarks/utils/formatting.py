"""Formatting of figures in sentences and tables."""

import re
from collections.abc import Mapping
from typing import Any

# Controls, which move the cursor, and marks of direction, which reorder what follows; the joiners
# of scripts and emoji are none of these.
_CONTROLS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def escape_controls(text: str) -> str:
    r"""Return a text with control characters and direction marks written as escapes.

    Names in files of unknown origin may hold sequences that change a terminal or its text.

    Examples
    --------
    >>> print(escape_controls("cat\x1b[31m"))
    cat\x1b[31m
    """
    return _CONTROLS.sub(lambda match: repr(match[0])[1:-1], text)


def format_signed(value: float, digits: int = 3) -> str:
    """Format a difference with its sign; without one if it rounds to zero.

    Examples
    --------
    >>> format_signed(0.0312), format_signed(-0.25, 2), format_signed(-0.0001)
    ('+0.031', '-0.25', '0.000')
    """
    text = f"{value:+.{digits}f}"
    return text if text.strip("+-0.") else text[1:]


def pluralize(count: int, noun: str) -> str:
    """Format a count with its noun, in the plural where needed.

    Examples
    --------
    >>> pluralize(1, "label"), pluralize(1200, "image")
    ('1 label', '1,200 images')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unit_name(results: Mapping[str, Any]) -> str:
    """Return the noun for one sample: data sets with ready features need not hold images.

    Examples
    --------
    >>> unit_name({"recipe": {"backbone": "ready features"}}), unit_name({})
    ('row', 'image')
    """
    return "row" if results.get("recipe", {}).get("backbone") == "ready features" else "image"


def format_duration(value: float) -> str:
    """Format a duration with two significant digits, without its unit.

    Examples
    --------
    >>> format_duration(123.4), format_duration(0.01234), format_duration(5)
    ('123', '0.012', '5')
    """
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def join_names(names: list[str], most: int = 4) -> str:
    """Join names with commas, and count those beyond the first few.

    Examples
    --------
    >>> join_names(["a", "b"]), join_names(list("abcdef"), most=3)
    ('a, b', 'a, b, c and 3 more')
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
