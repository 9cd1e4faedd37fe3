"""What the objects.csv beside a label table says beyond counts: how much is seen of each object."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..tables import OBJECTS, READERS, LabelTable


def visible_share(table: LabelTable) -> NDArray[np.float64] | None:
    """Read how much is seen of the object of each label that is covered least.

    Parameters
    ----------
    table : LabelTable

    Returns
    -------
    array of float, shape (n_images, n_labels), or None
        Between 0 and 1, and NaN where the picture shows no such object; None where no objects.csv
        with numbers in a column `visible` stands beside the table.
    """
    source = Path(table.source).with_name(OBJECTS)
    if table.counts is None or not source.is_file():
        return None
    columns = READERS[".csv"](str(source)).columns
    if not {"image", "label", "visible"} <= columns.keys():
        return None
    row = {image: i for i, image in enumerate(table.images)}
    column = {label: j for j, label in enumerate(table.labels)}
    share = np.full(table.Y.shape, np.nan)
    for image, label, text in zip(
        *(columns[c] for c in ("image", "label", "visible")), strict=True
    ):
        i, j = row.get(image), column.get(label)
        if i is None or j is None:
            continue
        try:
            share[i, j] = np.fmax(share[i, j], float(text))
        except ValueError:
            return None
    return share
