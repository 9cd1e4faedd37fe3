"""The pictures that a table names, whatever else it says of them."""

import os

from .image_cells import read_images
from .read import read_records


def read_pictures_named(path: str | os.PathLike[str]) -> tuple[list[str], list[str]]:
    r"""Read the column `image` of a table, which need not have labels.

    Parameters
    ----------
    path : path-like
        CSV, JSON Lines or Parquet, as for `read_label_table`.

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
    >>> read_pictures_named(folder / "new.csv")[0]
    ['a.jpg']
    """
    source = os.fspath(path)
    records = read_records(source)
    if "image" not in records.columns:
        records.refuse_header("no column 'image'; it names the picture of each row")
    return read_images(records, "image")
