r"""Parse cells with a list as JSON, Python or NumPy write it, or with choices of Label Studio.

The grammar is deliberately narrow: quoted texts between brackets. `ast.literal_eval` would join the
texts of NumPy's ``['a' 'b']`` into one.
"""

import ast
import json
import re
from collections.abc import Sequence

_TEXT = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_TOKEN = re.compile(rf"\s*({_TEXT}|,)")
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_SET = ("set()", "()", "{}")


def looks_like_list(text: str) -> bool:
    """Return whether a text is in brackets, whether or not it can be parsed as a list.

    Examples
    --------
    >>> looks_like_list("['a', 'b']"), looks_like_list("[a, b]"), looks_like_list("cat (tabby)")
    (True, True, False)
    """
    plain = text.strip()
    return (
        plain == "set()"
        or (plain[:1] in ("[", "{") and plain[-1:] == _BRACKETS[plain[0]])
        or (plain[:1] == "(" and plain[-1:] == ")" and bool(re.match(r"\(\s*['\"]", plain)))
    )


def is_choices(text: str) -> bool:
    """Return whether a text is an object with a list of choices, as Label Studio writes it."""
    return _choices(text) is not None


def parse_list(text: str) -> list[str] | None:
    r"""Return the texts of a list, or None where the text is no list of quoted texts.

    Examples
    --------
    >>> parse_list('["sea", "sunset"]'), parse_list("['sea' 'sunset']"), parse_list("[]")
    (['sea', 'sunset'], ['sea', 'sunset'], [])
    >>> parse_list('{"choices": ["sea"]}'), parse_list("[sea, sunset]")
    (['sea'], None)
    """
    plain = text.strip()
    if plain in _SET:
        return []
    if (choices := _choices(plain)) is not None:
        return choices
    if not looks_like_list(plain):
        return None
    if (as_json := _json_texts(plain)) is not None:
        return as_json
    return _quoted_texts(plain[1:-1])


def _choices(text: str) -> list[str] | None:
    if not text.strip().startswith("{"):
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or set(content) != {"choices"}:
        return None
    return _texts(content["choices"])


def _json_texts(text: str) -> list[str] | None:
    try:
        return _texts(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _texts(content: object) -> list[str] | None:
    if isinstance(content, list) and all(isinstance(part, str) for part in content):
        return list(content)
    return None


def _quoted_texts(inner: str) -> list[str] | None:
    parts: list[str] = []
    place, end, comma = 0, len(inner.rstrip()), True
    while place < end:
        token = _TOKEN.match(inner, place)
        if token is None:
            return None
        place = token.end()
        if token[1] == ",":
            if comma:  # two in a row, or one at the start
                return None
            comma = True
        else:
            try:
                parts.append(ast.literal_eval(token[1]))
            except (ValueError, SyntaxError):
                return None
            comma = False
    return parts


def all_lists(cells: Sequence[str]) -> bool:
    """Return whether each cell can be parsed as a list, or is plain text next to choices.

    Label Studio writes a single choice as plain text and several as an object.
    """
    if all(parse_list(cell) is not None for cell in cells):
        return True
    return any(map(is_choices, cells)) and all(
        is_choices(cell) or not looks_like_list(cell) for cell in cells
    )
