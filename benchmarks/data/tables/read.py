"""Reading a label table from a file."""

import os
from collections.abc import Callable
from pathlib import Path

from ...utils import InputError
from .assemble import assemble, in_lower_case
from .csv_records import read_csv_records
from .jsonl_records import read_jsonl_records
from .label_table import LabelTable
from .object_counts import with_object_counts
from .parquet_records import read_parquet_records
from .reading_options import TableOptions
from .records import Records

READERS: dict[str, Callable[[str], Records]] = {
    ".csv": read_csv_records,
    ".tsv": read_csv_records,
    ".csv.gz": read_csv_records,
    ".jsonl": read_jsonl_records,
    ".ndjson": read_jsonl_records,
    ".parquet": read_parquet_records,
}
"""How the file of each suffix is read."""

_ADVICE = dict.fromkeys((".xlsx", ".xls", ".ods"), "save it as CSV (UTF-8)") | dict.fromkeys(
    (".zip", ".gz", ".7z", ".tar.gz", ".jsonl.gz"), "unpack it first"
)


def read_label_table(
    path: str | os.PathLike[str],
    options: TableOptions | None = None,
    *,
    needs_split: bool = True,
) -> LabelTable:
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
    options : TableOptions, optional
        How to read it, where that is not found in the table.
    needs_split : bool, default=True
        Refuse a split without training or without test images; otherwise it is left out.

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
    return with_object_counts(assemble(read_records(source), options, needs_split=needs_split))


def is_table_name(path: Path) -> bool:
    """Return whether a file is a table by its name."""
    return _suffix(path) in READERS


def read_records(source: str) -> Records:
    """Read the cells of a table, in the format that its suffix names.

    Raises
    ------
    InputError
        If the suffix is of no table, or the file cannot be read.
    """
    suffix = _suffix(Path(source))
    if suffix not in READERS:
        advice = _ADVICE.get(suffix) or "the suffix must be one of " + ", ".join(READERS)
        raise InputError(f"{source}: not a label table by its name; {advice}")
    return in_lower_case(READERS[suffix](source))


def _suffix(path: Path) -> str:
    last = path.suffix.lower()
    return path.with_suffix("").suffix.lower() + last if last == ".gz" else last
