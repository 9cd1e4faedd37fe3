"""Reading the bytes and the text of a table file."""

import gzip
import zlib
from pathlib import Path

from ...utils import InputError


def read_bytes(source: str) -> bytes:
    """Read a file, unpacked if its name ends in .gz.

    Raises
    ------
    InputError
        If it is not there or cannot be read.
    """
    try:
        content = Path(source).read_bytes()
        return gzip.decompress(content) if source.lower().endswith(".gz") else content
    except FileNotFoundError:
        raise InputError(f"{source}: no such file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{source}: not a whole .gz file; fetch or pack it again") from None
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from None


def read_text(source: str) -> str:
    """Read a UTF-8 file, with or without a byte order mark.

    Raises
    ------
    InputError
        If the file cannot be read, or is not UTF-8: says which row, and which byte of it.
    """
    content = read_bytes(source)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The positions are those of the bytes after a byte order mark.
        before = content[len(content) - len(error.object) :][: error.start]
        lines = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        raise InputError(
            f"{source} row {len(lines)}: byte {len(lines[-1]) + 1} of the row "
            f"(0x{error.object[error.start]:02x}) is not UTF-8; save the file as UTF-8"
        ) from None
