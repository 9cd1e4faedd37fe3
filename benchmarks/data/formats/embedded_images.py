"""Pictures that lie inside a data set's file."""

import hashlib
import os
from pathlib import Path
from typing import Any

from ....features import cache_folder
from ...utils import InputError

_SUFFIX_OF = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"GI": ".gif", b"RI": ".webp", b"BM": ".bmp"}


def keep_image(where: str, root: Path, cell: Any) -> str:
    """Give the path of a cell's picture, relative to the root where it lies below it.

    Bytes are written into the cache folder under their sha256, once.

    Raises
    ------
    InputError
        If the cell holds neither bytes nor a path.
    """
    content, path = (
        (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (None, cell)
    )
    if content is None:
        if not isinstance(path, str) or not path:
            raise InputError(f"{where}: no picture; it holds neither bytes nor a path")
        return path
    digest = hashlib.sha256(content).hexdigest()
    suffix = _SUFFIX_OF.get(content[:2], ".img")
    file = cache_folder() / "pictures" / digest[:2] / (digest + suffix)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(content)
        partial.replace(file)
    return str(file)
