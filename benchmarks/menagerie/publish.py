"""A folder that is whole or not there."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError
from .papers import digest_in

__all__ = ["is_whole", "published"]


def is_whole(out: Path, digest: str) -> bool:
    """Tell whether these scenes are there already.

    Raises
    ------
    InputError
        If anything else is there.
    """
    if digest_in(out) == digest:
        return True
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"{out}: is there already and does not hold these scenes; "
            "choose another folder or remove it"
        )
    return False


@contextmanager
def published(out: Path, digest: str) -> Iterator[Path]:
    """Give a folder to write into, which becomes `out` when the block ends well.

    A block that fails leaves nothing; a process that is killed leaves a hidden folder that nobody
    takes for scenes. Of two processes that are at it at once, the first wins.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    # A neighbour of `out`, so that the last step is a mere renaming.
    partial = out.with_name(f".{out.name}.{uuid.uuid4().hex}.partial")
    try:
        partial.mkdir(parents=True)
        yield partial
        try:
            partial.rename(out)
        except OSError:
            if not is_whole(out, digest):
                raise
    except OSError as error:
        raise InputError(
            f"{out}: the scenes cannot be written there ({error.strerror or error}); "
            "choose another folder or make room"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
