"""Reading the cells of a Parquet file."""

from pathlib import Path

from ..errors import InputError
from .records import Records, shown


def read_parquet_records(source: str) -> Records:
    """Read a Parquet file; its first record is row 1.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or is not Parquet.
    """
    import pyarrow as pa  # slow to import, and of use for this format only
    import pyarrow.parquet as pq

    try:
        with Path(source).open("rb") as file:
            table = pq.ParquetFile(file).read()
    except FileNotFoundError:
        raise InputError(f"{source}: no such file") from None
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{source}: not a readable Parquet file ({reason})") from None
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from None
    if not table.num_rows:
        raise InputError(f"{source}: the table has no rows; write one per picture")
    names = list(map(str, table.column_names))
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"{source}: two columns are named {shown(name)}; rename or remove one of them"
            )
    columns = {
        name: table.column(name).to_pylist()
        for name in names
        if not name.startswith("__index_level_")  # where pandas keeps the index of a frame
    }
    return Records(source, columns, range(1, table.num_rows + 1), header_row=0)
