"""CSV files whose first row is not a header but an image."""

from collections.abc import Sequence

from ...utils import InputError
from .find_images import has_image_suffix
from .label_cells import flag_share
from .records import Records, shown
from .split import is_split_column


def without_header(source: str, cells: Sequence[Sequence[str]], rows: Sequence[int]) -> Records:
    """Return the records of a file without a header: an image, its labels and perhaps its part.

    Raises
    ------
    InputError
        If there are other columns, which need names.
    """
    width = len(cells[0])
    columns = [[record[j] for record in cells] for j in range(width)]
    image = next(j for j, cell in enumerate(cells[0]) if has_image_suffix(cell))
    rest = [j for j in range(width) if j != image]
    split = next((j for j in rest if is_split_column(columns[j])), None)
    labels = [j for j in rest if j != split]
    if len(labels) != 1 or flag_share(columns[labels[0]]) == 1:
        raise InputError(
            f"{source} row {rows[0]}: no header, since {shown(cells[0][image])} is an image; "
            "add a first row that names the columns, such as image,labels"
        )
    named = {"image": columns[image], "labels": columns[labels[0]]}
    if split is not None:
        named["split"] = columns[split]
    records = Records(source, named, rows)
    records.note(f"there is no header; the columns are read as {', '.join(named)}")
    return records
