"""The pictures that a table names, whatever else it says of them."""

import os

from ...utils import announce
from .columns import image_column
from .image_cells import read_images
from .read import read_records
from .reading_options import TableOptions


def read_images_named(
    path: str | os.PathLike[str], options: TableOptions | None = None
) -> tuple[list[str], list[str]]:
    r"""Read the column `image` of a table, which need not have labels.

    Parameters
    ----------
    path : path-like
        CSV, JSON Lines or Parquet, as for `read_label_table`.
    options : TableOptions, optional
        How to find the images, where the table leaves it open.

    Returns
    -------
    images, paths : list of str
        The names as the table gives them, and the absolute paths.

    Raises
    ------
    InputError
        If it cannot be read, or names no pictures.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.jpg").touch()
    >>> _ = (folder / "new.csv").write_text("image,taken\na.jpg,2026-11-24\n")
    >>> read_images_named(folder / "new.csv")[0]
    ['a.jpg']
    """
    source = os.fspath(path)
    options = options or TableOptions()
    records = read_records(source)
    column = image_column(records, options)
    cells = records.columns[column]
    if all(isinstance(cell, str) for cell in cells) and len(set(cells)) < len(cells):
        first = {cell: i for i, cell in reversed(list(enumerate(cells)))}
        records = records.take(sorted(first.values()))
        records.note(f"images repeat: {len(cells):,} rows, {len(first):,} images")
    images, paths = read_images(records, column, options)
    announce(records.notes)
    return images, paths
