"""Record images that cannot be read, so that later runs do not try them again.

``<check>.bad`` is JSON: the digest and the reason of each image. `<check>` is the start of the
sha256 of the file, which detects damage and prevents duplicate files.
"""

import hashlib
import json
from pathlib import Path

from ..utils import write_whole


def write_failures(folder: Path, failures: dict[bytes, str]) -> Path:
    """Write a file with the digests of unreadable images and the reasons; return its path."""
    text = json.dumps({digest.hex(): failures[digest] for digest in sorted(failures)}, indent=1)
    path = folder / f"{_check(text.encode())}.bad"
    write_whole(path, text.encode())
    return path


def read_failures(path: Path) -> dict[bytes, str] | None:
    """Read a ``.bad`` file; return None if it is damaged."""
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
