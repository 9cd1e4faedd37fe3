"""Options of reading label tables."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ...utils import InputError

_CHOICES = {
    "minus_one": ("unknown", "absent", "present"),
    "blank": ("unknown", "absent"),
    "similar_labels": ("merge", "keep"),
}


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """How to read a label table; each field has the name of its option on the command line.

    Options that are not given are derived from the table. If a column is named, columns that are
    not needed are ignored.

    Attributes
    ----------
    image_column : str or None
        The column with the path of each image.
    label_column : str or None
        The column with the labels of each image.
    label_columns : sequence of str
        The 0/1 columns, one per label: names, or patterns such as ``has_*``.
    separator : sequence of str
        Separator of the labels in a cell, for example ``","``; several are all applied. With
        ``"|"`` names that look joined are kept whole. Applies to every format.
    image_root : path or None
        The folder that paths are relative to; by default that of the table.
    image_suffix : str or None
        Suffix to add to image names without one, for example ``".jpg"``.
    split_column : str or None
        The column with the part (train or test) of each image.
    split_values : sequence of str
        Meaning of its values, each as ``value=train`` or ``value=test``.
    min_confidence : float or None
        In long form: rows of lower confidence are ignored.
    minus_one : {"unknown", "absent", "present"} or None
        Meaning of -1 in a 0/1 column.
    blank : {"unknown", "absent"} or None
        Meaning of an empty cell in a 0/1 column; by default unknown.
    similar_labels : {"merge", "keep"} or None
        Whether names that differ in case or spaces only are one label. Applies to every format.
    bit_depth : int or None
        Bits that the values of images with more than 8 bits use, for example 12 for a microscope
        that writes 16-bit files. None derives it from the largest value of each file. Applies to
        every format.

    Raises
    ------
    InputError
        If a value is not one of those above.

    Examples
    --------
    >>> TableOptions(separator=","), TableOptions(separator=[",", ";"]).separator
    (TableOptions(separator=(',',)), (',', ';'))
    """

    image_column: str | None = None
    label_column: str | None = None
    label_columns: Sequence[str] = ()
    separator: Sequence[str] = ()
    image_root: str | Path | None = None
    image_suffix: str | None = None
    split_column: str | None = None
    split_values: Sequence[str] = ()
    min_confidence: float | None = None
    minus_one: str | None = None
    blank: str | None = None
    similar_labels: str | None = None
    bit_depth: int | None = None

    def __post_init__(self) -> None:
        for name in ("label_columns", "separator", "split_values"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        for name, known in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in known:
                choices = f"{', '.join(known[:-1])} or {known[-1]}"
                raise InputError(f"{_option(name)} {value}: unknown; choose {choices}")
        if self.bit_depth is not None and self.bit_depth not in range(8, 17):
            raise InputError(f"--bit-depth {self.bit_depth}: must be from 8 to 16")
        if "" in self.separator:
            raise InputError("--separator: is empty; write the text that joins labels, such as ','")
        if self.label_column is not None and self.label_columns:
            raise InputError(
                "--label-column and --label-columns: a table has one form; give one of the two"
            )
        for pair in self.split_values:
            if pair.rpartition("=")[2] not in ("train", "test") or "=" not in pair:
                raise InputError(
                    f"--split-values {pair}: write value=train or value=test, as in 0=train,1=test"
                )

    def __repr__(self) -> str:
        """Return the options that are given."""
        given = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.given())
        return f"{type(self).__name__}({given})"

    def given(self) -> list[str]:
        """Return the names of the options that are given."""
        return [name for name in NAMES if getattr(self, name) not in (None, ())]

    @property
    def names_columns(self) -> bool:
        """Whether a column is named, so that the others are to be ignored."""
        names = ("image_column", "label_column", "label_columns", "split_column")
        return any(getattr(self, name) for name in names)

    def reading(self) -> dict[str, Any]:
        """Return the options of reading as a dictionary."""
        return {name: getattr(self, name) for name in NAMES}


NAMES = tuple(field.name for field in fields(TableOptions))
"""Names of the options."""

EVERY_FORMAT = ("separator", "similar_labels", "bit_depth")
"""Options that apply to data sets of every format; the others are for tables only."""


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def refuse_for_other_formats(options: TableOptions, place: object, format_name: str) -> None:
    """Refuse options that only label tables have.

    Raises
    ------
    InputError
        If one is given.
    """
    for name in options.given():
        if name not in EVERY_FORMAT:
            raise InputError(
                f"{_option(name)}: is for label tables, and {place} is read as {format_name}; "
                "leave it out, or name the table's file"
            )
