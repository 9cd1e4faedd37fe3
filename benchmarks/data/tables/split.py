"""The usual names of the parts of a data set, and columns with these names."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...utils import UnclearInputError
from .reading_options import TableOptions
from .records import Records, shown, suggestion

_TRAIN = ("train", "trainval", "training")
_TEST = ("test", "testing")
_VALIDATION = ("val", "valid", "validation", "dev")


def split_parts(words: Iterable[str]) -> dict[str, str]:
    """Return for each known name of a part whether it is for training or for testing.

    Parameters
    ----------
    words : iterable of str
        The names that occur in the data set, in lower case.

    Returns
    -------
    dict of str to {"train", "test"}

    Examples
    --------
    >>> split_parts(["train", "val"])["val"]
    'test'
    >>> split_parts(["train", "val", "test"])["val"]
    'train'
    """
    # As usual for train/val/test: what is not the test part is for training.
    validation = "train" if any(word in _TEST for word in words) else "test"
    return (
        dict.fromkeys(_TRAIN, "train")
        | dict.fromkeys(_TEST, "test")
        | dict.fromkeys(_VALIDATION, validation)
    )


TRUE_IS_TEST = ("is_valid", "is_val", "is_validation", "is_test", "valid", "val", "test")
"""Columns of 0 and 1 in which 1 means the test part, as fastai's `is_valid`."""

TRUE_IS_TRAIN = ("is_train", "is_training", "train", "training")
"""Columns of 0 and 1 in which 1 means the training part."""

_TRUE, _FALSE = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")


def split_of_cells(records: Records, column: str, options: TableOptions) -> NDArray[np.str_]:
    """Read a column of parts, with its values mapped to train and test.

    Raises
    ------
    InputError
        If a value means neither.
    """
    cells = records.columns[column]
    words = [_word(cell) for cell in cells]
    part = _stated_parts(options.split_values, words) or _known_parts(records, column, words)
    for i, word in enumerate(words):
        if word not in part:
            hint = suggestion(word, list(part)) if isinstance(cells[i], str) else ""
            if options.split_column is not None and not hint:
                hint = f"; add --split-values '{word}=test' or similar to define it"
            known = "train, val, test" if not options.split_values else ", ".join(part)
            records.refuse(i, f"split {shown(cells[i])} is none of {known}{hint}")
    return np.array([part[word] for word in words])


def _word(cell: object) -> str:
    # Names of parts are short; a long text is not compared as a whole.
    return str(cell)[:50].strip().lower() if isinstance(cell, str | int | float) else repr(cell)


def _stated_parts(stated: Sequence[str], words: Sequence[str]) -> dict[str, str]:
    part = {}
    for pair in stated:
        value, _, side = pair.rpartition("=")
        part[value.strip().lower()] = side
    if len(set(part.values())) == 1:  # what is not mentioned is the other side
        (side,) = set(part.values())
        part = dict.fromkeys(words, "train" if side == "test" else "test") | part
    return part


def _known_parts(records: Records, column: str, words: Sequence[str]) -> dict[str, str]:
    held = set(words)
    if len(held) != 2 or not held <= {*_TRUE, *_FALSE}:
        return split_parts(words)
    plain = column.strip().lower()
    if plain in TRUE_IS_TEST:
        return dict.fromkeys(_TRUE, "test") | dict.fromkeys(_FALSE, "train")
    if plain in TRUE_IS_TRAIN:
        return dict.fromkeys(_TRUE, "train") | dict.fromkeys(_FALSE, "test")
    low = next((word for word in words if word in _FALSE), "0")
    high = next((word for word in words if word in _TRUE), "1")
    raise UnclearInputError(
        f"{records.header}: column {shown(column)} holds {low} and {high}; which one is the "
        "test part is not clear",
        [
            (f"--split-values {low}=train,{high}=test", f"if {high} is the test part"),
            (f"--split-values {high}=train,{low}=test", f"if {low} is the test part"),
        ],
    )


def is_split_column(cells: Sequence[object]) -> bool:
    """Return whether all cells name parts, training and test images both among them."""
    words = {_word(cell) for cell in cells}
    known = split_parts(words)
    return words <= known.keys() and {known[word] for word in words} == {"train", "test"}
