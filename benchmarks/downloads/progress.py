"""How much of a file has come, on the terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .fetch import Progress


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
