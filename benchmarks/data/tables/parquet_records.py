"""Reading the cells of a Parquet file."""

from ...utils import InputError
from .records import Records, shown
from .text import read_bytes


def read_parquet_records(source: str) -> Records:
    """Read a Parquet file; its first record is row 1.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or is not Parquet.
    """
    import pyarrow as pa  # slow to import, and of use for this format only
    import pyarrow.parquet as pq

    content = read_bytes(source)
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read()
        names = list(map(str, table.column_names))
        columns = [column.to_pylist() for column in table.columns]
    except (pa.ArrowException, OSError, ValueError) as error:  # all three come out of broken files
        reason = " ".join(str(error).split())
        raise InputError(f"{source}: not a readable Parquet file ({reason})") from None
    if not table.num_rows:
        raise InputError(f"{source}: the table has no rows; write one per picture")
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"{source}: two columns are named {shown(name)}; rename or remove one of them"
            )
    cells = {
        name: column
        for name, column in zip(names, columns, strict=True)
        if not name.startswith("__index_level_")  # where pandas keeps the index of a frame
    }
    return Records(source, cells, range(1, table.num_rows + 1))
