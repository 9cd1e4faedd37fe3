"""Progress of the current step, on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ProgressCallback = Callable[[int, int, str], None]
"""Called with the number of finished parts, their total number and the name of the next part."""


@contextmanager
def show_progress(description: str, *, show: bool = True) -> Iterator[ProgressCallback]:
    """Show the current step and its elapsed time on stderr; nothing if that is no terminal.

    The parts of a step take from milliseconds to minutes, so no rate and no remaining time is
    shown. Only image processing has these, see `catnocat.features.progress_bar`.

    Parameters
    ----------
    description : str
        Name of the step.
    show : bool
        False: show nothing.

    Yields
    ------
    callable
        To be called before each part, if the step has parts.

    Examples
    --------
    >>> with show_progress("methods") as report_progress:
    ...     report_progress(3, 10, "ridge")
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
    # Twice a second: drawing takes time from what is being measured.
    with Progress(
        *columns, console=Console(stderr=True), disable=silent, refresh_per_second=2
    ) as bar:
        task = bar.add_task(description, total=None, part="")

        def report_progress(done: int, total: int, part: str) -> None:
            bar.update(task, completed=done, total=total, part=f"{done + 1}/{total} {part}")

        yield report_progress
        total = bar.tasks[task].total or 1
        bar.update(task, completed=total, total=total, part="")
