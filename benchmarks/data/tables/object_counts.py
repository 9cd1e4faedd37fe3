"""How many objects of each label a picture shows, from the objects.csv beside a label table."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ...utils import InputError
from .csv_records import read_csv_records
from .label_table import LabelTable

OBJECTS = "objects.csv"
"""The file's name; one row per object, of which the columns `image` and `label` are read."""


def with_object_counts(table: LabelTable) -> LabelTable:
    """Add the counts of the objects.csv beside a label table, if one is there.

    Objects of pictures and labels that the table leaves out are passed over, and so is a file
    without the two columns.

    Raises
    ------
    InputError
        If the two files contradict one another.
    """
    source = Path(table.source).with_name(OBJECTS)
    if source == Path(table.source) or not source.is_file():
        return table
    records = read_csv_records(str(source))
    if not {"image", "label"} <= records.columns.keys():
        return table
    row = {image: i for i, image in enumerate(table.images)}
    column = {label: j for j, label in enumerate(table.labels)}
    counts = np.zeros(table.Y.shape, dtype=np.int64)
    for k, (image, label) in enumerate(
        zip(records.columns["image"], records.columns["label"], strict=True)
    ):
        i, j = row.get(image), column.get(label)
        if i is None or j is None:
            continue
        if table.known[i, j] and not table.Y[i, j]:
            records.refuse(k, f"{label!r} is not a label of {image!r} in {table.source}")
        counts[i, j] += 1
    missing = np.argwhere((table.Y == 1) & (counts == 0))
    if missing.size:
        i, j = missing[0]
        raise InputError(
            f"{table.where(i)}: label {table.labels[j]!r} has no object in {source}; add it, or "
            "take that file away"
        )
    return replace(table, counts=counts)
