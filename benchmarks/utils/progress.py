"""What is being done just now, for who waits before a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, int, str], None]
"""Told how many parts are done, of how many, and which is next."""


@contextmanager
def step(description: str, *, show: bool = True) -> Iterator[Tell]:
    """Show on stderr what is being done and since when; nothing if that is no terminal.

    Parts that take from a moment to minutes have no rate and no time left that could be told: only
    pictures have, see `catnocat.features.progress_bar`.

    Parameters
    ----------
    description : str
        What is being done.
    show : bool
        False shows nothing anywhere.

    Yields
    ------
    callable
        To be told of its parts, where it has some.

    Examples
    --------
    >>> with step("methods") as tell:
    ...     tell(3, 10, "ridge")
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[part]}"),
        TimeElapsedColumn(),
    )
    silent = not (show and sys.stderr.isatty())
    # Twice a second: what is drawn takes time from what is timed.
    with Progress(
        *columns, console=Console(stderr=True), disable=silent, refresh_per_second=2
    ) as bar:
        task = bar.add_task(description, total=None, part="")

        def tell(done: int, total: int, part: str) -> None:
            bar.update(task, completed=done, total=total, part=f"{done + 1}/{total} {part}")

        yield tell
        total = bar.tasks[task].total or 1
        bar.update(task, completed=total, total=total, part="")
