"""JSON from somebody else: one meaning, no surprises."""

import json
from typing import Any

from .errors import RefusalError


def read_json(data: bytes, name: str) -> Any:
    """Read JSON that has no name twice, no NaN and no nesting beyond reason.

    Raises
    ------
    RefusalError
    """
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise RefusalError(f"damaged: {name} is not plain JSON ({reason})") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")
