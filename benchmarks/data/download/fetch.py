"""Fetching one large file over an unreliable line.

torchvision's downloader, and pooch as well, begin anew after every interruption, wait for ever on a
line that is silent (torchvision), and try plain http when https fails (torchvision).
"""

import hashlib
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from ...utils import InputError
from .catalogue import Archive

Progress = Callable[[int, int], None]
"""Called with the numbers of bytes that are there and of all."""

_CHUNK = 1 << 18


def fetch(
    archive: Archive,
    folder: Path,
    *,
    progress: Progress | None = None,
    timeout: float = 30.0,
    attempts: int = 5,
    pause: float = 1.0,
) -> Path:
    """Fetch a file, going on where an earlier attempt, or an earlier run, stopped.

    Parameters
    ----------
    archive : Archive
    folder : Path
        Where the file is put; until it is whole it is called ``NAME.partial``.
    progress : callable, optional
    timeout : float
        Seconds of silence after which an attempt is given up.
    attempts : int
        How many attempts in a row may bring nothing.
    pause : float
        Seconds before the second attempt; each further one waits twice as long.

    Returns
    -------
    Path
        The whole file. One that is there already is only checked.

    Raises
    ------
    InputError
        If the file cannot be had, or is not the right one; a wrong file is removed.
    """
    target = folder / archive.name
    if target.exists():
        _check(archive, target)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    failed = 0
    while (before := _size(partial)) < archive.size:
        try:
            _continue(archive, partial, timeout, progress)
            reason = "the connection ended early"
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"the server says {error.code} {error.reason}"
            if 400 <= error.code < 500 and error.code not in (408, 416, 429):
                raise InputError(f"{archive.url}: cannot be fetched ({reason})") from None
        except urllib.error.URLError as error:
            reason = str(getattr(error.reason, "strerror", None) or error.reason)
        except (OSError, HTTPException) as error:
            reason = "the line fell silent" if isinstance(error, TimeoutError) else str(error)
        failed = 0 if _size(partial) > before else failed + 1
        if failed == attempts:
            raise InputError(f"{archive.url}: cannot be fetched ({reason})")
        if failed:
            time.sleep(pause * 2 ** (failed - 1))
    _check(archive, partial)
    partial.replace(target)
    return target


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _continue(archive: Archive, partial: Path, timeout: float, progress: Progress | None) -> None:
    start = _size(partial)
    headers = {"User-Agent": "catnocat", "Range": f"bytes={start}-"}
    request = urllib.request.Request(archive.url, headers=headers)
    with urllib.request.urlopen(request, timeout=timeout) as response:
        if not _starts_at(response, start):
            start = 0  # a server that knows no ranges sends the whole file
        with partial.open("r+b" if partial.exists() else "wb") as file:
            file.truncate(start)
            file.seek(start)
            # read1 gives what has come, so that a line that falls silent loses none of it.
            while chunk := response.read1(_CHUNK):
                file.write(chunk)
                if progress is not None:
                    progress(file.tell(), archive.size)
                if file.tell() > archive.size:
                    return


def _starts_at(response: HTTPResponse, start: int) -> bool:
    given = response.headers.get("Content-Range", "")
    return response.status == 206 and given.startswith(f"bytes {start}-")


def _check(archive: Archive, file: Path) -> None:
    with file.open("rb") as opened:
        md5 = hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if md5 != archive.md5:
        size = _size(file)
        file.unlink()
        raise InputError(
            f"{file}: not the file that {archive.url} should be (md5 {md5} instead of "
            f"{archive.md5}, {size} of {archive.size} bytes); it was removed, so run again"
        )


@contextmanager
def download_bar(description: str) -> Iterator[Progress]:
    """Show a bar with bytes, rate and time left on stderr; nothing if that is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
