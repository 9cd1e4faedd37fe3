"""Tables in long form: one row per image and label, so that images repeat."""

from collections.abc import Sequence

import numpy as np

from ...utils import UnclearInputError
from .columns import Columns
from .label_cells import MISSING, SEPARATOR, Labels
from .limits import check_label_length, check_label_matrix
from .literals import looks_like_list
from .records import Records, shown


def is_long_form(records: Records, columns: Columns, separators: Sequence[str]) -> bool:
    """Return whether images repeat and each row has one label at most."""
    if columns.labels is None:
        return False
    images = records.columns[columns.image]
    try:
        if len(set(images)) == len(images):
            return False
        cells = set(records.columns[columns.labels])
    except TypeError:  # lists, which long form does not have
        return False
    return all(
        cell is None or (isinstance(cell, str) and _is_one(cell, separators)) for cell in cells
    )


def _is_one(cell: str, separators: Sequence[str]) -> bool:
    joiners = separators or (SEPARATOR,)
    return not any(joiner in cell for joiner in joiners) and not looks_like_list(cell)


def merge_rows(
    records: Records, columns: Columns, min_confidence: float | None
) -> tuple[Records, Labels]:
    """Merge the rows of each image.

    If confidences are only 0 and 1, 0 means that the label is absent, and labels without a row are
    unknown. Otherwise labels without a row are absent.

    Returns
    -------
    records : Records
        The first row of each image.
    labels : Labels

    Raises
    ------
    InputError
        If the rows of an image are in different parts or groups, or confidences need a threshold.
    """
    images = records.columns[columns.image]
    first = {image: i for i, image in reversed(list(enumerate(images)))}
    order = sorted(first.values())
    row_of = {images[i]: row for row, i in enumerate(order)}
    for name in (columns.split, columns.group):
        if name is not None:
            _check_same(records, name, [first[image] for image in images])
    texts = [(cell or "").strip() for cell in records.columns[columns.labels or ""]]
    for text in set(texts):
        check_label_length(records.source, text)
    for i, text in enumerate(texts):
        if text and text.lower() in MISSING:
            records.refuse(
                i, f"{shown(text)} for a label; leave the cell empty for an image without labels"
            )
    confident, verified = _confident(records, columns.confidence, min_confidence)
    names = sorted(set(filter(None, texts)))
    if not names:
        records.refuse_header(f"no image has a label; fill the column {columns.labels!r}")
    check_label_matrix(records.source, len(order), len(names), len(images))
    column_of = {name: j for j, name in enumerate(names)}
    Y = np.zeros((len(order), len(names)), dtype=np.uint8)
    known = np.full(Y.shape, not verified)
    for image, text, yes in zip(images, texts, confident, strict=True):
        if text:
            place = row_of[image], column_of[text]
            Y[place] |= yes
            known[place] = True
    records.note(
        f"read in the long form: {len(images):,} rows, one per image and label, of "
        f"{len(order):,} images" + ("; labels without a row are unknown" if verified else "")
    )
    return records.take(order), Labels(names, Y, known)


def _check_same(records: Records, name: str, first: Sequence[int]) -> None:
    cells = records.columns[name]
    for i, start in enumerate(first):
        if cells[i] != cells[start]:
            records.refuse(
                i,
                f"{name} {shown(cells[i])}, but {shown(cells[start])} for the same image in row "
                f"{records.rows[start]}; give all rows of an image the same {name}",
            )


def _confident(
    records: Records, column: str | None, least: float | None
) -> tuple[list[bool], bool]:
    """Return which rows assign a label, and whether the other rows mean that it is absent."""
    if column is None:
        return [True] * len(records.rows), False
    values = []
    for i, cell in enumerate(records.columns[column]):
        try:
            values.append(float(cell))
        except (TypeError, ValueError):
            records.refuse(i, f"{column} {shown(cell)} is not a number; correct it")
    if least is not None:
        return [value >= least for value in values], False
    if set(values) <= {0.0, 1.0}:
        return [value == 1 for value in values], 0.0 in values
    raise UnclearInputError(
        f"{records.header}: column {shown(column)} holds confidences from {min(values):g} to "
        f"{max(values):g}",
        [
            ("--min-confidence 0.5", "to count the rows from 0.5 on"),
            ("--min-confidence 0", "to count all rows"),
        ],
    )
