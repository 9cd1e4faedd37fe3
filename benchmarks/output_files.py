"""What is written for people and programs to read: whole, whatever files are called."""

import json
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    r"""Write UTF-8.

    A file's name need not be UTF-8: what is none of it in there stands as ``\udce9`` and the like,
    which JSON reads back as the same name.

    Examples
    --------
    >>> import json, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "names.json"
    >>> write_json(path, ["caf\udce9.jpg", "café.jpg"])
    >>> json.loads(path.read_text("utf-8")) == ["caf\udce9.jpg", "café.jpg"]
    True
    """
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write JSON's own values in UTF-8; NaN is none of them."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
