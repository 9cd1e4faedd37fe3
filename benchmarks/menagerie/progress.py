"""A progress bar for the person at the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(what: str, total: int, *, show: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr, if that is a terminal; give what moves it on by so many.

    Examples
    --------
    >>> with progress_bar("drawing", 3, show=False) as advance:
    ...     advance(3)
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    silent = not (show and console.is_terminal)
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=silent) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
