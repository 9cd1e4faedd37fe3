"""Reading a label table from a file."""

import os
from collections.abc import Callable
from pathlib import Path

from ..errors import InputError
from .assemble import assemble
from .csv_records import read_csv_records
from .jsonl_records import read_jsonl_records
from .label_table import LabelTable
from .objects import with_object_counts
from .parquet_records import read_parquet_records
from .records import Records

READERS: dict[str, Callable[[str], Records]] = {
    ".csv": read_csv_records,
    ".jsonl": read_jsonl_records,
    ".ndjson": read_jsonl_records,
    ".parquet": read_parquet_records,
}
"""How the file of each suffix is read."""


def read_label_table(path: str | os.PathLike[str]) -> LabelTable:
    r"""Read a label table: CSV, JSON Lines or Parquet, told apart by the file's suffix.

    The column `image` names each picture, relative to the table's folder. The labels stand either
    in one column `labels`, joined by ``|`` (empty: no label; JSON Lines and Parquet also take a
    list), or in one 0/1 column per label (empty: unknown). `split` and `group` are optional. Where
    an ``objects.csv`` with `image` and `label` stands beside the table, its rows are counted.
    The full contract is in ``docs/label-tables.md``.

    Parameters
    ----------
    path : path-like
        The table.

    Returns
    -------
    LabelTable
        One entry per row. Its name is the file's, or the folder's where the file is called labels.

    Raises
    ------
    InputError
        If the table cannot be used: one line that names the file, the row and what to do. A missing
        picture is not such a fault, unless all are missing.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.jpg").touch()
    >>> _ = (folder / "pets.csv").write_text("image,labels\na.jpg,cat|dog\nb.jpg,\n")
    >>> table = read_label_table(folder / "pets.csv")
    >>> table
    LabelTable('pets': 2 images, 2 labels)
    >>> table.labels
    ('cat', 'dog')
    >>> table.Y.tolist()
    [[1, 1], [0, 0]]
    """
    source = os.fspath(path)
    reader = READERS.get(Path(source).suffix.lower())
    if reader is None:
        raise InputError(
            f"{source}: not a label table by its name; the suffix must be one of "
            + ", ".join(READERS)
        )
    return with_object_counts(assemble(reader(source)))
