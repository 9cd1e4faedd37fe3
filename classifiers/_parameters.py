"""Refuse wrong parameters by name, before any work is done."""

from numbers import Integral
from typing import Any

import numpy as np


def check_count(name: str, value: Any, at_least: int = 1) -> None:
    """Refuse what is no whole number or too small a one.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, Integral) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, got {value!r}.")


def check_positive(name: str, value: Any) -> None:
    """Refuse what is no number above zero.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, int | float | np.number) or not value > 0:
        raise ValueError(f"{name} must be a number above 0, got {value!r}.")


def check_share(name: str, value: Any) -> None:
    """Refuse what is no number above 0 and up to 1.

    Raises
    ------
    ValueError
    """
    if not isinstance(value, int | float | np.number) or not 0 < value <= 1:
        raise ValueError(f"{name} must be a number above 0 and up to 1, got {value!r}.")


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Refuse what is none of the choices.

    Raises
    ------
    ValueError
    """
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}, got {value!r}.")
