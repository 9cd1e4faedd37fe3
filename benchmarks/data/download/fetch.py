"""Download of one large file over an unreliable connection.

The downloaders of pooch and torchvision restart from the beginning after an interruption: they
write to a temporary file and send no Range header. An interrupted download of 19 GB must resume.
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
"""Callback with the number of bytes downloaded and the total."""

_CHUNK_BYTES = 1 << 18


def fetch(
    archive: Archive,
    folder: Path,
    *,
    progress: Progress | None = None,
    timeout: float = 30.0,
    attempts: int = 5,
    pause: float = 1.0,
) -> Path:
    """Download a file; resume where an earlier attempt or an earlier run stopped.

    Parameters
    ----------
    archive : Archive
    folder : Path
        Target folder. Until the file is complete it is called ``NAME.partial``.
    progress : callable, optional
    timeout : float
        Seconds without data after which an attempt is aborted.
    attempts : int
        Maximum number of consecutive attempts without new data.
    pause : float
        Seconds before the second attempt; doubled before each further one.

    Returns
    -------
    Path
        The complete file. An existing file is only verified.

    Raises
    ------
    InputError
        If the file cannot be downloaded or its checksum is wrong; a wrong file is deleted.
    """
    target = folder / archive.name
    if target.exists():
        _verify(archive, target)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    failures = 0
    while (before := _size(partial)) < archive.size:
        try:
            _resume(archive, partial, timeout, progress)
            reason = "the connection ended early"
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"the server responded {error.code} {error.reason}"
            if 400 <= error.code < 500 and error.code not in (408, 416, 429):
                raise InputError(f"{archive.url}: cannot be downloaded ({reason})") from None
        except urllib.error.URLError as error:
            reason = str(getattr(error.reason, "strerror", None) or error.reason)
        except (OSError, HTTPException) as error:
            reason = "the connection timed out" if isinstance(error, TimeoutError) else str(error)
        failures = 0 if _size(partial) > before else failures + 1
        if failures == attempts:
            raise InputError(f"{archive.url}: cannot be downloaded ({reason})")
        if failures:
            time.sleep(pause * 2 ** (failures - 1))
    _verify(archive, partial)
    partial.replace(target)
    return target


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _resume(archive: Archive, partial: Path, timeout: float, progress: Progress | None) -> None:
    start = _size(partial)
    headers = {"User-Agent": "catnocat", "Range": f"bytes={start}-"}
    request = urllib.request.Request(archive.url, headers=headers)
    with urllib.request.urlopen(request, timeout=timeout) as response:
        if not _starts_at(response, start):
            start = 0  # the server does not support ranges and sends the whole file
        with partial.open("r+b" if partial.exists() else "wb") as file:
            file.truncate(start)
            file.seek(start)
            # read1 returns the bytes received so far, so that a timeout loses none of them.
            while chunk := response.read1(_CHUNK_BYTES):
                file.write(chunk)
                if progress is not None:
                    progress(file.tell(), archive.size)
                if file.tell() > archive.size:
                    return


def _starts_at(response: HTTPResponse, start: int) -> bool:
    content_range = response.headers.get("Content-Range", "")
    return response.status == 206 and content_range.startswith(f"bytes {start}-")


def _verify(archive: Archive, file: Path) -> None:
    with file.open("rb") as opened:
        md5 = hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if md5 != archive.md5:
        size = _size(file)
        file.unlink()
        raise InputError(
            f"{file}: does not have the checksum of {archive.url} (md5 {md5} instead of "
            f"{archive.md5}, {size} of {archive.size} bytes); it was deleted; run the command again"
        )


@contextmanager
def download_bar(description: str) -> Iterator[Progress]:
    """Show a progress bar on stderr if that is a terminal; yield its callback."""
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
