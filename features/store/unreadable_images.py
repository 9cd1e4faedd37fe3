"""Pictures that cannot be read, remembered so that nobody tries again in vain.

``<check>.bad`` is JSON, the digest of each picture with the reason; `<check>` is the beginning of
the sha256 of the file itself, so that damage shows and the same news is written once.
"""

import hashlib
import json
from pathlib import Path

from ..utils import write_whole


def write_failures(folder: Path, failures: dict[bytes, str]) -> Path:
    """Note for good which pictures cannot be read."""
    text = json.dumps({digest.hex(): failures[digest] for digest in sorted(failures)}, indent=1)
    path = folder / f"{_check(text.encode())}.bad"
    write_whole(path, text.encode())
    return path


def read_failures(path: Path) -> dict[bytes, str] | None:
    """Read a ``.bad``; None when it is damaged."""
    content = path.read_bytes()
    if _check(content) != path.stem:
        return None
    try:
        known = json.loads(content)
        return {bytes.fromhex(digest): str(reason) for digest, reason in known.items()}
    except (ValueError, AttributeError):
        return None


def _check(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
