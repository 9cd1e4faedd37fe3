"""Progress bar on the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called with the number of finished images and the total, from one thread only.
Progress = Callable[[int, int], None]


@contextmanager
def progress_bar(description: str, *, show: bool = True) -> Iterator[Progress]:
    """Show a progress bar with rate and remaining time on stderr, if it is a terminal.

    Parameters
    ----------
    description : str
        Text in front of the bar.
    show : bool
        If False, show nothing.

    Yields
    ------
    callable
        Value for the parameter `progress` of `extract_features`.

    Examples
    --------
    >>> from catnocat.features import progress_bar
    >>> with progress_bar("features") as progress:
    ...     progress(3, 10)
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            rate = task.finished_speed or task.speed
            return Text(f"{rate:,.0f}/s" if rate else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    silent = not (show and sys.stderr.isatty())
    with Bar(*columns, console=Console(stderr=True), disable=silent) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
