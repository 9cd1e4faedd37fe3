"""Validation of parameters; error messages name the parameter."""

import operator
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

COMPARISONS = {
    "above": operator.gt,
    "at least": operator.ge,
    "below": operator.lt,
    "up to": operator.le,
}


def is_whole(value: Any) -> bool:
    """Return whether a value is an integer; True and False are not."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_count(name: str, value: Any, at_least: int = 1) -> None:
    """Check that a value is an integer of at least `at_least`.

    Raises
    ------
    ValueError
    """
    if not is_whole(value) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}.")


def check_number(name: str, value: Any, **bounds: float) -> None:
    """Check that a value is a finite number within bounds.

    Parameters
    ----------
    name : str
    value : object
    **bounds : float
        Any of `above`, `at_least`, `below` and `up_to`.

    Raises
    ------
    ValueError
    """
    limits = {word.replace("_", " "): bound for word, bound in bounds.items()}
    number = isinstance(value, Real) and not isinstance(value, bool) and np.isfinite(float(value))
    if not number or not all(COMPARISONS[word](value, limits[word]) for word in limits):
        expected = " and ".join(f"{word} {bound:g}" for word, bound in limits.items())
        raise ValueError(f"{name} must be a number {expected}, got {value!r}.")


def check_positive(name: str, value: Any) -> None:
    """Check that a value is a finite number above zero.

    Raises
    ------
    ValueError
    """
    check_number(name, value, above=0)


def check_share(name: str, value: Any) -> None:
    """Check that a value is a number above 0 and up to 1.

    Raises
    ------
    ValueError
    """
    check_number(name, value, above=0, up_to=1)


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Check that a value is one of the choices.

    Raises
    ------
    ValueError
    """
    if not any(value is choice or value == choice for choice in choices):
        raise ValueError(f"{name} must be one of {choices}, got {value!r}.")


def check_flag(name: str, value: Any) -> None:
    """Check that a value is True or False.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {value!r}.")


def read_positives(name: str, values: Any) -> NDArray[np.float64]:
    """Convert one or more finite numbers above zero to an array.

    Raises
    ------
    ValueError
        If a value is not a finite number above zero, or there is none.
    """
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if not numbers.size or not (np.isfinite(numbers) & (numbers > 0)).all():
        raise ValueError(f"{name} must be above 0 and finite, got {values!r}.")
    return numbers
